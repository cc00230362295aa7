/** Loans: what they keep, whom they serve, and when they are forgotten. */

import { describe, expect, test } from 'vitest';
import { AssertionError } from './assert.ts';
import { ByteRing } from './byte-ring.ts';
import { LoanDesk, Loans } from './loans.ts';
import { SlabPool } from './slab-pool.ts';

const EXTENTS_MAX = 64;
const BORROWERS_MAX = 64;

/** `length` bytes that count up from `from`. */
function counted(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (from + i) & 0xff);
}

function openDesk(): LoanDesk {
  const desk = new LoanDesk();
  desk.open();
  return desk;
}

function readAll(ring: ByteRing): Uint8Array {
  const into = new Uint8Array(ring.readable);
  ring.read(into, 0, into.length);
  return into;
}

describe('the extents of one borrower', () => {
  test('a copy begins and ends anywhere, also exactly where extents meet', () => {
    const loans = new Loans(4);
    for (const from of [0, 10, 20]) loans.add(counted(from - 5, 20), 5, 15);
    for (let skip = 0; skip < 30; skip++) {
      for (let n = 1; skip + n <= 30; n++) {
        const into = new Uint8Array(n + 2);
        loans.copy(skip, into, 1, n);
        expect(into).toEqual(Uint8Array.of(0, ...counted(skip, n), 0));
      }
    }
  });

  test('what is dropped makes room only once all is', () => {
    const loans = new Loans(2);
    expect(loans.add(counted(0, 10), 0, 10)).toBe(true);
    expect(loans.add(counted(10, 10), 0, 10)).toBe(true);
    loans.drop(13);
    expect(loans.bytes).toBe(7);
    const into = new Uint8Array(7);
    loans.copy(0, into, 0, 7);
    expect(into).toEqual(counted(13, 7));
    expect(loans.add(counted(20, 10), 0, 10)).toBe(false);
    loans.drop(7);
    expect([loans.bytes, loans.add(counted(20, 10), 0, 10)]).toEqual([0, true]);
  });
});

describe('a ring that borrows', () => {
  test('bytes lent and read before the desk is settled cost the ring no memory', () => {
    const pool = new SlabPool();
    const ring = new ByteRing(pool, 100_000);
    const desk = openDesk();
    expect(ring.lend(desk, counted(0, 60_000), 10, 50_010)).toBe(true);
    expect([ring.readable, ring.free, ring.lentBytes]).toEqual([50_000, 50_000, 50_000]);
    expect(readAll(ring)).toEqual(counted(10, 50_000));
    desk.settle();
    expect([ring.heldBytes, pool.stats().lent]).toEqual([0, 0]);
  });

  test('what was not read is copied when the desk is settled, behind what the ring had, across the end of its memory', () => {
    const ring = new ByteRing(new SlabPool(), 1024);
    ring.write(counted(0, 1000), 0, 1000);
    ring.discard(900);
    const desk = openDesk();
    const from = counted(1000, 300);
    expect(ring.lend(desk, from, 0, 100)).toBe(true);
    expect(ring.lend(desk, from, 100, 300)).toBe(true);
    desk.settle();
    from.fill(0xee);
    expect([ring.heldBytes, ring.lentBytes, desk.isOpen]).toEqual([1024, 0, false]);
    expect(readAll(ring)).toEqual(counted(900, 400));
  });

  test('each of many rings gets its own bytes back', () => {
    const desk = openDesk();
    const from = counted(0, 200);
    const rings = [0, 1, 2].map(() => new ByteRing(new SlabPool(), 1000));
    for (let at = 0; at < 180; at += 20) rings[(at / 20) % 3]?.lend(desk, from, at, at + 20);
    desk.settle();
    from.fill(0xee);
    rings.forEach((ring, i) => {
      const own = [0, 60, 120].flatMap((at) => [...counted(at + 20 * i, 20)]);
      expect([...readAll(ring)]).toEqual(own);
    });
  });

  test('a ring released before the desk is settled gets nothing, and may borrow anew', () => {
    const desk = openDesk();
    const ring = new ByteRing(new SlabPool(), 1000);
    ring.lend(desk, counted(0, 500), 0, 500);
    ring.release();
    expect([ring.readable, ring.lentBytes]).toEqual([0, 0]);
    ring.lend(desk, counted(7, 10), 0, 10);
    desk.settle();
    expect(readAll(ring)).toEqual(counted(7, 10));
  });

  test('a closed desk lends nothing, nor does one that has no room for another extent or another borrower', () => {
    const desk = new LoanDesk();
    const from = counted(0, 200);
    const rings = Array.from({ length: BORROWERS_MAX + 1 }, () => new ByteRing(new SlabPool(), 1000));
    const first = rings[0] as ByteRing;
    expect([first.lend(desk, from, 0, 10), first.readable]).toEqual([false, 0]);
    desk.open();
    for (let i = 0; i < EXTENTS_MAX; i++) expect(first.lend(desk, from, i, i + 1)).toBe(true);
    expect([first.lend(desk, from, 64, 65), first.readable]).toEqual([false, EXTENTS_MAX]);
    for (const ring of rings.slice(1, -1)) expect(ring.lend(desk, from, 0, 10)).toBe(true);
    expect(rings.at(-1)?.lend(desk, from, 0, 10)).toBe(false);
    // What does not fit is copied, and with it what was lent before; then there is room again.
    first.write(from, 64, 65);
    expect([first.lentBytes, first.lend(desk, from, 65, 70)]).toEqual([0, true]);
    desk.settle();
    expect(readAll(first)).toEqual(counted(0, 70));
    desk.open();
    expect(rings.at(-1)?.lend(desk, from, 0, 10)).toBe(true);
  });

  test('settled memory is not kept alive', async () => {
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const gc: () => void = runInNewContext('gc');
    const desk = openDesk();
    const ring = new ByteRing(new SlabPool(), 1000);
    const lent = ((): WeakRef<Uint8Array> => {
      const from = counted(0, 500);
      ring.lend(desk, from, 0, 500);
      return new WeakRef(from);
    })();
    desk.settle();
    for (let i = 0; i < 10 && lent.deref() !== undefined; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
    expect(lent.deref()).toBeUndefined();
  });

  test.each<[string, (ring: ByteRing, desk: LoanDesk) => void]>([
    ['lending beyond the limit', (ring, desk) => ring.lend(desk, new Uint8Array(101), 0, 101)],
    ['lending nothing', (ring, desk) => ring.lend(desk, new Uint8Array(1), 1, 1)],
    ['lending out of other memory before the desk is settled', (_, desk) => desk.open()],
  ])('%s is a bug of the caller, and asserted', (_, act) => {
    const desk = openDesk();
    expect(() => act(new ByteRing(new SlabPool(), 100), desk)).toThrow(AssertionError);
  });
});
