/** R1, R2, the user's own limit, and what a lost SYN means for what follows (RFC 9293 §3.8.3). */

import { describe, expect, test } from 'vitest';
import { at, type Script, script, until } from '../test/script.ts';
import { ack, data, syn, synAck } from '../test/segments.ts';
import { ALL_OPTIONS, accepted, established, synReceived } from '../test/states.ts';
import { setReporting } from './error-report.ts';
import { setUserTimeout } from './give-up.ts';
import { armKeepAlive } from './keep-alive.ts';
import { WAKE_PATH } from './tcb.ts';
import { nextDeadlineMs } from './timers.ts';
import { ownWishes } from './wishes.ts';

/** When the connection ended, to the millisecond; -1 when it lives at the limit. */
function endsAtMs(t: Script, limitMs: number): number {
  while (t.tcb.state !== 'CLOSED' && t.nowMs < limitMs) t.wait(Math.min(nextDeadlineMs(t.tcb), limitMs)).ignore();
  return t.tcb.state === 'CLOSED' ? t.nowMs : -1;
}

describe('R1 (RFC 9293 §3.8.3)', () => {
  test('is three retransmissions; from then on each is negative advice to IP [MUST-20 negative advice] [SHLD-10]', () => {
    const t = established();
    t.write(10);
    const advice: boolean[] = [];
    for (const ms of [200, 600, 1400, 3000]) {
      t.tcb.wake = 0;
      t.wait(at(ms)).ignore();
      advice.push((t.tcb.wake & WAKE_PATH) !== 0);
    }
    expect(advice).toEqual([false, false, true, true]);
  });

  test('tells a user who asked, once, and before R2 [SHLD-9]', () => {
    const t = established();
    setReporting(t.tcb, true);
    t.write(10);
    t.wait(at(1399)).ignore();
    expect(t.tcb.reports).toEqual([]);
    t.wait(at(60_000)).ignore();
    expect(t.tcb.reports).toMatchObject([{ reason: 'retransmissions', error: 'ETIMEDOUT' }]);
    expect(t.tcb.state).toBe('ESTABLISHED');
  });

  test('is the same for a SYN [MUST-22]', () => {
    const t = script().connect();
    setReporting(t.tcb, true);
    t.wait(at(6999)).ignore();
    expect(t.tcb.wake & WAKE_PATH).toBe(0);
    t.wait(at(7000)).ignore();
    expect(t.tcb.wake & WAKE_PATH).toBe(WAKE_PATH);
    expect(t.tcb.reports?.length).toBe(1);
  });

  test('begins anew when the peer takes something', () => {
    const t = established({ noDelay: true });
    t.write(10);
    t.write(10);
    t.wait(at(700)).ignore();
    t.inject(at(700), ack({ seq: 1, ack: 11 }));
    t.tcb.wake = 0;
    t.wait(at(1900)).ignore();
    expect(t.tcb.rtt.tries).toBeGreaterThan(0);
    expect(t.tcb.wake & WAKE_PATH).toBe(0);
  });
});

describe('R2 (RFC 9293 §3.8.3)', () => {
  test('ends the connection; by default it is far more than 100 s [MUST-20 close connection] [SHLD-11]', () => {
    const t = established();
    t.write(10);
    expect(endsAtMs(t, 2_000_000)).toBe(924_600);
    expect(t.tcb.error).toBe('ETIMEDOUT');
  });

  test('is what the user sets, to the millisecond, from when the data was sent [MUST-21]', () => {
    const t = established();
    setUserTimeout(t.tcb, 0, 5000);
    t.wait(at(77));
    t.write(10);
    expect(endsAtMs(t, 20_000)).toBe(5077);
    expect(t.tcb.error).toBe('ETIMEDOUT');
  });

  test('however often it is sent again on other grounds than the time-out (RFC 8985 §7; RFC 6675) [MUST-21]', () => {
    const t = established({ peer: ALL_OPTIONS, rttMs: 100 });
    setUserTimeout(t.tcb, 100, 5000);
    t.wait(at(1000));
    t.write(5000);
    // The tail loss probe.
    t.ignore().wait(at(1290));
    expect([t.take().length, t.counters.timeouts]).toEqual([1, 0]);
    expect(endsAtMs(t, 20_000)).toBe(6000);
    const u = established({ peer: ALL_OPTIONS, rttMs: 100 });
    setUserTimeout(u.tcb, 100, 5000);
    u.wait(at(1000));
    u.write(8 * 1448);
    // The first was lost, and is sent again; nothing comes of it.
    u.inject(at(1150), ack({ seq: 1, ack: 1, ts: [1001, 1000], sack: [[1449, 8 * 1448 + 1]] })).wait(at(1200));
    expect(u.take().length).toBe(9);
    expect(endsAtMs(u, 20_000)).toBe(6000);
  });

  test('or longer than ours: the user may wait for ever [MUST-21]', () => {
    const t = established({ loose: true });
    setUserTimeout(t.tcb, 0, 2_000_000_000);
    t.write(10);
    t.wait(at(10_000_000));
    expect(t.tcb.state).toBe('ESTABLISHED');
  });

  test('counts from the last thing that the peer took [MUST-21]', () => {
    const t = established({ noDelay: true });
    setUserTimeout(t.tcb, 0, 5000);
    t.write(10);
    t.write(10);
    t.inject(at(4000), ack({ seq: 1, ack: 11 }));
    expect(endsAtMs(t, 20_000)).toBe(9000);
    // An answer in time leaves nothing behind.
    const u = established();
    setUserTimeout(u.tcb, 0, 5000);
    u.write(10);
    u.ignore()
      .inject(at(4999), ack({ seq: 1, ack: 11 }))
      .ignore();
    expect(endsAtMs(u, 20_000)).toBe(-1);
  });

  test('holds for what waits already, and no longer when it is taken back [MUST-21]', () => {
    const t = established();
    t.write(10);
    t.wait(at(3000)).ignore();
    setUserTimeout(t.tcb, 3000, 3500);
    expect(endsAtMs(t, 20_000)).toBe(3500);
    const u = established();
    setUserTimeout(u.tcb, 0, 3500);
    u.write(10);
    u.wait(at(3000)).ignore();
    setUserTimeout(u.tcb, 3000, 0);
    expect(endsAtMs(u, 20_000)).toBe(-1);
  });

  test('also ends a wait for a window that stays closed, as TCP_USER_TIMEOUT does in Linux [MUST-21]', () => {
    const t = established();
    setUserTimeout(t.tcb, 0, 5000);
    t.inject(at(0), ack({ seq: 1, ack: 1, win: 0 }));
    t.write(10);
    for (let ms = 0; ms < 5000; ms += 100) t.inject(at(ms), ack({ seq: 1, ack: 1, win: 0 })).ignore();
    expect(t.tcb.state).toBe('ESTABLISHED');
    t.wait(at(5000)).ignore();
    expect(t.tcb.state).toBe('CLOSED');
    // One that opens in between begins a new wait.
    const u = established();
    setUserTimeout(u.tcb, 0, 5000);
    u.inject(at(0), ack({ seq: 1, ack: 1, win: 0 }));
    u.write(10);
    u.wait(at(4000))
      .inject(at(4000), ack({ seq: 1, ack: 1, win: 5 }))
      .ignore();
    u.inject(at(4000), ack({ seq: 1, ack: 6, win: 0 })).ignore();
    expect(endsAtMs(u, 20_000)).toBe(9000);
  });

  test('decides over keep-alives instead of their number, as in Linux', () => {
    const t = established();
    Object.assign(ownWishes(t.tcb), { keepAlive: true, keepIdleMs: 10_000, keepIntervalMs: 1000, keepProbes: 2 });
    armKeepAlive(t.tcb, 0);
    setUserTimeout(t.tcb, 0, 15_000);
    expect(endsAtMs(t, 60_000)).toBe(15_000);
  });

  test('of a SYN is a number of its own, or the same limit [MUST-21] [MUST-22]', () => {
    const t = script().connect();
    ownWishes(t.tcb).synRetries = 2;
    expect(endsAtMs(t, 60_000)).toBe(7000);
    const u = script().connect();
    setUserTimeout(u.tcb, 0, 4500);
    expect(endsAtMs(u, 60_000)).toBe(4500);
  });

  test('of a SYN-ACK: 5 retransmissions for a listener, as many as of the SYN for who opened (§3.5) [MUST-23]', () => {
    expect(endsAtMs(synReceived(), 600_000)).toBe(63_000);
    const t = script().connect().ignore();
    t.inject(at(0), syn()).ignore();
    expect(t.tcb.state).toBe('SYN-RECEIVED');
    expect(endsAtMs(t, 600_000)).toBe(247_000);
  });
});

describe('a User Timeout option (RFC 5482)', () => {
  test('is ignored: a peer cannot move our limit', () => {
    // Kind 28, 1 minute.
    const uto = [28, 4, 0x80, 1];
    const t = established();
    t.write(10);
    t.ignore()
      .inject(at(0), data({ seq: 1, ack: 1, len: 5, rawOptions: uto }))
      .ignore();
    expect(t.read()).toBe(5);
    expect(endsAtMs(t, 100_000)).toBe(-1);
  });
});

describe('after a handshake whose segment was sent again', () => {
  test('the RTO is 3 s until something is measured (RFC 6298 §5.7)', () => {
    const t = script().connect();
    t.inject(at(1500), synAck({ ack: 1, mss: 1460 })).ignore();
    t.write(10);
    t.ignore().expectSilence(until(4499));
    t.expect(at(4500), data({ seq: 1, len: 10 }));
  });

  test('but not when the timestamp of the answer tells the round trip', () => {
    const t = script().connect();
    t.inject(at(1020), synAck({ ack: 1, ...ALL_OPTIONS, ts: [500, 1000] })).ignore();
    expect(t.tcb.rtt.srttMs).toBe(20);
    t.write(10);
    t.ignore().expectSilence(until(1239));
    t.expect(at(1240), data({ seq: 1, len: 10 }));
  });

  test('the initial window is one segment, for who opened and for who accepted (RFC 5681 §3.1)', () => {
    const t = script().connect();
    t.inject(at(1500), synAck({ ack: 1, mss: 1000 })).ignore();
    t.write(5000);
    t.expect(at(1500), data({ seq: 1, len: 1000 })).expectSilence(at(1500));
    const u = script({ passive: true }).inject(at(0), syn({ mss: 1000 }));
    u.wait(at(1100))
      .inject(at(1100), ack({ seq: 1, ack: 1 }))
      .ignore();
    u.write(5000);
    u.expect(at(1100), data({ seq: 1, len: 1000 })).expectSilence(at(1100));
    // The peer's timer was faster than ours.
    const v = script({ passive: true })
      .inject(at(0), syn({ mss: 1000 }))
      .inject(at(900), syn({ mss: 1000 }));
    v.inject(at(950), ack({ seq: 1, ack: 1 })).ignore();
    expect(v.tcb.congestion.cwndBytes).toBe(1000);
  });

  test('without that it is ten, and the RTO has its usual floor', () => {
    for (const t of [established({ peer: { mss: 1000 } }), accepted({ peer: { mss: 1000 } })]) {
      expect(t.tcb.congestion.cwndBytes).toBe(10_000);
      expect(t.tcb.rtt.baseRtoMs).toBe(200);
    }
  });
});
