/** The Internet checksum by words against the plain sum of its definition (RFC 1071). */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { complement, fold, onesSum } from './checksum.ts';

/** The definition: big-endian 16-bit words, an odd last byte padded with zero, carries added back at once. */
function naive(bytes: Uint8Array, at: number, end: number): number {
  let sum = 0;
  for (let i = at; i < end; i += 2) {
    sum += (bytes[i] as number) * 256 + (i + 1 < end ? (bytes[i + 1] as number) : 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

describe('RFC 1071 §1: the sum is the same however the bytes lie in memory', () => {
  test('at every alignment of array, start and end, by words and by pairs', () => {
    const memory = new ArrayBuffer(220);
    new Uint8Array(memory).forEach((_, i, all) => {
      all[i] = i * 89 + 7;
    });
    for (let offset = 0; offset < 8; offset++) {
      for (let length = 180; length < 184; length++) {
        // Neither where the array begins nor how long it is need be a multiple of 4.
        const bytes = new Uint8Array(memory, offset, length);
        for (let at = 0; at < 9; at++) {
          for (const size of [0, 1, 2, 3, 62, 63, 64, 65, 66, 67, 68, 79, 80, 81, 82, 83, length - at]) {
            expect(onesSum(bytes, at, at + size), `${offset}+${at}, ${size} of ${length}`).toBe(
              naive(bytes, at, at + size),
            );
          }
        }
      }
    }
  });

  test('for any bytes', () => {
    holds(
      fc.property(
        fc.uint8Array({ minLength: 0, maxLength: 3000 }),
        fc.nat(7),
        fc.nat(9),
        fc.nat(9),
        (content, offset, before, after) => {
          const bytes = new Uint8Array(new ArrayBuffer(offset + before + content.length + after), offset).fill(0xff);
          bytes.set(content, before);
          expect(onesSum(bytes, before, before + content.length)).toBe(naive(content, 0, content.length));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('for two arrays of one memory in turn, whose words lie differently', () => {
    const memory = new ArrayBuffer(400);
    const [a, b] = [new Uint8Array(memory, 1, 300), new Uint8Array(memory, 2, 300)];
    a.forEach((_, i) => {
      a[i] = i * 31;
    });
    for (let i = 0; i < 4; i++) {
      expect(onesSum(a, i, 300)).toBe(naive(a, i, 300));
      expect(onesSum(b, i, 300)).toBe(naive(b, i, 300));
    }
  });

  test('for the largest packet of ones, whose sum carries most', () => {
    const bytes = new Uint8Array(65_535).fill(0xff);
    expect(onesSum(bytes, 0, 65_534)).toBe(0xffff);
    expect(onesSum(bytes, 0, 65_535)).toBe(naive(bytes, 0, 65_535));
  });

  test('zeros sum to zero, which no other bytes do', () => {
    expect(onesSum(new Uint8Array(100), 0, 100)).toBe(0);
    expect(onesSum(Uint8Array.of(0xff, 0xff), 0, 2)).toBe(0xffff);
  });
});

test('RFC 1071 §3: the example of the RFC sums to ddf2', () => {
  expect(onesSum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8)).toBe(0xddf2);
});

test('folding keeps the value modulo 65535 and gives zero only for zero', () => {
  holds(
    fc.property(
      fc.oneof(fc.maxSafeNat(), fc.nat(0x2ffff), fc.constantFrom(0xffff_ffff, 2 ** 48, 2 ** 53 - 1)),
      (sum) => {
        const folded = fold(sum);
        expect(folded).toBeLessThanOrEqual(0xffff);
        expect(folded % 0xffff).toBe(sum % 0xffff);
        expect(folded === 0).toBe(sum === 0);
      },
    ),
  );
});

test('a sum and its complement add up to all ones', () => {
  holds(
    fc.property(fc.nat(0xffff), (sum) => {
      expect(fold(sum + complement(sum))).toBe(0xffff);
    }),
  );
});
