/** The retransmission time-out. */

import { seq } from '@tcpstack/seq/seq';
import { describe, expect, test } from 'vitest';
import { at } from '../test/script.ts';
import { ack, data } from '../test/segments.ts';
import { ALL_OPTIONS, established, synSent } from '../test/states.ts';
import { MAX_RTO_MS } from './limits.ts';
import { rtoMs, takeRttSample, timestampNow } from './rtt.ts';

describe('RTO (RFC 6298 §2)', () => {
  const fresh = () => established().tcb;

  test('first measurement: SRTT = R, RTTVAR = R/2 (2.2)', () => {
    const { rtt } = established({ rttMs: 300 }).tcb;
    expect([rtt.srttMs, rtt.varMs]).toEqual([300, 150]);
    expect(rtt.baseRtoMs).toBe(300 + 4 * 150);
  });

  test('later ones: RTTVAR by 1/4 of the error, then SRTT by 1/8 (2.3)', () => {
    const tcb = established({ rttMs: 300 }).tcb;
    takeRttSample(tcb, 0, 380);
    expect(tcb.rtt.varMs).toBe(150 + (80 - 150) / 4);
    expect(tcb.rtt.srttMs).toBe(310);
    expect(tcb.rtt.baseRtoMs).toBe(310 + 4 * 132.5);
  });

  test('Deviation: the floor is 200 ms above SRTT, as in Linux, not 1 s (2.4)', () => {
    const tcb = fresh();
    for (let i = 0; i < 100; i++) takeRttSample(tcb, 0, 0.05);
    expect(tcb.rtt.baseRtoMs).toBeCloseTo(200.05, 2);
  });

  test('is 1 s before any measurement (2.1), and at most 120 s (2.5)', () => {
    const { tcb } = synSent();
    expect(tcb.rtt.srttMs).toBe(-1);
    expect(tcb.rtt.baseRtoMs).toBe(1000);
    tcb.rtt.backoff = 15;
    expect(rtoMs(tcb)).toBe(MAX_RTO_MS);
    takeRttSample(tcb, 0, 10_000_000);
    expect(tcb.rtt.baseRtoMs).toBe(MAX_RTO_MS);
  });
});

describe('measuring (RFC 6298 §3; RFC 7323 §4.1)', () => {
  test('an ACK is measured by the first of what it acknowledges, with fractions of a millisecond', () => {
    const t = established({ noDelay: true });
    t.wait(at(10.25)).write(10);
    t.wait(at(12)).write(10);
    t.ignore();
    t.inject(at(12.5), ack({ seq: 1, ack: 21 }));
    expect(t.tcb.rtt.srttMs).toBeCloseTo(2.25 / 8, 9);
    expect([t.tcb.rtt.minMs, t.tcb.rtt.minAtMs]).toEqual([0, 0]);
  });

  test('each ACK of something new that was sent once is a measurement, also of a part of a segment', () => {
    const t = established();
    t.write(100);
    t.ignore();
    t.inject(at(8), ack({ seq: 1, ack: 51 }));
    expect(t.tcb.rtt.srttMs).toBe(1);
    t.inject(at(15), ack({ seq: 1, ack: 101 }));
    expect(t.tcb.rtt.srttMs).toBe(1 + (15 - 1) / 8);
  });

  test('the least round trip is remembered for five minutes (RFC 8985 §6.2 step 1)', () => {
    const tcb = established().tcb;
    for (const [ms, rtt] of [
      [0, 5],
      [1000, 3],
      [2000, 9],
      [302_000, 8],
      [303_000, 20],
    ] as const)
      takeRttSample(tcb, ms, rtt);
    expect([tcb.rtt.minMs, tcb.rtt.minAtMs]).toEqual([8, 302_000]);
  });

  test('Karn: an ACK of a resent segment is no measurement [MUST-18]', () => {
    const t = established();
    t.write(10);
    t.expect(at(0), data({ len: 10 }));
    t.expect(at(200), data({ len: 10 }));
    t.inject(at(205), ack({ seq: 1, ack: 11 }));
    expect(t.tcb.rtt.srttMs).toBe(0);
  });

  test('with timestamps it is: the echo tells which one was answered (RFC 7323 §4)', () => {
    const t = established({ peer: ALL_OPTIONS });
    t.write(10);
    t.expect(at(0), data({ len: 10 }));
    t.expect(at(200), data({ len: 10, ts: [200, 1000] }));
    t.inject(at(208), ack({ seq: 1, ack: 11, ts: [1001, 200] }));
    expect(t.tcb.rtt.srttMs).toBe(1);
  });

  test('but not when the echo is of the first copy, whose ACK was lost: it would measure our own time-out', () => {
    const t = established({ peer: ALL_OPTIONS });
    t.write(10);
    t.expect(at(0), data({ len: 10, ts: [0, 1000] }));
    t.expect(at(200), data({ len: 10, ts: [200, 1000] }));
    t.inject(at(208), ack({ seq: 1, ack: 11, ts: [1001, 199] }));
    expect(t.tcb.rtt.srttMs).toBe(0);
  });

  test('an echo older than the resending may be of either copy: no measurement [MUST-18]', () => {
    const t = established({ peer: ALL_OPTIONS, timestampOffset: 5000 });
    t.write(10);
    t.expect(at(0), data({ len: 10, ts: [5000, 1000] }));
    t.expect(at(200), data({ len: 10, ts: [5200, 1000] }));
    t.inject(at(208), ack({ seq: 1, ack: 11, ts: [1001, 5000] }));
    expect(t.tcb.rtt.srttMs).toBe(0);
  });

  test('a wild echo is not believed', () => {
    const t = established({ peer: ALL_OPTIONS });
    t.write(10);
    t.wait(at(200)).ignore();
    t.inject(at(208), ack({ seq: 1, ack: 11, ts: [1001, 5_000_000] }));
    expect(t.tcb.rtt.srttMs).toBe(0);
  });

  test('the time-out doubles with every time-out, until a round trip is measured (5.5, 5.7; Karn) [MUST-18] [MUST-19]', () => {
    const t = established();
    t.write(10);
    for (const ms of [0, 200, 600, 1400]) t.expect(at(ms), data({ seq: 1, len: 10 }));
    // This may answer any of the four: it measures nothing, and the next time-out is as long.
    t.inject(at(1500), ack({ seq: 1, ack: 11 }));
    t.write(10);
    t.expect(at(1500), data({ seq: 11, len: 10 }));
    t.inject(at(1510), ack({ seq: 1, ack: 21 }));
    t.write(10);
    t.expect(at(1510), data({ seq: 21, len: 10 }));
    t.expect(at(1510 + 1.25 + 200), data({ seq: 21, len: 10 }));
  });

  test('a path whose round trip grows beyond the time-out is measured again: not every flight is sent twice', () => {
    const t = established({ loose: true });
    for (let i = 0; i < 10; i++) {
      t.write(10);
      t.wait(t.nowMs + 600).inject(t.nowMs, ack({ seq: 1, ack: 10 * i + 11 }));
    }
    expect(t.counters.timeouts).toBe(2);
    expect(t.tcb.rtt.srttMs).toBeGreaterThan(300);
  });
});

test('the timestamp clock wraps with its 32 bits (RFC 7323 §5.4)', () => {
  const { tcb } = established({ timestampOffset: 5 });
  expect(timestampNow(tcb, 2 ** 32 - 6)).toBe(seq(-1));
  expect(timestampNow(tcb, 2 ** 32 - 5)).toBe(seq(0));
  expect(timestampNow(tcb, 2 ** 32 + 1.9)).toBe(seq(6));
});
