import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { copyBytes } from './copy-bytes.ts';

test('copies what set() of a view copies, and nothing beside it, whether few bytes or many', () => {
  const place = fc.nat(100);
  holds(
    fc.property(place, place, fc.nat(100), (at, to, n) => {
      const from = Uint8Array.from({ length: at + n + 3 }, (_, i) => i + 1);
      const into = new Uint8Array(to + n + 3);
      const wanted = into.slice();
      wanted.set(from.subarray(at, at + n), to);
      copyBytes(from, at, into, to, n);
      expect(into).toEqual(wanted);
    }),
  );
});

test('copies all of an array', () => {
  const from = Uint8Array.from({ length: 50 }, (_, i) => i);
  const into = new Uint8Array(50);
  copyBytes(from, 0, into, 0, 50);
  expect(into).toEqual(from);
});
