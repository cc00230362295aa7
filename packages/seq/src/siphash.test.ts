/** SipHash-2-4 against the vectors of its authors, and against a second implementation in 64-bit integers. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { sipHash, sipHashHigh, sipKey } from './siphash.ts';

const MASK = (1n << 64n) - 1n;

function rotl(x: bigint, bits: bigint): bigint {
  return ((x << bits) | (x >> (64n - bits))) & MASK;
}

function wordLe(bytes: Uint8Array, at: number): bigint {
  let word = 0n;
  for (let i = 7; i >= 0; i--) word = (word << 8n) | BigInt(bytes[at + i] ?? 0);
  return word;
}

/** SipHash-2-4 as the paper defines it, over any bytes. */
function reference(key: Uint8Array, message: Uint8Array): bigint {
  const [k0, k1] = [wordLe(key, 0), wordLe(key, 8)];
  let [v0, v1, v2, v3] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      v0 = (v0 + v1) & MASK;
      v1 = rotl(v1, 13n) ^ v0;
      v0 = rotl(v0, 32n);
      v2 = (v2 + v3) & MASK;
      v3 = rotl(v3, 16n) ^ v2;
      v0 = (v0 + v3) & MASK;
      v3 = rotl(v3, 21n) ^ v0;
      v2 = (v2 + v1) & MASK;
      v1 = rotl(v1, 17n) ^ v2;
      v2 = rotl(v2, 32n);
    }
  };
  const whole = message.length & ~7;
  for (let at = 0; at <= whole; at += 8) {
    const last = at === whole ? BigInt(message.length & 0xff) << 56n : 0n;
    const word = wordLe(message, at) | last;
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  v2 ^= 0xffn;
  rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}

function words(message: Uint8Array): Int32Array {
  return Int32Array.from({ length: message.length / 4 }, (_, i) => Number(wordLe(message, 4 * i) & 0xffff_ffffn) | 0);
}

function hash(key: Uint8Array, message: Uint8Array): bigint {
  const low = sipHash(sipKey(key), words(message), message.length / 4);
  return (BigInt(sipHashHigh() >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The eight bytes of the output in the order of the paper: least significant first. */
function hexLe(output: bigint): string {
  const digits = output.toString(16).padStart(16, '0').match(/../g) as string[];
  return digits.reverse().join('');
}

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

test.each([
  [0, '310e0edd47db6f72'],
  [4, 'b7877127e09427cf'],
  [8, '6224939a79f5f593'],
  [12, 'fbe50e86bc8f1e75'],
  [16, 'db9bc2577fcc2a3f'],
])('the published vector for the message 00 01 02 ... of %i bytes', (length, expected) => {
  const message = Uint8Array.from({ length }, (_, i) => i);
  expect(hexLe(reference(KEY, message))).toBe(expected);
  expect(hexLe(hash(KEY, message))).toBe(expected);
});

test('any key and any message of whole words hash as in 64-bit integers', () => {
  holds(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.subarray(0, bytes.length & ~3)),
      (key, message) => {
        expect(hash(key, message)).toBe(reference(key, message));
      },
    ),
  );
});

test('only the first `wordCount` words count', () => {
  const key = sipKey(KEY);
  expect(sipHash(key, Int32Array.of(1, 2, 3, 4), 3)).toBe(sipHash(key, Int32Array.of(1, 2, 3, 99), 3));
  expect(sipHash(key, Int32Array.of(1, 2, 3, 4), 4)).not.toBe(sipHash(key, Int32Array.of(1, 2, 3, 4), 3));
});

test.each([0, 15, 17])('a key of %i bytes is refused', (length) => {
  expect(() => sipKey(new Uint8Array(length))).toThrow(RangeError);
});
