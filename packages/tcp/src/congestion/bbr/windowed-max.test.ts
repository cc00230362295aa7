/** The windowed maximum against a list of all values. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { WindowedMax } from './windowed-max.ts';

test('is at least the latest value, at most the largest of the window, and forgets after the window', () => {
  const step = fc.record({ value: fc.nat(1000), time: fc.nat(4) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 20 }), (steps, windowLength) => {
      const filter = new WindowedMax();
      const all: { value: number; time: number }[] = [];
      let time = 0;
      for (const s of steps) {
        time += s.time;
        all.push({ value: s.value, time });
        const got = filter.update(s.value, time, windowLength);
        expect(got).toBe(filter.max);
        expect(got).toBeGreaterThanOrEqual(s.value);
        const inWindow = all.filter((entry) => time - entry.time <= windowLength).map((entry) => entry.value);
        expect(got).toBeLessThanOrEqual(Math.max(...inWindow));
      }
    }),
  );
});

test('remembers a peak for the whole window, and then the next best', () => {
  const filter = new WindowedMax();
  filter.update(100, 0, 10);
  for (let time = 1; time <= 10; time++) expect(filter.update(50 - time, time, 10)).toBe(100);
  const after = filter.update(1, 11, 10);
  expect(after).toBeLessThan(50);
  expect(after).toBeGreaterThan(40);
});
