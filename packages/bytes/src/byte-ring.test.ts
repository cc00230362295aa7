/** The byte ring, with and without loans, against a model that keeps every byte by its position in the stream. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { AssertionError } from './assert.ts';
import { ByteRing } from './byte-ring.ts';
import { LoanDesk } from './loans.ts';
import { SlabPool } from './slab-pool.ts';

/** Bytes that differ from place to place, so that a byte in the wrong place shows. */
function pattern(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((from + i) * 31 + ((from + i) >> 8) * 7) & 0xff);
}

function readAll(ring: ByteRing): Uint8Array {
  const into = new Uint8Array(ring.readable);
  expect(ring.read(into, 0, into.length)).toBe(into.length);
  return into;
}

/** The stream as a map from position to byte; positions never wrap. */
class Model {
  head = 0;
  tail = 0;
  limit: number;
  readonly bytes = new Map<number, number>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get readable(): number {
    return this.tail - this.head;
  }

  put(position: number, data: Uint8Array): void {
    data.forEach((byte, i) => this.bytes.set(position + i, byte));
  }

  /** How many bytes beyond the tail were placed without a hole. */
  placedRun(): number {
    let n = 0;
    while (this.bytes.has(this.tail + n)) n++;
    return n;
  }

  hasPlaced(): boolean {
    return [...this.bytes.keys()].some((position) => position >= this.tail);
  }

  slice(position: number, length: number): number[] {
    return Array.from({ length }, (_, i) => this.bytes.get(position + i) as number);
  }

  /** What was placed beyond the tail will not be asked for any more. */
  forgetPlaced(): void {
    for (const position of this.bytes.keys()) if (position >= this.tail) this.bytes.delete(position);
  }

  forget(count: number): void {
    for (let i = 0; i < count; i++) this.bytes.delete(this.head + i);
    this.head += count;
  }

  clear(): void {
    this.bytes.clear();
    this.head = this.tail;
  }
}

/** `skip` is a distance: how far ahead to place, how far in to peek. */
interface Step {
  readonly do:
    | 'write'
    | 'place'
    | 'extend'
    | 'read'
    | 'discard'
    | 'peek'
    | 'lend'
    | 'settle'
    | 'limit'
    | 'park'
    | 'release';
  readonly bytes: number;
  readonly skip: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Step['do']>('write', 'place', 'extend', 'read', 'discard', 'peek') },
    { weight: 4, arbitrary: fc.constantFrom<Step['do']>('lend', 'lend', 'lend', 'settle') },
    { weight: 1, arbitrary: fc.constantFrom<Step['do']>('limit', 'park', 'release') },
  ),
  bytes: fc.oneof(fc.nat(1500), fc.nat(8)),
  skip: fc.oneof(fc.nat(1500), fc.nat(8)),
});

/** A desk that is always open, and the memory that was lent since it was last settled. */
class Lender {
  readonly desk = new LoanDesk();
  readonly #lent: Uint8Array[] = [];

  constructor() {
    this.desk.open();
  }

  lend(ring: ByteRing, data: Uint8Array, at: number): void {
    const from = new Uint8Array(at + data.length + 3).fill(0xee);
    from.set(data, at);
    if (ring.lend(this.desk, from, at, at + data.length)) this.#lent.push(from);
    else expect(ring.write(from, at, at + data.length)).toBe(data.length);
  }

  settle(): void {
    this.desk.settle();
    for (const from of this.#lent.splice(0)) from.fill(0xaa);
    this.desk.open();
  }
}

function run({ do: what, bytes, skip }: Step, ring: ByteRing, model: Model, lender: Lender): void {
  const before = model.readable;
  switch (what) {
    case 'write': {
      const n = Math.min(bytes, Math.max(0, model.limit - before));
      const data = pattern(model.tail, bytes);
      // The source lies inside a larger array, as a segment's payload does.
      const from = new Uint8Array(bytes + skip + 3).fill(0xee);
      from.set(data, skip);
      expect(ring.write(from, skip, skip + bytes)).toBe(n);
      model.put(model.tail, data.subarray(0, n));
      model.tail += n;
      return;
    }
    case 'place': {
      if (before + skip + bytes > Math.max(model.limit, before)) {
        expect(() => ring.place(skip, new Uint8Array(bytes), 0, bytes)).toThrow(AssertionError);
        return;
      }
      const data = pattern(model.tail + skip, bytes);
      ring.place(skip, data, 0, bytes);
      model.put(model.tail + skip, data);
      return;
    }
    case 'extend': {
      const n = Math.min(bytes, model.placedRun());
      ring.extend(n);
      model.tail += n;
      return;
    }
    case 'read': {
      const n = Math.min(bytes, before);
      const into = new Uint8Array(skip + bytes + 1).fill(0xee);
      expect(ring.read(into, skip, skip + bytes)).toBe(n);
      expect([...into.subarray(skip, skip + n)]).toEqual(model.slice(model.head, n));
      expect(into[skip + n]).toBe(0xee);
      model.forget(n);
      return;
    }
    case 'discard': {
      const n = Math.min(bytes, before);
      ring.discard(n);
      model.forget(n);
      return;
    }
    case 'peek': {
      const from = Math.min(skip, before);
      const n = Math.min(bytes, before - from);
      const into = new Uint8Array(n + 2).fill(0xee);
      ring.peek(from, into, 1, n);
      expect([...into]).toEqual([0xee, ...model.slice(model.head + from, n), 0xee]);
      return;
    }
    case 'lend': {
      const n = Math.min(bytes, model.limit - before);
      if (n <= 0) return;
      model.forgetPlaced();
      const data = pattern(model.tail, n);
      lender.lend(ring, data, skip);
      model.put(model.tail, data);
      model.tail += n;
      return;
    }
    case 'settle':
      lender.settle();
      expect(ring.lentBytes).toBe(0);
      return;
    case 'limit':
      model.limit = 2000 + bytes * 3;
      ring.limitBytes = model.limit;
      return;
    case 'park':
      if (model.hasPlaced()) return;
      ring.park();
      if (before === 0 || before > ring.lentBytes) expect(ring.heldBytes > 0).toBe(before > 0);
      return;
    case 'release':
      ring.release();
      model.clear();
      expect([ring.heldBytes, ring.lentBytes]).toEqual([0, 0]);
  }
}

describe('against a model', () => {
  test('any run of writes, placements, loans, reads, limits and releases gives the bytes that a model gives', () => {
    holds(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pool = new SlabPool();
        const ring = new ByteRing(pool, 5000);
        const model = new Model(5000);
        const lender = new Lender();
        for (const one of steps) {
          run(one, ring, model, lender);
          expect(ring.readable).toBe(model.readable);
          expect(ring.limitBytes).toBe(model.limit);
          expect(ring.free).toBe(Math.max(0, model.limit - model.readable));
          expect(pool.stats().lentBytes).toBe(ring.heldBytes);
        }
        lender.settle();
        expect([...readAll(ring)]).toEqual(model.slice(model.head, model.readable));
        ring.release();
        expect(pool.stats().lent).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('a stream far longer than the ring comes out as it went in, across many turns of its memory', () => {
    const ring = new ByteRing(new SlabPool(), 1024);
    let written = 0;
    let read = 0;
    for (let i = 0; read < 100_000; i++) {
      written += ring.write(pattern(written, 700), 0, 700);
      const into = new Uint8Array((i * 37) % 900);
      const n = ring.read(into, 0, into.length);
      expect(into.subarray(0, n)).toEqual(pattern(read, n));
      read += n;
    }
    expect(ring.heldBytes).toBe(1024);
  });
});

describe('one thing at a time', () => {
  test('a new ring holds no memory and gives nothing', () => {
    const ring = new ByteRing(new SlabPool(), 5000);
    expect([ring.heldBytes, ring.readable, ring.free]).toEqual([0, 0, 5000]);
    expect(ring.read(new Uint8Array(8), 0, 8)).toBe(0);
    ring.discard(0);
    ring.park();
    ring.release();
    expect(ring.heldBytes).toBe(0);
  });

  test('bytes placed beyond a hole survive growth while the ring is wrapped', () => {
    const ring = new ByteRing(new SlabPool(), 10_000);
    ring.write(pattern(0, 1000), 0, 1000);
    ring.discard(900); // head near the end of the first 1 KiB
    ring.place(200, pattern(1200, 100), 0, 100); // wraps; a hole of 200 bytes before it
    expect(ring.heldBytes).toBe(1024);
    ring.place(2000, pattern(3000, 10), 0, 10); // grows
    expect(ring.heldBytes).toBe(4096);
    ring.write(pattern(1000, 200), 0, 200);
    ring.extend(100);
    expect(readAll(ring)).toEqual(pattern(900, 400));
  });

  test('writing stops at the limit and says how much went in', () => {
    const ring = new ByteRing(new SlabPool(), 100);
    expect(ring.write(pattern(0, 150), 0, 150)).toBe(100);
    expect(ring.write(pattern(0, 1), 0, 1)).toBe(0);
    expect(ring.free).toBe(0);
  });

  test('a limit set below what is queued keeps the queue and leaves no room', () => {
    const ring = new ByteRing(new SlabPool(), 100);
    ring.write(pattern(0, 80), 0, 80);
    ring.limitBytes = 50;
    expect([ring.readable, ring.free]).toEqual([80, 0]);
    expect(readAll(ring)).toEqual(pattern(0, 80));
  });

  test('a ring parked after full use takes a block of the same size again, after little use half of it', () => {
    const pool = new SlabPool();
    const ring = new ByteRing(pool, 8192);
    ring.write(pattern(0, 8000), 0, 8000);
    ring.discard(8000);
    ring.park();
    expect([ring.heldBytes, pool.stats().lent]).toEqual([0, 0]);
    ring.write(pattern(0, 10), 0, 10);
    expect(ring.heldBytes).toBe(8192);
    ring.discard(10);
    ring.park();
    ring.write(pattern(0, 10), 0, 10);
    expect(ring.heldBytes).toBe(4096);
  });

  test.each<[string, (ring: ByteRing) => void]>([
    ['placing beyond the limit', (ring) => ring.place(90, new Uint8Array(11), 0, 11)],
    ['placing before the tail', (ring) => ring.place(-1, new Uint8Array(1), 0, 1)],
    ['extending over memory that was never placed', (ring) => ring.extend(2000)],
    ['reading ahead of the tail', (ring) => ring.peek(1, new Uint8Array(8), 0, 4)],
    ['reading before the head', (ring) => ring.peek(-1, new Uint8Array(8), 0, 1)],
    ['discarding more than is queued', (ring) => ring.discard(5)],
    ['discarding less than nothing', (ring) => ring.discard(-1)],
  ])('%s is a bug of the caller, and asserted', (_, act) => {
    const ring = new ByteRing(new SlabPool(), 104);
    ring.write(pattern(0, 4), 0, 4);
    expect(() => act(ring)).toThrow(AssertionError);
  });
});
