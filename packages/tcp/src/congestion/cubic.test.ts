/** CUBIC against the numbers of RFC 9438's formulas: C = 0.4, beta_cubic = 0.7, windows in segments of 1000 bytes. */

import { describe, expect, test } from 'vitest';
import { MAX_CWND_BYTES } from '../limits.ts';
import { createAckSample } from './ack-sample.ts';
import type { CongestionController } from './controller.ts';
import { createCubic } from './cubic.ts';

const MSS = 1000;

interface Ack {
  readonly atMs: number;
  readonly segments?: number;
  readonly srttMs?: number;
  readonly limited?: boolean;
}

/** One ACK, of a whole window unless it says otherwise. */
function ack(cc: CongestionController, { atMs, segments, srttMs = 0, limited = true }: Ack): number {
  const ackedBytes = segments === undefined ? cc.cwndBytes : segments * MSS;
  cc.onAck({ ...createAckSample(), nowMs: atMs, ackedBytes, srttMs, isCwndLimited: limited });
  return cc.cwndBytes / MSS;
}

/** cwnd of so many segments, still in slow start. */
function wide(segments: number): CongestionController {
  const cc = createCubic(MSS);
  ack(cc, { atMs: 0, segments: segments - 10 });
  expect(cc.cwndBytes).toBe(segments * MSS);
  return cc;
}

/** A loss and the end of recovery; congestion avoidance begins at once. */
function lose(cc: CongestionController, atMs = 0): CongestionController {
  cc.onLoss(atMs, 0);
  cc.onRecoveryExit(atMs, cc.cwndBytes);
  ack(cc, { atMs, segments: 1e-6 });
  return cc;
}

/** So at time 0, with a cwnd of so many segments. */
const cut = (segments: number): CongestionController => lose(wide(segments));

describe('multiplicative decrease (RFC 9438 §4.6) [MUST-19] [MAY-18]', () => {
  test('a loss and a mark leave 0.7 of the window, at least two segments', () => {
    const cc = wide(100);
    cc.onLoss(0, 0);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([70 * MSS, 70 * MSS]);
    cc.onRecoveryExit(0, 70 * MSS);
    expect(cc.cwndBytes).toBe(70 * MSS);
    cc.onCongestionMark(0, 0);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([49 * MSS, 49 * MSS]);
    for (let i = 0; i < 20; i++) cc.onCongestionMark(0, 0);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([2 * MSS, 2 * MSS]);
  });

  test('a time-out leaves one segment, and 0.7 of the window as ssthresh (§4.8)', () => {
    const cc = wide(100);
    cc.onRto(0, 0, true);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([MSS, 70 * MSS]);
    cc.onRto(0, 0, false);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([MSS, 70 * MSS]);
  });

  test('a time-out in recovery does not cut what proportional rate reduction left of cwnd', () => {
    const cc = wide(100);
    cc.onLoss(0, 0);
    cc.cwndBytes = 5 * MSS;
    cc.onRto(0, 0, true);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([MSS, 70 * MSS]);
  });
});

describe('the cubic curve (RFC 9438 §4.2) [MAY-18]', () => {
  // W_max = 100, cwnd_epoch = 70: K = cbrt(30 / 0.4) = 4.217163 s
  test('one ACK adds (target - cwnd) / cwnd segments, target = W_cubic(t + RTT)', () => {
    const cc = cut(100);
    // W_cubic(0.2) = 0.4 * (0.2 - 4.217163)^3 + 100 = 74.069048; (74.069048 - 70) / 70 = 0.058129
    ack(cc, { atMs: 100, segments: 1, srttMs: 100 });
    expect(cc.cwndBytes).toBe(70_058);
  });

  test('less than a byte is not lost: ten thousand small ACKs come to what a window of them does', () => {
    const cc = cut(100);
    for (let i = 0; i < 10_000; i++) ack(cc, { atMs: 100, segments: 0.007, srttMs: 100 });
    // d cwnd / d acked = (74.069048 - cwnd) / cwnd: from 70 on, 72.541 after 70 were acknowledged.
    expect(cc.cwndBytes / MSS).toBeCloseTo(72.541, 2);
  });

  test.each([
    // W_cubic(t) and W_cubic(t + 0.2): concave up to K, flat there, convex after it (§4.4, §4.5)
    [1, 86.68, 89.01],
    [2, 95.64, 96.72],
    [3, 99.28, 99.58],
    [4.2, 100, 100],
    [6, 102.27, 103.12],
    [8, 121.65, 125.27],
  ])(
    'at %d s the window is between %d and %d segments, the curve now and a round trip later',
    (seconds, now, later) => {
      const cc = cut(100);
      for (let ms = 10; ms <= seconds * 1000; ms += 10)
        ack(cc, { atMs: ms, segments: cc.cwndBytes / MSS / 20, srttMs: 200 });
      expect(cc.cwndBytes / MSS).toBeGreaterThan(now - 0.1);
      expect(cc.cwndBytes / MSS).toBeLessThan(later + 0.1);
    },
  );

  test('target is at most 1.5 times cwnd', () => {
    expect(ack(cut(100), { atMs: 60_000 })).toBeCloseTo(105, 2);
  });

  test('a second loss below W_max lowers it further: fast convergence (§4.7)', () => {
    const cc = lose(cut(100));
    expect(cc.cwndBytes).toBe(49 * MSS);
    // W_max = 70 * 1.7 / 2 = 59.5 and cwnd_epoch = 49: K = cbrt(10.5 / 0.4) = 2.971961 s, where the curve is at W_max.
    expect(ack(cc, { atMs: 100, srttMs: 2871.961 })).toBeCloseTo(59.5, 2);
  });

  test('a loss above W_max takes cwnd for W_max', () => {
    const cc = cut(100);
    // W_cubic(10) = 0.4 * (10 - 4.217163)^3 + 100 = 177.4: as far as 1.5 * 70 = 105 allows.
    expect(ack(cc, { atMs: 10_000 })).toBeCloseTo(105, 2);
    lose(cc, 10_000);
    expect(cc.cwndBytes).toBe(73_500);
    // K = cbrt(31.5 / 0.4) = 4.286309 s
    expect(ack(cc, { atMs: 10_100, srttMs: 4186.309 })).toBeCloseTo(105, 2);
  });

  test('after a time-out, W_max is where slow start ended and K is 0 (§4.8)', () => {
    const cc = wide(100);
    cc.onRto(0, 0, true);
    ack(cc, { atMs: 1000, segments: 69 });
    expect(cc.cwndBytes).toBe(70 * MSS);
    ack(cc, { atMs: 2000, segments: 1e-6 });
    // W_cubic(2) = 0.4 * 8 + 70 is more than Reno would have; W_cubic(3) = 0.4 * 27 + 70 = 80.8
    expect(ack(cc, { atMs: 4000, srttMs: 1000 })).toBeCloseTo(80.8, 2);
  });
});

describe('the Reno-friendly region (RFC 9438 §4.3) [MAY-18]', () => {
  // alpha_cubic = 3 * 0.3 / 1.7 = 0.529412; W_max = 10, cwnd_epoch = 7, K = cbrt(3 / 0.4) = 1.957434 s
  test('on a short path, each window adds alpha_cubic segments until cwnd_prior, then one', () => {
    const cc = cut(10);
    const windows: number[] = [];
    for (let i = 0; i < 9; i++) windows.push(ack(cc, { atMs: i, srttMs: 1 }));
    const expected = [7.529, 8.059, 8.588, 9.118, 9.647, 10.176, 11.176, 12.176, 13.176];
    for (const [i, segments] of expected.entries()) expect(windows[i]).toBeCloseTo(segments, 2);
  });
});

describe('time that does not count (RFC 9438 §4.2, §5.8) [MAY-18]', () => {
  const grownAt = (before: (cc: CongestionController) => void, atMs: number): number => {
    const cc = cut(100);
    before(cc);
    return ack(cc, { atMs, segments: 1 });
  };
  // One segment acknowledged, a second after the epoch began: (W_cubic(1) - 70) / 70 = 0.2383 segments.
  const EXPECTED = 70.238;

  test('as a yardstick: a second in which the window was in use', () => {
    expect(grownAt(() => {}, 1000)).toBeCloseTo(EXPECTED, 2);
  });

  test('ACKs while the window was not in use', () => {
    const unused = (cc: CongestionController): void => {
      for (let ms = 1000; ms <= 50_000; ms += 1000) ack(cc, { atMs: ms, segments: 1, limited: false });
    };
    expect(grownAt(unused, 51_000)).toBeCloseTo(EXPECTED, 2);
  });

  test('a pause with nothing in flight', () => {
    expect(grownAt((cc) => cc.onSent(50_000, MSS, 0, true), 51_000)).toBeCloseTo(EXPECTED, 2);
  });

  test('sending while something is in flight is no pause', () => {
    expect(grownAt((cc) => cc.onSent(500, MSS, MSS, false), 1000)).toBeCloseTo(EXPECTED, 2);
  });

  test('a pause beyond the RTO leads back by slow start, to a new stage', () => {
    const cc = cut(100);
    cc.onIdle(50_000, 50_000, 200);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([10 * MSS, 70 * MSS]);
    expect(ack(cc, { atMs: 50_100, segments: 60 })).toBe(70);
    // W_max = 100 still: K = 4.217163 s from here.
    ack(cc, { atMs: 50_100, segments: 1e-6 });
    expect(ack(cc, { atMs: 50_200, srttMs: 4117.163 })).toBeCloseTo(100, 2);
  });
});

describe('a loss that was a mistake (RFC 9438 §4.9) [MAY-18]', () => {
  test.each(['fast retransmit', 'time-out'])(
    'after a %s, window and curve go on as if nothing had happened',
    (what) => {
      const [disturbed, calm] = [cut(100), cut(100)];
      for (const cc of [disturbed, calm]) ack(cc, { atMs: 0, srttMs: 100 });
      if (what === 'time-out') disturbed.onRto(500, 0, true);
      else disturbed.onLoss(500, 0);
      expect(disturbed.cwndBytes).toBeLessThan(calm.cwndBytes);
      disturbed.onUndo(600);
      for (const atMs of [1000, 3000, 6000])
        expect(ack(disturbed, { atMs, srttMs: 100 })).toBeCloseTo(ack(calm, { atMs, srttMs: 100 }), 2);
    },
  );

  test('nothing is put back twice, nor after a mark', () => {
    const cc = cut(100);
    cc.onCongestionMark(0, 0);
    cc.onUndo(0);
    expect(cc.cwndBytes).toBe(49 * MSS);
  });
});

describe('slow start with HyStart++ (RFC 9438 §4.10, RFC 9406) [MAY-18]', () => {
  /** Rounds of whole windows, in ten ACKs each, which measure `rttOf(round)`. */
  function slowStart(rttOf: (round: number) => number, rounds: number): CongestionController {
    const cc = createCubic(MSS);
    let una = 0;
    let nowMs = 0;
    for (let round = 0; round < rounds; round++) {
      const tenthBytes = cc.cwndBytes / 10;
      for (let i = 0; i < 10; i++) {
        una += tenthBytes;
        nowMs += rttOf(round) / 10;
        const nxtOffset = una + cc.cwndBytes;
        const rttMs = rttOf(round);
        cc.onAck({
          ...createAckSample(),
          nowMs,
          ackedBytes: tenthBytes,
          unaOffset: una,
          nxtOffset,
          rttMs,
          srttMs: rttMs,
          isCwndLimited: true,
        });
      }
    }
    return cc;
  }

  test('doubles each round while round trips stay as they are', () => {
    expect(slowStart(() => 40, 5).cwndBytes).toBe(320 * MSS);
  });

  test('a queue that builds up ends it without a loss: then K is 0 and W_max is cwnd', () => {
    const cc = slowStart((round) => 40 + Math.max(0, round - 4) * 10, 14);
    expect(cc.ssthreshBytes).toBeLessThan(MAX_CWND_BYTES);
    expect(cc.cwndBytes).toBeLessThan(2000 * MSS);
    expect(cc.cwndBytes).toBeGreaterThanOrEqual(cc.ssthreshBytes);
  });

  test('after a loss slow start is plain, up to ssthresh (RFC 9406 §4.3)', () => {
    const cc = wide(100);
    cc.onRto(0, 0, true);
    for (let i = 0; i < 60; i++) {
      const rttMs = 10 + i;
      const nowMs = i * 100;
      cc.onAck({
        ...createAckSample(),
        nowMs,
        ackedBytes: MSS,
        unaOffset: i,
        nxtOffset: i,
        rttMs,
        isCwndLimited: true,
      });
    }
    expect(cc.cwndBytes).toBe(61 * MSS);
  });
});
