/** STATUS (RFC 9293 §3.9.1.5, §3.10.6). */

import { describe, expect, test } from 'vitest';
import { at, DEFAULT_IRS, DEFAULT_ISS, type Script, script } from '../test/script.ts';
import { ack, data, urgent } from '../test/segments.ts';
import {
  ALL_OPTIONS,
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
import { setUserTimeout } from './give-up.ts';
import { createStatus, status, type TcpStatus } from './status.ts';

function statusOf(t: Script): TcpStatus {
  const into = createStatus();
  status(t.tcb, t.nowMs, into);
  return into;
}

describe('in each state (RFC 9293 §3.10.6)', () => {
  test.each([
    ['SYN-SENT', synSent],
    ['SYN-RECEIVED', synReceived],
    ['ESTABLISHED', established],
    ['FIN-WAIT-1', finWait1],
    ['FIN-WAIT-2', finWait2],
    ['CLOSE-WAIT', closeWait],
    ['CLOSING', closing],
    ['LAST-ACK', lastAck],
    ['TIME-WAIT', timeWait],
  ] as const)('returns "state = %s"', (state, build) => {
    const t = build();
    const into = createStatus();
    expect(status(t.tcb, t.nowMs, into)).toBe(true);
    expect(into.state).toBe(state);
    expect(into.flightBytes).toBeGreaterThanOrEqual(0);
  });

  test('in CLOSED there is no connection to tell of', () => {
    const t = closed();
    expect(status(t.tcb, t.nowMs, createStatus())).toBe(false);
    expect(status(script().tcb, 0, createStatus())).toBe(false);
  });
});

describe('what it says (RFC 9293 §3.9.1.5)', () => {
  test('both windows, the numbers, the MSS of both sides and the options that were agreed on', () => {
    const t = established({ peer: { ...ALL_OPTIONS, mss: 1000, win: 5000 }, rttMs: 40 });
    expect(statusOf(t)).toMatchObject({
      localPort: 1000,
      remotePort: 2000,
      passive: false,
      iss: DEFAULT_ISS,
      irs: DEFAULT_IRS,
      sndUna: DEFAULT_ISS + 1,
      sndNxt: DEFAULT_ISS + 1,
      rcvNxt: DEFAULT_IRS + 1,
      sndWndBytes: 5000,
      sndScale: 7,
      sndMssBytes: 988,
      rcvMssBytes: 1460,
      srttMs: 40,
      rttVarMs: 20,
      rtoMs: 240,
      timestamps: true,
      sack: true,
      windowScaling: true,
      keepAlive: false,
      noDelay: false,
      sinceHeardMs: 0,
    });
    expect(statusOf(established())).toMatchObject({
      timestamps: false,
      sack: false,
      windowScaling: false,
      sndScale: 0,
    });
    expect(statusOf(synReceived()).passive).toBe(true);
  });

  test('what waits to be acknowledged, to be sent and to be read', () => {
    const t = established({ receiveBufferBytes: 10_000, sendBufferBytes: 20_000 });
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 600 }));
    t.write(1000);
    t.inject(at(5), data({ seq: 1, ack: 1, len: 30, win: 600 })).inject(
      at(5),
      data({ seq: 101, ack: 1, len: 20, win: 600 }),
    );
    t.ignore();
    const is = statusOf(t);
    expect(is).toMatchObject({
      sendQueueBytes: 1000,
      receiveQueueBytes: 30,
      outOfOrderBytes: 20,
      sendBufferBytes: 20_000,
      receiveBufferBytes: 10_000,
    });
    expect(is.unsentBytes + is.flightBytes).toBe(1000);
    expect(is.rcvWndBytes).toBeLessThanOrEqual(10_000 - 30);
    t.read();
  });

  test('what was sent is not unsent', () => {
    const t = established();
    t.write(1000);
    t.ignore();
    expect(statusOf(t)).toMatchObject({ sendQueueBytes: 1000, unsentBytes: 0, flightBytes: 1000 });
  });

  test('a FIN that is on its way is no byte', () => {
    expect(statusOf(finWait1())).toMatchObject({ sendQueueBytes: 0, unsentBytes: 0 });
  });

  test('that nobody answers, for how long, and how long that may last', () => {
    const t = established();
    setUserTimeout(t.tcb, 0, 60_000);
    t.write(10);
    t.wait(at(1500)).ignore();
    expect(statusOf(t)).toMatchObject({
      unansweredRetransmits: 3,
      backoff: 3,
      rtoMs: 1600,
      retransmits: 3,
      userTimeoutMs: 60_000,
      sinceHeardMs: 1500,
      cwndBytes: 1460,
    });
  });

  test('the urgent state of both directions [MUST-33]', () => {
    const t = established();
    t.writeUrgent(7);
    t.inject(at(0), urgent({ seq: 1, ack: 3, len: 2, up: 9 })).ignore();
    expect(statusOf(t)).toMatchObject({ urgentBytes: 9, urgentUnackedBytes: 5 });
    t.read();
    t.read();
  });
});
