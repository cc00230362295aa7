/** SipHash-2-4: the keyed pseudo-random function behind initial sequence numbers and ports. */

/** A 128-bit key as four little-endian 32-bit words. Keep it secret; take it from real entropy. */
export type SipKey = Int32Array;

/** A key from 16 bytes of entropy. Throws `RangeError` when `bytes` is not 16 long. */
export function sipKey(bytes: Uint8Array): SipKey {
  if (bytes.length !== 16) throw new RangeError('a SipHash key is 16 bytes');
  const key = new Int32Array(4);
  for (let i = 0; i < 16; i++) key[i >> 2] = (key[i >> 2] as number) | ((bytes[i] as number) << ((i & 3) * 8));
  return key;
}

/** Blocks of nothing behind the message, for the last rounds. */
const FINAL_BLOCKS = 2;
const ROUNDS_PER_BLOCK = 2;

let highHalf = 0;

/**
 * The low 32 bits of SipHash-2-4 over the first `wordCount` little-endian words of `words`
 * (`4 * wordCount` bytes), as an int32. The high 32 bits are left in `sipHashHigh()`.
 *
 * In one function, since the state must stay in registers: half the time of the same in an array.
 */
export function sipHash(key: SipKey, words: Int32Array, wordCount: number): number {
  let v0 = 0x70736575 ^ (key[0] as number);
  let v0h = 0x736f6d65 ^ (key[1] as number);
  let v1 = 0x6e646f6d ^ (key[2] as number);
  let v1h = 0x646f7261 ^ (key[3] as number);
  let v2 = 0x6e657261 ^ (key[0] as number);
  let v2h = 0x6c796765 ^ (key[1] as number);
  let v3 = 0x79746573 ^ (key[2] as number);
  let v3h = 0x74656462 ^ (key[3] as number);
  const blocks = (wordCount >> 1) + 1;
  for (let i = 0; i < blocks + FINAL_BLOCKS; i++) {
    const low = 2 * i < wordCount ? (words[2 * i] as number) : 0;
    const high = 2 * i + 1 < wordCount ? (words[2 * i + 1] as number) : i === blocks - 1 ? wordCount << 26 : 0;
    v3 ^= low;
    v3h ^= high;
    if (i === blocks) v2 ^= 0xff;
    for (let r = 0; r < ROUNDS_PER_BLOCK; r++) {
      // v0 += v1, v1 = rotl(v1, 13) ^ v0, v0 = rotl(v0, 32): there is a carry when the sum is less than what was added.
      v0 = (v0 + v1) | 0;
      v0h = (v0h + v1h + (v0 >>> 0 < v1 >>> 0 ? 1 : 0)) | 0;
      let t = v1;
      v1 = ((v1 << 13) | (v1h >>> 19)) ^ v0;
      v1h = ((v1h << 13) | (t >>> 19)) ^ v0h;
      // v2 += v3, v3 = rotl(v3, 16) ^ v2
      v2 = (v2 + v3) | 0;
      v2h = (v2h + v3h + (v2 >>> 0 < v3 >>> 0 ? 1 : 0)) | 0;
      t = v3;
      v3 = ((v3 << 16) | (v3h >>> 16)) ^ v2;
      v3h = ((v3h << 16) | (t >>> 16)) ^ v2h;
      // v0 += v3, v3 = rotl(v3, 21) ^ v0; v0 is still to be rotated by 32, so its halves change places.
      t = v0;
      v0 = (v0h + v3) | 0;
      v0h = (t + v3h + (v0 >>> 0 < v3 >>> 0 ? 1 : 0)) | 0;
      t = v3;
      v3 = ((v3 << 21) | (v3h >>> 11)) ^ v0;
      v3h = ((v3h << 21) | (t >>> 11)) ^ v0h;
      // v2 += v1, v1 = rotl(v1, 17) ^ v2, v2 = rotl(v2, 32)
      const sum = (v2 + v1) | 0;
      v2 = (v2h + v1h + (sum >>> 0 < v1 >>> 0 ? 1 : 0)) | 0;
      v2h = sum;
      t = v1;
      v1 = ((v1 << 17) | (v1h >>> 15)) ^ v2h;
      v1h = ((v1h << 17) | (t >>> 15)) ^ v2;
    }
    v0 ^= low;
    v0h ^= high;
  }
  highHalf = v0h ^ v1h ^ v2h ^ v3h;
  return v0 ^ v1 ^ v2 ^ v3;
}

/** The high 32 bits of the last `sipHash`, as an int32. */
export function sipHashHigh(): number {
  return highHalf;
}
