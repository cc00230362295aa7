/** The range set against a model: one boolean for each offset. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { AssertionError } from './assert.ts';
import { RangeSet } from './range-set.ts';

const SPACE = 64;

type Step =
  | { readonly do: 'add'; readonly start: number; readonly length: number }
  | { readonly do: 'removeBelow'; readonly x: number }
  | { readonly do: 'clear' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      start: fc.nat(SPACE - 1),
      length: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('removeBelow' as const), x: fc.nat(SPACE + 4) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'clear' as const }) },
);

function rangesOf(model: readonly boolean[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (let x = 0; x < model.length; x++) {
    if (!model[x]) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === x) last[1] = x + 1;
    else ranges.push([x, x + 1]);
  }
  return ranges;
}

function rangesIn(set: RangeSet): [number, number][] {
  return Array.from({ length: set.size }, (_, i) => [set.startAt(i), set.endAt(i)]);
}

/** Does one step on both; returns the model after it. */
function run(one: Step, set: RangeSet, model: boolean[], limit: number): boolean[] {
  if (one.do === 'clear') {
    set.clear();
    return model.map(() => false);
  }
  if (one.do === 'removeBelow') {
    set.removeBelow(one.x);
    return model.map((held, x) => held && x >= one.x);
  }
  const end = one.start + one.length;
  const wanted = model.map((held, x) => held || (x >= one.start && x < end));
  const fits = rangesOf(wanted).length <= limit;
  expect(set.add(one.start, end)).toBe(fits);
  return fits ? wanted : model;
}

test.each([1, 2, 4, 1000])('any run of steps gives the ranges that booleans give, with at most %i ranges', (limit) => {
  holds(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const set = new RangeSet(limit);
      let model: boolean[] = Array.from({ length: SPACE + 16 }, () => false);
      for (const one of steps) {
        model = run(one, set, model, limit);
        const ranges = rangesOf(model);
        expect(rangesIn(set)).toEqual(ranges);
        expect(set.total()).toBe(model.filter(Boolean).length);
        expect(set.highest(-5)).toBe(ranges.at(-1)?.[1] ?? -5);
        model.forEach((_, x) => {
          expect(set.indexOf(x)).toBe(ranges.findIndex(([start, end]) => start <= x && x < end));
        });
      }
    }),
    { numRuns: 100 },
  );
});

test('a range is covered only when one range holds all of it', () => {
  holds(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 9 })), { maxLength: 8 }), (adds) => {
      const set = new RangeSet(100);
      const held = new Set<number>();
      for (const [start, length] of adds) {
        set.add(start, start + length);
        for (let x = start; x < start + length; x++) held.add(x);
      }
      for (let start = 0; start < 62; start++) {
        for (const length of [1, 2, 7]) {
          const all = Array.from({ length }, (_, i) => start + i).every((x) => held.has(x));
          expect(set.covers(start, start + length)).toBe(all);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('offsets beyond 32 bits are kept exactly', () => {
  const set = new RangeSet(4);
  const far = 2 ** 45;
  set.add(far, far + 10);
  set.add(far + 10, far + 11);
  expect(rangesIn(set)).toEqual([[far, far + 11]]);
});

test('adding an empty range is a bug of the caller, and asserted', () => {
  expect(() => new RangeSet(4).add(3, 3)).toThrow(AssertionError);
});
