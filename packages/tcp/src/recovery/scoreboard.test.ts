/** The scoreboard: which SACK blocks count. */

import { describe, expect, test } from 'vitest';
import { at, type Script } from '../../test/script.ts';
import { ack } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { lostBelow, nextUnsacked, unsackedBytes, unsackedRunEnd } from './scoreboard.ts';

/** Offsets [0, 10000) are outstanding; these blocks were sacked (as sequence numbers, one above the offset). */
function sacked(...sack: (readonly [number, number])[]): Script {
  const t = established({ peer: { mss: 2000, scale: 7, sackOk: true }, advertisedMssBytes: 2000, loose: true });
  t.write(10_000);
  t.inject(at(0), ack({ seq: 1, ack: 1, sack }));
  return t;
}

function ranges(t: Script): (readonly [number, number])[] {
  const set = t.tcb.recovery.sacked;
  return Array.from({ length: set?.size ?? 0 }, (_, i) => [set?.startAt(i) ?? 0, set?.endAt(i) ?? 0] as const);
}

describe('SACK blocks (RFC 2018 §4, §8)', () => {
  test('are remembered as offsets, merged and sorted', () => {
    expect(ranges(sacked([5001, 6001], [2001, 3001], [2501, 4001]))).toEqual([
      [2000, 4000],
      [5000, 6000],
    ]);
  });

  test.each([
    ['below SND.UNA (a duplicate, RFC 2883)', -99, 0],
    ['that begins at SND.UNA', 1, 1001],
    ['beyond SND.NXT', 9001, 10_002],
    ['that is empty', 3001, 3001],
    ['that ends before it begins', 4001, 3001],
    ['whose ends lie half the sequence space apart', 0x6000_0000, -0x2000_0000],
    ['whose ends lie on both sides, far off', 0x6000_0000, -0x6000_0000],
  ])('one %s is ignored', (_, left, right) => {
    expect(ranges(sacked([left, right]))).toEqual([]);
  });

  test('below a new SND.UNA are forgotten', () => {
    const t = sacked([2001, 4001], [6001, 7001]);
    t.inject(at(0), ack({ seq: 1, ack: 3001 }));
    expect(ranges(t)).toEqual([
      [3000, 4000],
      [6000, 7000],
    ]);
  });

  test('from a peer that did not agree to SACK are ignored', () => {
    const t = established({ peer: { mss: 2000 }, advertisedMssBytes: 2000, loose: true });
    t.write(10_000);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[2001, 9001]] }));
    expect(t.tcb.recovery.sacked).toBeNull();
    expect(t.counters.retransmittedSegments).toBe(0);
  });

  test('no more ranges are tracked than the limit, and the connection works on', () => {
    const t = established({ peer: { mss: 2000, scale: 7, sackOk: true }, advertisedMssBytes: 2000, loose: true });
    t.write(10_000);
    for (let i = 0; i < 1200; i++) t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[3 + 4 * i, 4 + 4 * i]] }));
    expect(t.tcb.recovery.sacked?.size).toBe(512);
    t.inject(at(1), ack({ seq: 1, ack: 10_001 }));
    expect(t.tcb.sendRing.readable).toBe(0);
  });
});

describe('what follows from them (RFC 6675 §4)', () => {
  test('bytes that are not sacked', () => {
    const { tcb } = sacked([2001, 3001], [5001, 7001]);
    expect(unsackedBytes(tcb, 0, 10_000)).toBe(7000);
    expect(unsackedBytes(tcb, 2500, 6000)).toBe(2000);
    expect(unsackedBytes(tcb, 5000, 7000)).toBe(0);
    expect(unsackedBytes(tcb, 7000, 7000)).toBe(0);
  });

  test('where the next hole begins and ends', () => {
    const { tcb } = sacked([2001, 3001], [5001, 7001]);
    expect(nextUnsacked(tcb, 0)).toBe(0);
    expect(nextUnsacked(tcb, 2000)).toBe(3000);
    expect(unsackedRunEnd(tcb, 3000, 10_000)).toBe(5000);
    expect(unsackedRunEnd(tcb, 3000, 4000)).toBe(4000);
    expect(unsackedRunEnd(tcb, 7000, 10_000)).toBe(10_000);
  });

  test('lost is what has more than 2 * SMSS sacked above it (IsLost)', () => {
    expect(lostBelow(sacked([2001, 6001]).tcb, -1)).toBe(-1);
    expect(lostBelow(sacked([2001, 6002]).tcb, -1)).toBe(2000);
    expect(lostBelow(sacked([2001, 3001], [5001, 8001], [9001, 10_001]).tcb, -1)).toBe(2000);
    expect(lostBelow(sacked([2001, 3001], [4001, 8001], [9001, 10_001]).tcb, -1)).toBe(4000);
  });
});
