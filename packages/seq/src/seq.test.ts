/** Sequence arithmetic: comparisons hold across the wrap (RFC 9293 §3.4). */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { add, diff, ge, gt, inWindow, le, lt, max, min, seq, toInt32, toUint32 } from './seq.ts';

const TWO_32 = 2 ** 32;

/** Any number of the space, often one near the wrap or near the middle. */
const number = fc.oneof(
  fc.integer({ min: 0, max: TWO_32 - 1 }),
  fc.integer({ min: -4, max: 4 }).map((n) => (n + TWO_32) % TWO_32),
  fc.integer({ min: 2 ** 31 - 4, max: 2 ** 31 + 4 }),
);
/** A distance at which order has a meaning. */
const distance = fc.oneof(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 3 }));

describe('RFC 9293 §3.4: arithmetic is modulo 2^32', () => {
  test('a number keeps its 32 bits as unsigned and as signed', () => {
    holds(
      fc.property(number, (n) => {
        expect(toUint32(seq(n))).toBe(n);
        expect(toInt32(seq(n))).toBe(n | 0);
        expect(seq(n)).toBe(seq(n | 0));
      }),
    );
  });

  test('a number outside 32 bits is reduced modulo 2^32', () => {
    expect(toUint32(seq(TWO_32))).toBe(0);
    expect(toUint32(seq(-1))).toBe(0xffff_ffff);
    expect(toUint32(seq(5 * TWO_32 + 7))).toBe(7);
  });

  test('adding goes round the wrap both ways', () => {
    holds(
      fc.property(number, fc.integer({ min: -TWO_32, max: TWO_32 }), (n, bytes) => {
        expect(toUint32(add(seq(n), bytes))).toBe((((n + bytes) % TWO_32) + TWO_32) % TWO_32);
      }),
    );
  });

  test('the difference undoes the sum for every distance below 2^31', () => {
    holds(
      fc.property(number, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (n, bytes) => {
        expect(diff(add(seq(n), bytes), seq(n))).toBe(bytes);
      }),
    );
  });
});

describe('RFC 9293 §3.4: comparisons hold wherever the numbers lie', () => {
  test('what lies ahead by less than 2^31 is greater, also across the wrap', () => {
    holds(
      fc.property(number, distance, (n, ahead) => {
        const a = seq(n);
        const b = add(a, ahead);
        expect([lt(a, b), le(a, b), gt(a, b), ge(a, b)]).toEqual([true, true, false, false]);
        expect([lt(b, a), le(b, a), gt(b, a), ge(b, a)]).toEqual([false, false, true, true]);
        expect([max(a, b), max(b, a), min(a, b), min(b, a)]).toEqual([b, b, a, a]);
      }),
    );
  });

  test('a number is neither before nor after itself', () => {
    holds(
      fc.property(number, (n) => {
        const a = seq(n);
        expect([lt(a, a), le(a, a), gt(a, a), ge(a, a)]).toEqual([false, true, false, true]);
        expect([max(a, a), min(a, a)]).toEqual([a, a]);
      }),
    );
  });

  test('order does not change when both numbers move by the same amount', () => {
    holds(
      fc.property(number, number, fc.integer({ min: 0, max: TWO_32 - 1 }), (n, m, by) => {
        expect(lt(add(seq(n), by), add(seq(m), by))).toBe(lt(seq(n), seq(m)));
      }),
    );
  });

  test('4294967295 comes just before 0', () => {
    expect(lt(seq(0xffff_ffff), seq(0))).toBe(true);
    expect(add(seq(0xffff_ffff), 1)).toBe(seq(0));
    expect(diff(seq(2), seq(0xffff_fffe))).toBe(4);
  });
});

describe('RFC 9293 §3.4: RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND', () => {
  test('a window holds its first byte and its last, and neither the one before nor the one behind', () => {
    holds(
      fc.property(number, distance, (n, sizeBytes) => {
        const start = seq(n);
        expect(inWindow(start, start, sizeBytes)).toBe(true);
        expect(inWindow(add(start, sizeBytes - 1), start, sizeBytes)).toBe(true);
        expect(inWindow(add(start, -1), start, sizeBytes)).toBe(false);
        expect(inWindow(add(start, sizeBytes), start, sizeBytes)).toBe(false);
      }),
    );
  });

  test('an empty window holds nothing', () => {
    holds(
      fc.property(number, number, (x, start) => {
        expect(inWindow(seq(x), seq(start), 0)).toBe(false);
      }),
    );
  });
});
