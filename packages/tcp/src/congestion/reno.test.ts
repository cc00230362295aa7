/** Reno by itself, and as the connection drives it. */

import { describe, expect, test } from 'vitest';
import { at, type Script } from '../../test/script.ts';
import { ack } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { MAX_CWND_BYTES } from '../limits.ts';
import { createAckSample } from './ack-sample.ts';
import type { CongestionController } from './controller.ts';
import { createReno } from './reno.ts';

const MSS = 1000;

function acknowledge(cc: CongestionController, ackedBytes: number): void {
  cc.onAck({ ...createAckSample(), ackedBytes, isCwndLimited: true });
}

describe('cwnd (RFC 5681 §3.1) [MUST-19]', () => {
  test('begins with ten segments (RFC 6928), of the MSS that was agreed on', () => {
    const cc = createReno(536);
    cc.onMss(MSS);
    expect(cc.cwndBytes).toBe(10 * MSS);
  });

  test('slow start: grows by what is acknowledged, up to ssthresh', () => {
    const cc = createReno(MSS);
    acknowledge(cc, 10 * MSS);
    expect(cc.cwndBytes).toBe(20 * MSS);
    acknowledge(cc, 20 * MSS);
    expect(cc.cwndBytes).toBe(40 * MSS);
  });

  test('congestion avoidance: one segment for each window that is acknowledged', () => {
    const cc = createReno(MSS);
    cc.onLoss(0, 10 * MSS);
    for (let acked = 0; acked < 5; acked++) {
      expect(cc.cwndBytes).toBe(5 * MSS);
      acknowledge(cc, MSS);
    }
    expect(cc.cwndBytes).toBe(6 * MSS);
    for (let acked = 0; acked < 6; acked++) acknowledge(cc, MSS);
    expect(cc.cwndBytes).toBe(7 * MSS);
  });

  test('what is acknowledged beyond ssthresh counts for congestion avoidance', () => {
    const cc = createReno(MSS);
    cc.onRto(0, 20 * MSS, true);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([MSS, 10 * MSS]);
    acknowledge(cc, 9 * MSS + 9 * MSS);
    expect(cc.cwndBytes).toBe(10 * MSS);
    acknowledge(cc, MSS);
    expect(cc.cwndBytes).toBe(11 * MSS);
  });

  test('a window that was not in full use does not grow (RFC 7661 §4.3)', () => {
    const cc = createReno(MSS);
    cc.onAck({ ...createAckSample(), ackedBytes: 10 * MSS, isCwndLimited: false });
    expect(cc.cwndBytes).toBe(10 * MSS);
    acknowledge(cc, MSS);
    expect(cc.cwndBytes).toBe(11 * MSS);
  });

  test('loss: ssthresh and cwnd are half of what was in flight, at least two segments (equation 4)', () => {
    const cc = createReno(MSS);
    cc.onLoss(0, 8 * MSS);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([4 * MSS, 4 * MSS]);
    cc.onLoss(0, MSS);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([2 * MSS, 2 * MSS]);
  });

  test('time-out: cwnd is one segment; ssthresh stays when the same segment times out again', () => {
    const cc = createReno(MSS);
    cc.onRto(0, 10 * MSS, true);
    cc.onRto(0, MSS, false);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([MSS, 5 * MSS]);
  });

  test('the end of recovery lets no burst out (RFC 6582 §3.2 step 3)', () => {
    const cc = createReno(MSS);
    cc.onLoss(0, 20 * MSS);
    cc.onRecoveryExit(0, 2 * MSS);
    expect(cc.cwndBytes).toBe(3 * MSS);
    cc.onLoss(0, 20 * MSS);
    cc.onRecoveryExit(0, 50 * MSS);
    expect(cc.cwndBytes).toBe(10 * MSS);
  });

  test('a mark is answered like a single loss (RFC 3168 §5), and never with a larger window', () => {
    const cc = createReno(MSS);
    cc.onCongestionMark(0, 10 * MSS);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([5 * MSS, 5 * MSS]);
    cc.onRto(0, 5 * MSS, true);
    cc.onCongestionMark(0, MSS);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([MSS, 2 * MSS]);
  });

  test('undo puts back cwnd and ssthresh as they were at the loss, once (RFC 5682 §3, RFC 3522 §3.3)', () => {
    const cc = createReno(MSS);
    cc.onLoss(0, 10 * MSS);
    cc.onUndo(0);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([10 * MSS, MAX_CWND_BYTES]);
    cc.onRto(0, 10 * MSS, true);
    cc.onRto(0, MSS, false);
    cc.onUndo(0);
    expect([cc.cwndBytes, cc.ssthreshBytes]).toEqual([10 * MSS, MAX_CWND_BYTES]);
    cc.onCongestionMark(0, 10 * MSS);
    cc.onUndo(0);
    expect(cc.cwndBytes).toBe(5 * MSS);
  });

  test('never passes the largest window there is', () => {
    const cc = createReno(MSS);
    for (let i = 0; i < 40; i++) acknowledge(cc, cc.cwndBytes);
    expect(cc.cwndBytes).toBe(MAX_CWND_BYTES);
  });
});

describe('after a pause (RFC 5681 §4.1, RFC 2861) [MUST-19]', () => {
  /** cwnd of 160 segments, in slow start. */
  function wide(): CongestionController {
    const cc = createReno(MSS);
    acknowledge(cc, 150 * MSS);
    cc.onLoss(0, 320 * MSS);
    return cc;
  }

  test.each([
    ['as long as the RTO keeps the window', 200, 160],
    ['longer than the RTO halves it', 201, 80],
    ['of two RTOs still halves it once', 400, 80],
    ['longer than two RTOs halves it twice', 401, 40],
    ['of three and a half RTOs halves it three times', 700, 20],
    ['of any length leaves the restart window, which is the initial one', 1e9, 10],
  ])('%s', (_title, idleMs, segments) => {
    const cc = wide();
    cc.onIdle(0, idleMs, 200);
    expect(cc.cwndBytes).toBe(segments * MSS);
  });

  test('a window smaller than the initial one stays: RW = min(IW, cwnd)', () => {
    const cc = createReno(MSS);
    cc.onLoss(0, 8 * MSS);
    cc.onIdle(0, 10_000, 200);
    expect(cc.cwndBytes).toBe(4 * MSS);
  });

  test('ssthresh remembers three quarters of it, and is not lowered', () => {
    const cc = wide();
    expect(cc.ssthreshBytes).toBe(160 * MSS);
    cc.onIdle(0, 1000, 200);
    expect(cc.ssthreshBytes).toBe(160 * MSS);
    cc.onRto(0, 8 * MSS, true);
    for (let i = 0; i < 10_000; i++) acknowledge(cc, MSS);
    const cwnd = cc.cwndBytes;
    expect(cwnd).toBeGreaterThan(100 * MSS);
    cc.onIdle(0, 1000, 200);
    expect(cc.ssthreshBytes).toBe(Math.floor(cwnd * 0.75));
  });
});

describe('as the connection drives it', () => {
  const lengths = (t: Script): number => t.take().reduce((sum, sent) => sum + sent.len, 0);

  test('a sender with enough to send doubles its flight each round trip', () => {
    const t = established({ peer: { mss: MSS, scale: 7 }, congestion: 'reno' });
    t.write(200 * MSS);
    let acked = 1;
    for (const [round, segments] of [10, 20, 40].entries()) {
      const sent = lengths(t);
      expect(sent).toBe(segments * MSS);
      for (let i = 0; i < segments; i++) t.inject(at(10 * (round + 1)), ack({ seq: 1, ack: (acked += MSS) }));
    }
    t.ignore();
  });

  test('after a time-out it begins again with one segment, then two, then four', () => {
    const t = established({ peer: { mss: MSS, scale: 7 }, congestion: 'reno' });
    t.write(10 * MSS);
    expect(lengths(t)).toBe(10 * MSS);
    t.wait(at(200));
    expect(lengths(t)).toBe(MSS);
    t.inject(at(210), ack({ seq: 1, ack: 1 + MSS }));
    expect(lengths(t)).toBe(2 * MSS);
    t.inject(at(220), ack({ seq: 1, ack: 1 + 2 * MSS }));
    t.inject(at(220), ack({ seq: 1, ack: 1 + 3 * MSS }));
    expect(lengths(t)).toBe(4 * MSS);
  });
});
