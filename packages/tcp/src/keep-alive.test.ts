/** Keep-alives (RFC 9293 §3.8.4). */

import { describe, expect, test } from 'vitest';
import { at, type Script, until } from '../test/script.ts';
import { ack, data, fin, synAck } from '../test/segments.ts';
import { ALL_OPTIONS, closeWait, established, finWait2, synReceived, synSent, timeWait } from '../test/states.ts';
import { armKeepAlive } from './keep-alive.ts';
import { nextDeadlineMs } from './timers.ts';
import { ownWishes } from './wishes.ts';

const HOURS_2 = 7_200_000;

/** The user switches keep-alives on, with these times. */
function keepsAlive(t: Script, idleMs = 10_000, intervalMs = 1000, probes = 3): Script {
  Object.assign(ownWishes(t.tcb), {
    keepAlive: true,
    keepIdleMs: idleMs,
    keepIntervalMs: intervalMs,
    keepProbes: probes,
  });
  armKeepAlive(t.tcb, t.nowMs);
  return t;
}

describe('when (RFC 9293 §3.8.4)', () => {
  test('they are off unless the user asks: an idle connection is silent for ever [MUST-25]', () => {
    const t = established();
    expect(nextDeadlineMs(t.tcb)).toBe(Infinity);
    t.expectSilence(until(100 * HOURS_2));
  });

  test('the user switches them on and off for one connection [MUST-24] [MAY-5]', () => {
    const t = keepsAlive(established());
    t.expect(at(10_000), ack({ seq: 0, ack: 1 }));
    t.inject(at(10_000), ack({ seq: 1, ack: 1 }));
    ownWishes(t.tcb).keepAlive = false;
    armKeepAlive(t.tcb, t.nowMs);
    expect(nextDeadlineMs(t.tcb)).toBe(Infinity);
    t.expectSilence(until(100 * HOURS_2));
  });

  test('the first comes after two hours unless the user says otherwise [MUST-28]', () => {
    const t = established();
    ownWishes(t.tcb).keepAlive = true;
    armKeepAlive(t.tcb, 0);
    t.expectSilence(until(HOURS_2 - 1));
    t.expect(at(HOURS_2), ack({ seq: 0, ack: 1 }));
  });

  test('the interval is the user’s, and may change while it runs [MUST-27]', () => {
    const t = keepsAlive(established(), 60_000);
    t.wait(at(20_000));
    ownWishes(t.tcb).keepIdleMs = 30_000;
    armKeepAlive(t.tcb, t.nowMs);
    t.expect(at(30_000), ack({ seq: 0, ack: 1 }));
    // Silence that is longer already is long enough.
    const u = keepsAlive(established(), 60_000);
    u.wait(at(40_000));
    ownWishes(u.tcb).keepIdleMs = 30_000;
    armKeepAlive(u.tcb, u.nowMs);
    u.expect(at(40_000), ack({ seq: 0, ack: 1 }));
  });

  test.each([
    ['data', data({ seq: 1, ack: 1, len: 5 })],
    ['an acknowledgment', ack({ seq: 1, ack: 1 })],
    ['a keep-alive of the peer', ack({ seq: 0, ack: 1 })],
  ])('whatever is heard begins the interval anew: %s [MUST-26]', (_what, segment) => {
    const t = keepsAlive(established());
    t.inject(at(9999), segment).ignore();
    t.expectSilence(until(19_998));
    t.wait(at(19_999));
    expect(t.take()).toMatchObject([{ seq: 0, len: 0 }]);
  });

  test('never while data is outstanding: that is resent instead [MUST-26]', () => {
    const t = keepsAlive(established(), 1000, 1000, 3);
    t.write(10);
    t.wait(at(100_000));
    expect(t.counters.timeouts).toBeGreaterThan(5);
    expect(t.counters.keepAliveProbes).toBe(0);
    expect(t.take().every((sent) => sent.len === 10)).toBe(true);
    t.inject(at(100_000), ack({ seq: 1, ack: 11 }));
    t.expectSilence(until(100_999));
    t.expect(at(101_000), ack({ seq: 10, ack: 1 }));
  });

  test('nor while data waits for the window to open: that has probes of its own [MUST-26]', () => {
    const t = keepsAlive(established(), 1000, 1000, 100);
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 0 }));
    t.write(10);
    for (let i = 0; i < 20; i++) t.inject(at(i * 500), ack({ seq: 1, ack: 1, win: 0 }));
    t.wait(at(20_000));
    expect(t.counters.windowProbes).toBeGreaterThan(2);
    expect(t.counters.keepAliveProbes).toBe(0);
    t.ignore();
  });

  test('not before the connection is open, and from then on when it was asked for earlier', () => {
    const t = keepsAlive(synSent(), 100);
    t.wait(at(500)).inject(at(500), synAck({ ack: 1 }));
    t.expect(at(500), ack({ seq: 1, ack: 1 })).expect(at(600), ack({ seq: 0, ack: 1 }));
    const u = keepsAlive(synReceived(), 100);
    u.wait(at(500)).inject(at(500), ack({ seq: 1, ack: 1 }));
    u.expect(at(600), ack({ seq: 0, ack: 1 }));
  });

  test('in CLOSE-WAIT and FIN-WAIT-2 too, and not in TIME-WAIT', () => {
    keepsAlive(closeWait()).expect(at(10_000), ack({ seq: 0, ack: 2 }));
    const t = keepsAlive(finWait2()).expect(at(10_000), ack({ seq: 1, ack: 1 }));
    t.inject(at(10_000), fin({ seq: 1, ack: 2 })).ignore();
    expect(t.tcb.state).toBe('TIME-WAIT');
    t.expectSilence(until(69_999));
    keepsAlive(timeWait()).expectSilence(until(59_999));
  });
});

describe('what (RFC 9293 §3.8.4)', () => {
  test('an old, empty segment: SEG.SEQ = SND.NXT-1 and no data [SHLD-12]', () => {
    const t = keepsAlive(established());
    t.write(50);
    t.ignore().inject(at(5), ack({ seq: 1, ack: 51 }));
    const probe = ack({ seq: 50, ack: 1, len: 0 });
    t.expect(at(10_005), probe).expect(at(11_005), probe).expect(at(12_005), probe);
  });

  test('carries timestamps where they are agreed, or the peer might not take it for one of ours (RFC 7323 §3.2)', () => {
    const t = keepsAlive(established({ peer: ALL_OPTIONS }));
    t.expect(at(10_000), ack({ seq: 0, ack: 1, ts: [10_000, 1000] }));
  });

  test('a peer of our kind answers it with an ACK', () => {
    const t = established();
    t.inject(at(600), ack({ seq: 0, ack: 1 }));
    t.expect(at(600), ack({ seq: 1, ack: 1 }));
  });
});

describe('no answer (RFC 9293 §3.8.4)', () => {
  test('one lost answer, or two, mean nothing: the count begins anew with what is heard [MUST-29]', () => {
    const t = keepsAlive(established());
    t.wait(at(12_500));
    expect(t.take().map(({ atMs }) => atMs)).toEqual([10_000, 11_000, 12_000]);
    t.inject(at(12_500), ack({ seq: 1, ack: 1 }));
    t.wait(at(24_500));
    expect(t.take().map(({ atMs }) => atMs)).toEqual([22_500, 23_500, 24_500]);
    expect(t.tcb.state).toBe('ESTABLISHED');
  });

  test('to all of them ends the connection with ETIMEDOUT, an interval after the last', () => {
    const t = keepsAlive(established());
    t.wait(at(12_999)).ignore();
    expect(t.tcb.state).toBe('ESTABLISHED');
    t.expectSilence(until(13_000));
    expect(t.tcb.state).toBe('CLOSED');
    expect(t.tcb.error).toBe('ETIMEDOUT');
  });

  test('takes 2 h 11 min 15 s by default: 9 probes, 75 s apart, as in Linux', () => {
    const t = established({ loose: true });
    ownWishes(t.tcb).keepAlive = true;
    armKeepAlive(t.tcb, 0);
    t.wait(at(HOURS_2 + 9 * 75_000 - 1));
    expect(t.take().length).toBe(9);
    expect(t.tcb.state).toBe('ESTABLISHED');
    t.wait(at(HOURS_2 + 9 * 75_000));
    expect(t.tcb.state).toBe('CLOSED');
  });
});
