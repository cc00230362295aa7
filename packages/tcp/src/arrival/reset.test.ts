/** The RST bit in the synchronized states. */

import { describe, expect, test } from 'vitest';
import { at, type Script, until } from '../../test/script.ts';
import { ack, data, rst, rstAck } from '../../test/segments.ts';
import {
  closeWait,
  closing,
  established,
  finWait1,
  finWait2,
  lastAck,
  type PeerOptions,
  timeWait,
} from '../../test/states.ts';
import type { TcpError } from '../tcb.ts';

type Builder = (options?: PeerOptions) => Script;

/** State, builder, RCV.NXT, SND.NXT, and the error that a reset means. */
const STATES: readonly [string, Builder, number, number, TcpError][] = [
  ['ESTABLISHED', established, 1, 1, 'ECONNRESET'],
  ['FIN-WAIT-1', finWait1, 1, 2, 'ECONNRESET'],
  ['FIN-WAIT-2', finWait2, 1, 2, 'ECONNRESET'],
  ['CLOSE-WAIT', closeWait, 2, 1, 'EPIPE'],
  ['CLOSING', closing, 2, 2, ''],
  ['LAST-ACK', lastAck, 2, 2, ''],
  ['TIME-WAIT', timeWait, 2, 2, ''],
];

describe('the RST bit (RFC 9293 §3.10.7.4 second check; RFC 5961 §3.2)', () => {
  test.each(STATES)('%s: a reset at RCV.NXT ends the connection', (_, build, rcvNxt, _sndNxt, error) => {
    const t = build();
    t.inject(at(0), rst({ seq: rcvNxt }));
    t.expectSilence(until(200_000));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe(error);
    expect(t.counters.resetsReceived).toBe(1);
    expect(t.pool.stats().lent).toBe(0);
  });

  test.each(STATES)(
    '%s: a reset elsewhere in the window is challenged and changes nothing',
    (state, build, rcvNxt, sndNxt) => {
      const t = build();
      t.inject(at(0), rst({ seq: rcvNxt + 1 }));
      t.expect(at(0), ack({ seq: sndNxt, ack: rcvNxt }));
      expect(t.tcb.state).toBe(state);
      t.ignore();
    },
  );

  test.each(STATES)('%s: a reset outside of the window is dropped in silence', (state, build, rcvNxt) => {
    const t = build({ loose: true });
    t.inject(at(0), rst({ seq: rcvNxt - 1 }));
    t.inject(at(0), rst({ seq: rcvNxt + 1_000_000 }));
    t.expectSilence(until(0));
    expect(t.tcb.state).toBe(state);
    expect(t.counters.unacceptableSegments).toBe(2);
  });

  test('the ACK field of a reset is not looked at', () => {
    const t = established();
    t.inject(at(0), rstAck({ seq: 1, ack: 12_345 }));
    expect(t.tcb.state).toBe('CLOSED');
  });

  test('a reset is obeyed while our window is zero [MUST-66]', () => {
    const t = established({ receiveBufferBytes: 100 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 }));
    t.expect(at(0), ack({ seq: 1, ack: 101, win: 0 }));
    t.inject(at(0), rst({ seq: 101 }));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.read()).toBe(100);
    expect(t.pool.stats().lent).toBe(0);
  });

  test('so is one with text, which finds no window [MUST-66] [SHLD-2]', () => {
    const t = established({ receiveBufferBytes: 100 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 })).ignore();
    t.inject(at(0), rst({ seq: 101, len: 5 }));
    expect(t.tcb.state).toBe('CLOSED');
    t.expectSilence(until(1000));
  });

  test('one with text and another number than RCV.NXT is not even challenged then', () => {
    const t = established({ receiveBufferBytes: 100 });
    t.inject(at(0), data({ seq: 1, ack: 1, len: 100 })).ignore();
    for (const seq of [100, 102]) t.inject(at(0), rst({ seq, len: 5 }));
    expect(t.tcb.state).toBe('ESTABLISHED');
    expect(t.counters.challengeAcks).toBe(0);
  });

  test.each([
    [false, 'CLOSED', 0, 1],
    [true, 'TIME-WAIT', 1, 0],
  ])('in TIME-WAIT with rfc1337 %s: %s (RFC 1337 §3 F1)', (rfc1337, state, timeWaitResets, resetsReceived) => {
    const t = timeWait({ rfc1337 });
    t.inject(at(10), rst({ seq: 2 }));
    expect(t.tcb.state).toBe(state);
    expect(t.counters).toMatchObject({ timeWaitResets, resetsReceived });
    t.expectSilence(until(59_999));
    expect(t.tcb.state).toBe(state);
    expect(t.wait(at(60_000)).tcb.state).toBe('CLOSED');
  });

  test('elsewhere rfc1337 changes nothing', () => {
    const t = established({ rfc1337: true });
    t.inject(at(0), rst({ seq: 1 }));
    expect(t.tcb.state).toBe('CLOSED');
  });

  test('challenge ACKs are at least 500 ms apart (RFC 5961 §7)', () => {
    const t = established();
    t.inject(at(0), rst({ seq: 2 }));
    t.expect(at(0), ack({ seq: 1, ack: 1 }));
    t.inject(at(499), rst({ seq: 2 }));
    t.expectSilence(until(499));
    t.inject(at(500), rst({ seq: 2 }));
    t.expect(at(500), ack({ seq: 1, ack: 1 }));
    expect(t.counters.challengeAcks).toBe(2);
  });

  test('a reset may carry text (§3.5.3) [SHLD-2]', () => {
    const t = established();
    t.inject(at(0), rst({ seq: 1, len: 20 }));
    expect(t.tcb.state).toBe('CLOSED');
  });

  test('what waited out of order goes with it, and so does its memory', () => {
    const t = established();
    t.inject(at(0), data({ seq: 101, ack: 1, len: 50 }));
    t.expect(at(0), ack({ seq: 1, ack: 1 }));
    t.inject(at(0), rst({ seq: 1 }));
    expect(t.pool.stats().lent).toBe(0);
  });

  test('what arrived before the reset can still be read', () => {
    const t = established();
    t.inject(at(0), data({ seq: 1, ack: 1, len: 50 }));
    t.expect(at(0), ack({ seq: 1, ack: 51 }));
    t.inject(at(0), rst({ seq: 51 }));
    expect(t.read()).toBe(50);
    expect(t.pool.stats().lent).toBe(0);
  });
});
