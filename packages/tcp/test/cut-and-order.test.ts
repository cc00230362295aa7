/** Properties of a stream that a real sender cut, and that a bad network cuts, merges, doubles and shuffles again. */

import { FIN } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, type Script } from './script.ts';
import { ack, data, type Emitted, type Fields, fin, type SegmentSpec, sackedAhead } from './segments.ts';
import { accepted, established } from './states.ts';

const STREAM_BYTES = 12_000;

/** Bytes `[from, to)` of the stream, numbered from 0; the last may carry the FIN. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly fin: boolean;
}

/** What a sender of ours sends, with lost ACKs and so with segments that are sent again, cut otherwise. */
function record(superSegmentPayloadBytes: number, losesAcks: boolean): Piece[] {
  const t = established({ peer: { mss: 1000 }, superSegmentPayloadBytes, noDelay: true, loose: true });
  const pieces: Piece[] = [];
  let acked = 1;
  for (let round = 0; round < 60 && t.tcb.state !== 'FIN-WAIT-2'; round++) {
    if (t.written < STREAM_BYTES) t.write(Math.min(700 + 977 * round, STREAM_BYTES - t.written));
    else t.close();
    const sent = t.take();
    pieces.push(...sent.map(pieceOf).filter((piece) => piece.to > piece.from || piece.fin));
    const end = Math.max(acked, ...sent.map((each) => each.seq + each.len + (each.flags & FIN)));
    // A lost ACK lets the retransmission timer run: the same bytes come again, in other segments.
    if (losesAcks && round % 3 === 1) t.wait(t.nowMs + 400);
    else t.inject(t.nowMs + 1, ack({ seq: 1, ack: (acked = end) }));
  }
  expect(t.tcb.state).toBe('FIN-WAIT-2');
  return pieces;
}

function pieceOf({ seq, len, flags }: Emitted): Piece {
  return { from: seq - 1, to: seq - 1 + len, fin: (flags & FIN) !== 0 };
}

const RECORDS = [0, 5000].flatMap((bytes) => [record(bytes, false), record(bytes, true)]);

/** Cut at these places, wherever they fall inside a piece. */
function cut(pieces: readonly Piece[], places: readonly number[]): Piece[] {
  return pieces.flatMap(({ from, to, fin }) => {
    const inside = places.filter((place) => place > from && place < to);
    const borders = [from, ...inside, to];
    return borders.slice(1).map((end, i) => ({ from: borders[i] as number, to: end, fin: fin && end === to }));
  });
}

/** Neighbours that continue each other, joined where `joins` says so. */
function merge(pieces: readonly Piece[], joins: (i: number) => boolean): Piece[] {
  const merged: Piece[] = [];
  pieces.forEach((piece, i) => {
    const last = merged.at(-1);
    if (last !== undefined && last.to === piece.from && !last.fin && joins(i)) {
      merged[merged.length - 1] = { from: last.from, to: piece.to, fin: piece.fin };
    } else merged.push(piece);
  });
  return merged;
}

function specOf({ from, to, fin: ends }: Piece): SegmentSpec {
  const fields = { seq: from + 1, ack: 1, len: to - from };
  return ends ? fin(fields) : data(fields);
}

/** A network's doing: places to cut at, whom to join, what to double, and an order. */
const deliveries: fc.Arbitrary<Piece[]> = fc
  .tuple(
    fc.constantFrom(...RECORDS),
    fc.uniqueArray(fc.integer({ min: 1, max: STREAM_BYTES - 1 }), { maxLength: 30 }),
    fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
    fc.array(fc.tuple(fc.nat(STREAM_BYTES), fc.nat(STREAM_BYTES)), { maxLength: 12 }),
    fc.nat(3),
  )
  .chain(([recorded, places, joins, extra, copies]) => {
    const sorted = places.sort((x, y) => x - y);
    const network = merge(cut(recorded, sorted), (i) => joins[i % joins.length] === true);
    const overlaps = extra.map(([x, y]) => ({ from: Math.min(x, y), to: Math.max(x, y), fin: false }));
    const doubled = network.slice(0, copies * 4);
    const all = [...network, ...doubled, ...overlaps.filter(({ from, to }) => to > from)];
    return fc.oneof(
      fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      // Nearly in order, as on most days.
      fc.array(fc.tuple(fc.nat(all.length - 1), fc.nat(3)), { maxLength: 10 }).map((swaps) => swapped(all, swaps)),
    );
  });

function swapped(pieces: readonly Piece[], swaps: readonly (readonly [number, number])[]): Piece[] {
  const list = [...pieces];
  for (const [i, by] of swaps) {
    const [piece] = list.splice(i, 1);
    if (piece !== undefined) list.splice(i + by, 0, piece);
  }
  return list;
}

/** Looks at a receiver from outside: what it may know is what arrived. */
class Onlooker {
  readonly #arrived = new Uint8Array(STREAM_BYTES);
  readonly #t: Script;
  readonly #bufferBytes: number;
  #finArrived = false;
  #prefix = 0;
  #ack = 1;
  #edge = 0;

  constructor(t: Script, bufferBytes: number) {
    this.#t = t;
    this.#bufferBytes = bufferBytes;
  }

  deliver(nowMs: number, piece: Piece): void {
    this.#arrived.fill(1, piece.from, piece.to);
    this.#finArrived ||= piece.fin;
    while (this.#prefix < STREAM_BYTES && this.#arrived[this.#prefix] === 1) this.#prefix++;
    this.#t.inject(nowMs, specOf(piece));
    this.look();
  }

  /** At all that was sent since. */
  look(): void {
    const whole = this.#prefix === STREAM_BYTES && this.#finArrived;
    for (const sent of this.#t.take()) {
      expect(sent.ack, 'never acknowledges what it has not got').toBeLessThanOrEqual(this.#prefix + (whole ? 2 : 1));
      expect(sent.ack, 'never takes an acknowledgment back').toBeGreaterThanOrEqual(this.#ack);
      for (const [left] of sackedAhead(sent)) expect(left, 'a SACK block lies beyond a hole').toBeGreaterThan(sent.ack);
      for (const [left, right] of sent.sack) {
        expect(this.#arrived.subarray(left - 1, right - 1).indexOf(0), 'and names bytes that are here').toBe(-1);
      }
      const edge = sent.ack + sent.win;
      expect(edge, 'never takes back a window that it offered').toBeGreaterThanOrEqual(this.#edge);
      expect(edge).toBeLessThanOrEqual(2 + this.#t.delivered + this.#bufferBytes);
      this.#ack = sent.ack;
      this.#edge = edge;
    }
  }
}

const peers: fc.Arbitrary<Fields> = fc.constantFrom({ mss: 1000 }, { mss: 1000, sackOk: true });

describe('a recorded stream, cut, merged, doubled, overlapping and out of order (RFC 9293 §3.10.7.4) [SHLD-31]', () => {
  test('is delivered exactly, and no ACK, SACK block or window says more than is true [SHLD-14]', () => {
    fc.assert(
      fc.property(deliveries, peers, fc.nat(3), (list, peer, readEvery) => {
        const t = accepted({ peer, loose: true, receiveBufferBytes: 60_000 });
        const onlooker = new Onlooker(t, 60_000);
        list.forEach((piece, i) => {
          onlooker.deliver(at(i), piece);
          if (readEvery > 0 && i % readEvery === 0) t.read();
          onlooker.look();
        });
        t.read();
        expect(t.delivered).toBe(STREAM_BYTES);
        expect(t.tcb.state).toBe('CLOSE-WAIT');
        t.wait(t.nowMs + 1000);
        onlooker.look();
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  test('through a buffer that holds a sixth of it, delivered again and again, the same', () => {
    fc.assert(
      fc.property(deliveries, peers, (list, peer) => {
        const t = accepted({ peer, loose: true, receiveBufferBytes: 2000 });
        const onlooker = new Onlooker(t, 2000);
        for (let again = 0; again < 30 && t.tcb.state === 'ESTABLISHED'; again++) {
          for (const piece of list) {
            onlooker.deliver(t.nowMs + 1, piece);
            t.read();
            onlooker.look();
          }
        }
        expect(t.delivered).toBe(STREAM_BYTES);
        expect(t.tcb.state).toBe('CLOSE-WAIT');
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('the obligation to acknowledge (RFC 9293 §3.8.6.3)', () => {
  /** Bytes in order, in batches: each batch is a list of lengths. */
  const batches = fc.array(
    fc.tuple(
      fc.array(fc.oneof(fc.constant(1000), fc.integer({ min: 1, max: 2500 })), { minLength: 1, maxLength: 6 }),
      fc.constantFrom(0, 1, 39, 41, 500),
    ),
    { minLength: 1, maxLength: 12 },
  );

  /** What is owed and since when, and what was sent: time, number and window of each ACK. */
  function owed(t: Script): unknown {
    const { out, timers } = t.tcb;
    const acks = t.take().map((sent) => [sent.atMs, sent.ack, sent.win]);
    return { acks, unackedBytes: out.unackedBytes, delayedAckAtMs: timers.delayedAckAtMs };
  }

  function compare(list: readonly (readonly [readonly number[], number])[], delaysAcks: boolean): void {
    const options = { peer: { mss: 1000 }, delaysAcks, loose: true };
    const single = established(options);
    const merged = established(options);
    let nextSeq = delaysAcks ? 17 : 1;
    let nowMs = 0;
    for (const [lengths, pauseMs] of list) {
      let seq = nextSeq;
      const specs = lengths.map((len) => data({ seq: (seq += len) - len, ack: 1, len }));
      single.injectBatch(at(nowMs), specs);
      merged.injectBatch(at(nowMs), [data({ seq: nextSeq, ack: 1, len: seq - nextSeq })]);
      nextSeq = seq;
      expect(owed(merged)).toEqual(owed(single));
      expect(merged.read()).toBe(single.read());
      nowMs += pauseMs;
      single.wait(at(nowMs));
      merged.wait(at(nowMs));
      expect(owed(merged)).toEqual(owed(single));
    }
  }

  test('comes at the same bytes and the same time, whether segments were merged or not [SHLD-19] [MUST-40]', () => {
    fc.assert(
      fc.property(batches, (list) => compare(list, true)),
      { numRuns: 300 },
    );
  });

  test('and ends its quick beginning after the same number of full segments', () => {
    const whole = batches.map((list) => list.map(([lengths, ms]) => [lengths.map(() => 1000), ms] as const));
    fc.assert(
      fc.property(whole, (list) => compare(list, false)),
      { numRuns: 200 },
    );
  });

  test('is never put off beyond two full segments, nor for 500 ms [SHLD-19] [MUST-40]', () => {
    fc.assert(
      fc.property(batches, (list) => {
        const t = established({ peer: { mss: 1000 }, delaysAcks: true, loose: true });
        let seq = 17;
        let acked = 17;
        let oldestMs = 0;
        for (const [lengths, pauseMs] of list) {
          for (const len of lengths) {
            if (acked === seq) oldestMs = t.nowMs;
            t.inject(t.nowMs, data({ seq, ack: 1, len }));
            seq += len;
            acked = Math.max(acked, ...t.take().map((sent) => sent.ack));
            t.read();
            acked = Math.max(acked, ...t.take().map((sent) => sent.ack));
            expect(seq - acked).toBeLessThan(2000);
          }
          t.wait(t.nowMs + pauseMs);
          acked = Math.max(acked, ...t.take().map((sent) => sent.ack));
          if (acked < seq) expect(t.nowMs - oldestMs).toBeLessThan(500);
        }
      }),
      { numRuns: 200 },
    );
  });
});
