/** The slab pool: sizes, reuse, bounds, and the accounts that leak checks read. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { AssertionError } from './assert.ts';
import { SlabPool } from './slab-pool.ts';

test.each([
  [1, 1024],
  [1024, 1024],
  [1025, 2048],
  [65_535, 65_536],
  [65_537, 131_072],
])('a request for %i bytes gives a block of %i', (asked, given) => {
  expect(new SlabPool().take(asked).length).toBe(given);
});

test('no block is lent twice at once, and the accounts agree with what is lent and kept', () => {
  holds(
    fc.property(
      fc.array(fc.record({ take: fc.boolean(), bytes: fc.integer({ min: 1, max: 9000 }) }), { maxLength: 80 }),
      fc.constantFrom(0, 3000, 20_000, 1_000_000),
      (steps, keepBytesMax) => {
        const pool = new SlabPool(keepBytesMax);
        const lent: Uint8Array[] = [];
        for (const { take, bytes } of steps) {
          if (take || lent.length === 0) {
            const block = pool.take(bytes);
            expect(block.length).toBeGreaterThanOrEqual(bytes);
            expect(lent).not.toContain(block);
            lent.push(block);
          } else {
            pool.give(lent.splice(bytes % lent.length, 1)[0] as Uint8Array);
          }
          const stats = pool.stats();
          expect(stats.lent).toBe(lent.length);
          expect(stats.lentBytes).toBe(lent.reduce((sum, block) => sum + block.length, 0));
          expect(stats.keptBytes).toBeLessThanOrEqual(keepBytesMax);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('a block given back is lent again, as dirty as it came', () => {
  const pool = new SlabPool();
  const block = pool.take(2000);
  block.fill(0xab);
  pool.give(block);
  expect(pool.stats()).toEqual({ lent: 0, lentBytes: 0, keptBytes: 2048 });
  expect(pool.take(1500)).toBe(block);
  expect(pool.stats()).toEqual({ lent: 1, lentBytes: 2048, keptBytes: 0 });
});

test('a block beyond what the pool may keep goes to the collector', () => {
  const pool = new SlabPool(1024);
  const [a, b] = [pool.take(1024), pool.take(1024)];
  pool.give(a);
  pool.give(b);
  expect(pool.stats()).toEqual({ lent: 0, lentBytes: 0, keptBytes: 1024 });
  expect(pool.take(1)).toBe(a);
  expect(pool.take(1)).not.toBe(b);
});

test.each([0, -1, 2 ** 26 + 1, 2 ** 32 + 1])('a request for %i bytes is a bug of the caller, and asserted', (bytes) => {
  expect(() => new SlabPool().take(bytes)).toThrow(AssertionError);
});

test('the largest block is 64 MiB', () => {
  expect(new SlabPool().take(2 ** 26).length).toBe(2 ** 26);
});

test.each([0, 512, 1500, 2 ** 27])('giving back %i bytes, a size that no pool lends, is asserted', (bytes) => {
  const pool = new SlabPool();
  pool.take(1024);
  expect(() => pool.give(new Uint8Array(bytes))).toThrow('came from a pool');
});

test('giving back more than was lent is asserted', () => {
  const pool = new SlabPool();
  const block = pool.take(1);
  pool.give(block);
  expect(() => pool.give(block)).toThrow('given back once');
});
