/** The scoreboard: which SACK blocks count. */

import { describe, expect, test } from 'vitest';
import { at, type Script } from '../../test/script.ts';
import { ack } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { SACKED } from './sent-log.ts';

/** Offsets [0, 10000) are outstanding; these blocks were sacked (as sequence numbers, one above the offset). */
function sacked(...sack: (readonly [number, number])[]): Script {
  const t = established({ peer: { mss: 2000, scale: 7, sackOk: true }, advertisedMssBytes: 2000, loose: true });
  t.write(10_000);
  t.inject(at(0), ack({ seq: 1, ack: 1, sack }));
  return t;
}

function ranges(t: Script): (readonly [number, number])[] {
  const { log } = t.tcb.recovery;
  const found: (readonly [number, number])[] = [];
  for (let i = 0; log !== null && i < log.count; i++) {
    if ((log.flagsAt(i) & SACKED) !== 0) found.push([log.startAt(i), log.endAt(i)]);
  }
  return found;
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
    expect(t.tcb.recovery.sackedBytes).toBe(2000);
  });

  test('from a peer that did not agree to SACK are ignored', () => {
    const t = established({ peer: { mss: 2000 }, advertisedMssBytes: 2000, loose: true });
    t.write(10_000);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[2001, 9001]] }));
    expect(ranges(t)).toEqual([]);
    expect(t.counters.retransmittedSegments).toBe(0);
  });
});

describe('D-SACK (RFC 2883 §4)', () => {
  const peer = { mss: 1000, scale: 7, sackOk: true };

  test('a first block below the cumulative ACK is one, and marks nothing', () => {
    const t = established({ peer, loose: true });
    t.write(10_000);
    t.inject(at(0), ack({ seq: 1, ack: 3001 }));
    t.inject(at(1), ack({ seq: 1, ack: 3001, sack: [[1001, 2001]] }));
    expect(t.counters.dsacksReceived).toBe(1);
    expect(ranges(t)).toEqual([]);
  });

  test('so is a first block inside the second, which counts as usual', () => {
    const t = established({ peer, loose: true });
    t.write(10_000);
    const sack: [number, number][] = [
      [4001, 5001],
      [3001, 6001],
    ];
    t.inject(at(0), ack({ seq: 1, ack: 1, sack }));
    expect(t.counters.dsacksReceived).toBe(1);
    expect(ranges(t)).toEqual([[3000, 6000]]);
  });

  test('a block from another age of the stream is neither', () => {
    const t = established({ peer, loose: true });
    t.write(10_000);
    t.inject(at(0), ack({ seq: 1, ack: 1, sack: [[-0x4000_0000, -0x4000_0000 + 1000]] }));
    expect(t.counters.dsacksReceived).toBe(0);
    expect(ranges(t)).toEqual([]);
  });
});
