/** Properties of arrival: however a stream is cut, shuffled, doubled or merged, the same stream comes out. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, type Script, type ScriptOptions } from './script.ts';
import { data, type Fields, fin, type SegmentSpec, sackedAhead } from './segments.ts';
import { accepted } from './states.ts';

const STREAM_BYTES = 4000;
const FIN_AT = STREAM_BYTES + 1;

interface Piece {
  readonly from: number;
  readonly to: number;
}

/** Cuts of the stream that cover it, with extra pieces that overlap them, in any order. */
const pieces: fc.Arbitrary<Piece[]> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: STREAM_BYTES - 1 }), { maxLength: 25 }),
    fc.array(fc.tuple(fc.nat(STREAM_BYTES), fc.nat(STREAM_BYTES)), { maxLength: 15 }),
  )
  .chain(([cuts, extra]) => {
    const borders = [0, ...cuts.sort((x, y) => x - y), STREAM_BYTES];
    const cover = borders.slice(1).map((to, i) => ({ from: borders[i] as number, to }));
    const more = extra.filter(([x, y]) => x !== y).map(([x, y]) => ({ from: Math.min(x, y), to: Math.max(x, y) }));
    const all = [...cover, ...more];
    return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
  });

const peers: fc.Arbitrary<Fields> = fc.constantFrom(
  { mss: 1460 },
  { mss: 1460, sackOk: true },
  { mss: 1460, sackOk: true, scale: 7 },
);

function segmentOf({ from, to }: Piece): SegmentSpec {
  const fields = { seq: from + 1, ack: 1, len: to - from };
  return to === STREAM_BYTES ? fin(fields) : data(fields);
}

function receiver(peer: Fields, options: ScriptOptions = {}): Script {
  return accepted({ peer, loose: true, ...options });
}

describe('a stream in pieces (RFC 9293 §3.10.7.4) [SHLD-31]', () => {
  test('is delivered whole and once, in any cut, order and number of copies', () => {
    fc.assert(
      fc.property(pieces, peers, fc.nat(3), (list, peer, readEvery) => {
        const t = receiver(peer);
        list.forEach((piece, i) => {
          t.inject(at(i), segmentOf(piece));
          if (readEvery > 0 && i % readEvery === 0) t.read();
        });
        t.read();
        expect(t.delivered).toBe(STREAM_BYTES);
        expect(t.tcb.state).toBe('CLOSE-WAIT');
        expect(t.outbox.at(-1)?.ack).toBe(FIN_AT + 1);
        expect(t.pool.stats().lent).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  test('wherever its numbers wrap', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 0, max: STREAM_BYTES + 2 }), fc.boolean(), (list, before, unsigned) => {
        const t = receiver({ mss: 1460 }, { irs: (unsigned ? 0xffff_ffff : 0x7fff_ffff) - before });
        for (const piece of list) t.inject(at(0), segmentOf(piece));
        t.read();
        expect(t.delivered).toBe(STREAM_BYTES);
        expect(t.tcb.state).toBe('CLOSE-WAIT');
      }),
      { numRuns: 200 },
    );
  });

  test('through a small buffer, when the peer sends again what found no room', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 300, max: 2000 }), (list, receiveBufferBytes) => {
        const t = receiver({ mss: 1460 }, { receiveBufferBytes });
        for (let again = 0; again < 40 && t.tcb.state === 'ESTABLISHED'; again++) {
          for (const piece of list) {
            t.inject(t.nowMs + 1, segmentOf(piece));
            t.read();
          }
        }
        expect(t.delivered).toBe(STREAM_BYTES);
        expect(t.tcb.state).toBe('CLOSE-WAIT');
      }),
      { numRuns: 200 },
    );
  });
});

/** Joins neighbours that continue each other, as a receiving link does. */
function mergeNeighbours(list: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const piece of list) {
    const last = merged.at(-1);
    if (last !== undefined && last.to === piece.from) merged[merged.length - 1] = { from: last.from, to: piece.to };
    else merged.push(piece);
  }
  return merged;
}

/** What a connection knows after a batch. */
function knowledge(t: Script): unknown {
  const { rcv, pending, state, receiveRing } = t.tcb;
  const ranges = Array.from({ length: pending?.size ?? 0 }, (_, i) => [pending?.startAt(i), pending?.endAt(i)]);
  return { nxt: rcv.nxt, edge: rcv.edge, finOffset: rcv.finOffset, state, readable: receiveRing.readable, ranges };
}

describe('merged arrival and unmerged arrival', () => {
  /** Mostly in order, so that there is something to merge. */
  const flows = fc.tuple(pieces, fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 6 })).map(([list, swaps]) => {
    const ordered = [...list].sort((x, y) => x.from - y.from || x.to - y.to);
    for (const [i, j] of swaps) {
      const x = ordered[i % ordered.length] as Piece;
      ordered[i % ordered.length] = ordered[j % ordered.length] as Piece;
      ordered[j % ordered.length] = x;
    }
    return ordered;
  });

  test('leave the connection with the same knowledge, batch by batch', () => {
    fc.assert(
      fc.property(
        flows,
        peers,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(2000, 1 << 20),
        (list, peer, size, room) => {
          const single = receiver(peer, { receiveBufferBytes: room });
          const merged = receiver(peer, { receiveBufferBytes: room });
          for (let i = 0; i < list.length; i += size) {
            const batch = list.slice(i, i + size);
            single.injectBatch(at(i), batch.map(segmentOf));
            merged.injectBatch(at(i), mergeNeighbours(batch).map(segmentOf));
            expect(knowledge(merged)).toEqual(knowledge(single));
            single.read();
            merged.read();
            expect(merged.delivered).toBe(single.delivered);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test('acknowledge the same bytes at the end', () => {
    fc.assert(
      fc.property(flows, peers, (list, peer) => {
        const single = receiver(peer);
        const merged = receiver(peer);
        for (const piece of list) single.inject(at(0), segmentOf(piece));
        for (const piece of mergeNeighbours(list)) merged.inject(at(0), segmentOf(piece));
        for (const t of [single, merged]) t.wait(at(100));
        expect(merged.outbox.at(-1)?.ack).toBe(single.outbox.at(-1)?.ack);
        // What came twice is told as it came, piece by piece.
        const [ends, endsMerged] = [single, merged].map(({ outbox }) => outbox.slice(-1).map(sackedAhead));
        expect(endsMerged).toEqual(ends);
      }),
      { numRuns: 200 },
    );
  });
});
