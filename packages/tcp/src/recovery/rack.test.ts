/** RACK: loss by time, with a round trip of 40 ms, so that a quarter of it is 10 ms. */

import { describe, expect, test } from 'vitest';
import { at, type Script, until } from '../../test/script.ts';
import { ack, data, type Fields } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { ownTimers } from '../timers.ts';
import { narrowWindow } from './rack.ts';

const MSS = 1000;
const RTT_MS = 40;
const PEER: Fields = { mss: MSS, scale: 7, sackOk: true };

/** Sequence numbers of what was sent since the last look. */
const sent = (t: Script): number[] => t.take().map((segment) => segment.seq);

/** Ten segments were sent at 40 ms, `more` bytes wait behind them. */
function sentTen(more = 0, superSegmentPayloadBytes = 0): Script {
  const options = { peer: PEER, rttMs: RTT_MS, congestion: 'reno', superSegmentPayloadBytes } as const;
  const t = established(options).inject(at(RTT_MS), ack({ seq: 1, ack: 1 }));
  t.write(10 * MSS + more);
  expect(t.take().reduce((sum, segment) => sum + segment.len, 0)).toBe(10 * MSS);
  return t;
}

describe('RACK (RFC 8985 §6.2)', () => {
  test('more than two segments sacked above it: what was sent before them is lost at once', () => {
    const t = sentTen();
    t.inject(at(80), ack({ seq: 1, ack: 1, sack: [[1001, 5001]] }));
    t.expect(at(80), data({ seq: 1, len: MSS }));
    expect(t.counters.fastRecoveries).toBe(1);
  });

  test('fewer than that: a quarter of the least round trip later, when only reordering would explain it', () => {
    const t = sentTen();
    t.inject(at(80), ack({ seq: 1, ack: 1, sack: [[1001, 2001]] }));
    t.expectSilence(until(89));
    t.expect(at(90), data({ seq: 1, len: MSS }));
    expect(t.tcb.recovery.mode).toBe('recovery');
  });

  test('what arrives within that time was only reordered: nothing is resent and cwnd stays', () => {
    const t = sentTen();
    const { cwndBytes } = t.tcb.congestion;
    t.inject(at(80), ack({ seq: 1, ack: 1, sack: [[1001, 2001]] }));
    t.inject(at(88), ack({ seq: 1, ack: 2001 }));
    t.expectSilence(until(100));
    expect(t.counters.retransmittedSegments).toBe(0);
    expect(t.tcb.congestion.cwndBytes).toBeGreaterThanOrEqual(cwndBytes);
    expect(t.tcb.recovery.rack.reorderingSeen).toBe(true);
  });

  test('once reordering was seen, the count of sacked segments means nothing any more', () => {
    const t = sentTen(10 * MSS);
    t.inject(at(80), ack({ seq: 1, ack: 1, sack: [[1001, 2001]] }));
    t.inject(at(81), ack({ seq: 1, ack: 2001 }));
    t.ignore();
    t.inject(at(82), ack({ seq: 1, ack: 2001, sack: [[3001, 9001]] }));
    expect(sent(t)).not.toContain(2001);
    t.wait(until(91));
    expect(sent(t)).not.toContain(2001);
    t.wait(until(92));
    expect(sent(t)).toContain(2001);
  });

  test('a retransmission is lost when what left after it has arrived', () => {
    const t = sentTen(10 * MSS);
    t.inject(at(80), ack({ seq: 1, ack: 1, sack: [[1001, 10_001]] }));
    const first = sent(t);
    expect(first[0]).toBe(1);
    expect(first.length).toBeGreaterThan(1);
    const next = first.at(-1) as number;
    t.inject(at(120), ack({ seq: 1, ack: 1, sack: [[1001, next + MSS]] }));
    expect(sent(t)).toContain(1);
    expect(t.counters.fastRecoveries).toBe(1);
    expect(t.counters.timeouts).toBe(0);
  });

  test('a super-segment of which one segment is missing is parted: only that one is resent', () => {
    const t = sentTen(0, 60_000);
    t.inject(at(80), ack({ seq: 1, ack: 3001, sack: [[4001, 10_001]] }));
    t.expect(at(80), data({ seq: 3001, len: MSS }));
    t.inject(at(120), ack({ seq: 1, ack: 10_001 }));
    expect(t.tcb.recovery.mode).toBe('open');
  });

  test('round trips of a tenth of a millisecond: what is sacked in a burst marks only what came before it', () => {
    const t = established({ peer: PEER, rttMs: 0.1, congestion: 'reno' }).inject(at(0.1), ack({ seq: 1, ack: 1 }));
    t.write(10 * MSS);
    t.ignore();
    t.inject(at(0.2), ack({ seq: 1, ack: 2001, sack: [[3001, 4001]] }));
    expect(sent(t)).toEqual([]);
    t.inject(at(0.21), ack({ seq: 1, ack: 10_001 }));
    t.expectSilence(until(1000));
    expect(t.counters.retransmittedSegments).toBe(0);
  });

  test('a D-SACK widens the window, once a round trip, and sixteen recoveries later it is narrow again (step 4)', () => {
    const t = sentTen();
    const { recovery } = t.tcb;
    t.inject(at(80), ack({ seq: 1, ack: 3001, sack: [[1001, 2001]] }));
    t.inject(at(81), ack({ seq: 1, ack: 4001, sack: [[2001, 3001]] }));
    expect(recovery.rack.windowSteps).toBe(2);
    t.inject(at(82), ack({ seq: 1, ack: 10_001 }));
    t.inject(at(83), ack({ seq: 1, ack: 10_001, sack: [[3001, 4001]] }));
    expect(recovery.rack.windowSteps).toBe(3);
    for (let i = 0; i < 16; i++) {
      expect(recovery.rack.windowSteps).toBe(3);
      narrowWindow(t.tcb);
    }
    expect(recovery.rack.windowSteps).toBe(1);
  });
});

describe('RACK and the time-out (RFC 8985 §6.3)', () => {
  test('what was sent a moment before is not held for lost: it has its round trip', () => {
    const t = sentTen(2 * MSS);
    // One segment is acknowledged shortly before the timer expires: two more leave.
    t.wait(until(150)).ignore();
    t.inject(at(235), ack({ seq: 1, ack: 1001 }));
    const late = sent(t);
    expect(late.length).toBeGreaterThan(0);
    ownTimers(t.tcb).tailProbeAtMs = Infinity;
    ownTimers(t.tcb).retransmitAtMs = 240;
    t.wait(until(240));
    expect(t.counters.timeouts).toBe(1);
    const { log } = t.tcb.recovery;
    const last = (log?.count ?? 0) - 1;
    expect(log?.flagsAt(last)).toBe(0);
    expect(log?.flagsAt(0)).not.toBe(0);
    t.ignore();
  });
});
