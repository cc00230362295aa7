/** What simulated users send: bytes that follow from their position in the stream, so that any mix-up shows. */

import { Random } from './random.ts';

/** A prime, so that no power of two and no count of segments is a whole number of periods. */
export const PATTERN_BYTES = 1_048_583;

let bytes: Uint8Array | null = null;

/** One period. Never written to. */
export function pattern(): Uint8Array {
  bytes ??= new Random(1).bytes(PATTERN_BYTES);
  return bytes;
}

/** The position of the first byte of `got[0, n)` that is not what stands at `at` in the pattern; -1 when all are right. */
export function firstWrong(got: Uint8Array, n: number, at: number): number {
  const right = pattern();
  let place = at % PATTERN_BYTES;
  for (let i = 0; i < n; i++) {
    if (got[i] !== right[place]) return at + i;
    if (++place === PATTERN_BYTES) place = 0;
  }
  return -1;
}
