/**
 * What the type of a sequence number forbids. The proof is the type check of this file: a line below an
 * `@ts-expect-error` that compiles is an error.
 */

import { expect, expectTypeOf, test } from 'vitest';
import { add, type Seq, seq } from './seq.ts';

const a: Seq = seq(1);
const b: Seq = seq(2);

/** Never called: at run time each of these would work on the number inside, and be wrong at the wrap. */
export function forbidden(): unknown[] {
  let counter: Seq = a;
  // @ts-expect-error a sum of sequence numbers has no meaning; `add` takes a distance
  const sum = a + b;
  // @ts-expect-error a sum with a number does not wrap; use `add`
  const sumWithNumber = a + 1;
  // @ts-expect-error a plain difference does not wrap; use `diff`
  const difference = a - b;
  // @ts-expect-error use `add`
  counter += 1;
  // @ts-expect-error use `add`
  counter++;
  // @ts-expect-error use `lt`
  const less = a < b;
  // @ts-expect-error use `le`
  const lessOrEqual = a <= b;
  // @ts-expect-error use `gt`
  const greater = a > b;
  // @ts-expect-error use `ge`
  const greaterOrEqual = a >= b;
  // @ts-expect-error a number becomes a sequence number by `seq`
  const fromNumber: Seq = 5;
  // @ts-expect-error a sequence number becomes a number by `toUint32`
  const toNumber: number = a;
  // @ts-expect-error the functions take sequence numbers only
  const added = add(5, 1);
  return [
    sum,
    sumWithNumber,
    difference,
    counter,
    less,
    lessOrEqual,
    greater,
    greaterOrEqual,
    fromNumber,
    toNumber,
    added,
  ];
}

test('equality on sequence numbers is allowed, and right', () => {
  expect(add(a, 1) === b).toBe(true);
  expect(a === b).toBe(false);
});

test('a sequence number stays one through arithmetic', () => {
  expectTypeOf(add(a, 1)).toEqualTypeOf<Seq>();
  expectTypeOf(a).not.toBeNumber();
  expect(typeof add(a, 1)).toBe('number'); // a plain number inside: nothing is allocated
});
