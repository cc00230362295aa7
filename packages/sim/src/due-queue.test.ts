/** Things happen in the order of time, and at one time in the order in which they were added. */

import { expect, test } from 'vitest';
import { type Due, DueQueue } from './due-queue.ts';
import { Random } from './random.ts';

test('what is due first comes first, and what was added first before what came later', () => {
  const random = new Random(3);
  const queue = new DueQueue();
  const added = Array.from({ length: 2000 }, (): Due => ({ atMs: random.below(50), order: 0, fire: () => {} }));
  const right = added.map((due, i) => ({ due, i })).sort((a, b) => a.due.atMs - b.due.atMs || a.i - b.i);
  for (const due of added) queue.add(due);
  expect(queue.nextMs).toBe(0);
  expect(right.every(({ due }) => queue.take() === due)).toBe(true);
  expect([queue.size, queue.nextMs]).toEqual([0, Infinity]);
});

test('a seed gives the same numbers, another seed others, and they cover the range evenly', () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 10_000 }, () => random.next());
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  const mean = draw(1).reduce((sum, x) => sum + x, 0) / 10_000;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  expect(draw(1).every((x) => x >= 0 && x < 1)).toBe(true);
});
