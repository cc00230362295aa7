/** Giving up, and what is left behind. */

import { describe, expect, test } from 'vitest';
import { at, until } from '../test/script.ts';
import { ack, data } from '../test/segments.ts';
import { established, finWait2 } from '../test/states.ts';
import { WAKE_PATH, WAKE_READ, WAKE_STATE, WAKE_WRITE } from './tcb.ts';
import { handleTimeouts } from './timeouts.ts';
import { nextDeadlineMs } from './timers.ts';

describe('data that nobody acknowledges (RFC 9293 §3.8.3; RFC 6298 §5)', () => {
  test('is resent 15 times with back-off up to 120 s, then ETIMEDOUT [MUST-20 close connection]', () => {
    const t = established();
    t.write(10);
    t.tcb.wake = 0;
    const times = t
      .wait(until(3_600_000))
      .take()
      .map((sent) => sent.atMs);
    expect(times.length).toBe(16);
    const gaps = times.slice(1).map((ms, i) => ms - (times[i] ?? 0));
    expect(gaps.slice(0, 10)).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 102_400]);
    expect(new Set(gaps.slice(10))).toEqual(new Set([120_000]));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('ETIMEDOUT');
    expect(t.tcb.wake).toBe(WAKE_READ | WAKE_WRITE | WAKE_STATE | WAKE_PATH);
    // R2: more than 100 s [SHLD-11]
    expect((times.at(-1) ?? 0) + 120_000).toBeGreaterThan(100_000);
    expect(t.pool.stats().lent).toBe(0);
  });

  test('an answer starts the count anew', () => {
    const t = established({ noDelay: true, loose: true });
    t.write(10);
    t.write(10);
    while (t.counters.timeouts < 14 && t.tcb.state !== 'CLOSED') t.wait(t.nowMs + 1000);
    t.inject(t.nowMs, ack({ seq: 1, ack: 11 }));
    while (t.counters.timeouts < 28 && t.tcb.state !== 'CLOSED') t.wait(t.nowMs + 1000);
    expect(t.tcb.state).toBe('ESTABLISHED');
  });

  test('only the first segment is resent by the time-out (RFC 6298 §5.4)', () => {
    const t = established();
    t.write(5000);
    t.ignore();
    t.expect(at(200), data({ seq: 1, len: 1460 }));
    t.expectSilence(until(599));
    t.expect(at(600), data({ seq: 1, len: 1460 }));
  });
});

describe('deadlines', () => {
  test('an idle connection has none', () => {
    expect(nextDeadlineMs(established().tcb)).toBe(Infinity);
    expect(nextDeadlineMs(finWait2().tcb)).toBe(Infinity);
  });

  test('the earliest is told', () => {
    const t = established({ delaysAcks: true });
    t.wait(at(5));
    t.write(10);
    t.ignore();
    expect(nextDeadlineMs(t.tcb)).toBe(205);
    t.inject(at(6), data({ seq: 17, ack: 1, len: 10 }));
    expect(nextDeadlineMs(t.tcb)).toBe(46);
    t.wait(at(46)).ignore();
    expect(nextDeadlineMs(t.tcb)).toBe(205);
  });

  test('a call before any of them has passed changes nothing', () => {
    const t = established();
    t.write(10);
    t.ignore();
    handleTimeouts(t.tcb, 199.9);
    t.expectSilence(until(199.9));
    expect(t.counters.timeouts).toBe(0);
  });
});
