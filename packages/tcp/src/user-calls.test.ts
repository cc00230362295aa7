/** OPEN, SEND, RECEIVE, CLOSE, ABORT. */

import { describe, expect, test } from 'vitest';
import { at, type Script, script, until } from '../test/script.ts';
import { ack, data, fin, synAck } from '../test/segments.ts';
import {
  closed,
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  synReceived,
  synSent,
  timeWait,
} from '../test/states.ts';
import type { TcpState } from './state.ts';
import { canSend, isWritable } from './user-calls.ts';

/** State, builder, whether SEND is allowed, whether ABORT sends a reset (RFC 9293 §3.10.2, §3.10.5), after CLOSE. */
const STATES: readonly [TcpState, () => Script, boolean, boolean, TcpState][] = [
  ['SYN-SENT', synSent, true, false, 'CLOSED'],
  ['SYN-RECEIVED', synReceived, true, true, 'SYN-RECEIVED'],
  ['ESTABLISHED', established, true, true, 'FIN-WAIT-1'],
  ['FIN-WAIT-1', finWait1, false, true, 'FIN-WAIT-1'],
  ['FIN-WAIT-2', finWait2, false, true, 'FIN-WAIT-2'],
  ['CLOSE-WAIT', closeWait, true, true, 'LAST-ACK'],
  ['CLOSING', closing, false, false, 'CLOSING'],
  ['LAST-ACK', lastAck, false, false, 'LAST-ACK'],
  ['TIME-WAIT', timeWait, false, false, 'TIME-WAIT'],
  ['CLOSED', closed, false, false, 'CLOSED'],
];

describe('in every state', () => {
  test.each(STATES)('%s: whether SEND is allowed (§3.10.2)', (_, build, sendAllowed) => {
    expect(canSend(build().tcb)).toBe(sendAllowed);
  });

  test.each(STATES)(
    '%s: ABORT ends at once, holds nothing, and says whether a reset is due (§3.10.5)',
    (_, build, _send, tellPeer) => {
      const t = build();
      expect(t.abort()).toBe(tellPeer);
      t.expectSilence(until(200_000));
      expect(t.tcb.state).toBe('CLOSED');
      expect(t.pool.stats().lent).toBe(0);
    },
  );

  test.each(STATES)('%s: where CLOSE leads (§3.10.4)', (_, build, _send, _tell, after) => {
    const t = build().close().ignore();
    expect(t.tcb.state).toBe(after);
    t.close().close();
    expect(t.tcb.state).toBe(after);
  });
});

describe('SEND and RECEIVE', () => {
  test('SEND takes what fits; the rest is for later', () => {
    const t = established({ sendBufferBytes: 1000 });
    expect(t.write(600)).toBe(600);
    expect(isWritable(t.tcb)).toBe(true);
    expect(t.write(600)).toBe(400);
    expect(isWritable(t.tcb)).toBe(false);
    t.ignore();
  });

  test('SEND after CLOSE was called early in SYN-RECEIVED is not allowed', () => {
    expect(canSend(synReceived().close().tcb)).toBe(false);
  });

  test('ABORT with data on both sides gives all memory back', () => {
    const t = established();
    t.write(5000);
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    t.inject(at(0), data({ seq: 201, ack: 1, len: 100 })).ignore();
    expect(t.pool.stats().lent).toBeGreaterThan(0);
    expect(t.abort()).toBe(true);
    expect(t.pool.stats().lent).toBe(0);
    expect(t.read()).toBe(0);
  });

  test('an idle connection holds no buffer', () => {
    const t = established();
    t.write(1000);
    t.ignore();
    t.inject(at(0), ack({ seq: 1, ack: 1001 }));
    t.inject(at(0), data({ seq: 1, ack: 1001, len: 500 })).ignore();
    expect(t.read()).toBe(500);
    expect(t.pool.stats().lent).toBe(0);
  });

  test('what waits out of order stays while the buffer before it is emptied', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 10 }));
    t.inject(at(0), data({ seq: 21, ack: 1, len: 10 })).ignore();
    expect(t.read()).toBe(10);
    t.inject(at(0), data({ seq: 11, ack: 1, len: 10 })).ignore();
    expect(t.read()).toBe(20);
  });

  test('data queued before CLOSE is delivered before the FIN (§3.6)', () => {
    const t = script({ sendBufferBytes: 20_000 }).connect();
    t.write(20_000);
    t.ignore();
    t.inject(at(0), synAck({ ack: 1, mss: 1460, win: 5000 }));
    t.close();
    let sent = t.take();
    for (let i = 0; i < 20 && sent.at(-1)?.flags !== fin().flags; i++) {
      const last = sent.at(-1);
      t.inject(at(0), ack({ seq: 1, ack: (last?.seq ?? 0) + (last?.len ?? 0), win: 5000 }));
      sent = t.take();
    }
    expect(sent.at(-1)).toMatchObject({ flags: fin().flags });
    expect((sent.at(-1)?.seq ?? 0) + (sent.at(-1)?.len ?? 0)).toBe(20_001);
  });
});
