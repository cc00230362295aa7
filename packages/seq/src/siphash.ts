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

/** Working state: v0..v3, each as low and high half. One, reused: a call never suspends. */
const v = new Int32Array(8);

function add64(a: number, b: number): void {
  const low = ((v[a] as number) >>> 0) + ((v[b] as number) >>> 0);
  v[a + 1] = ((v[a + 1] as number) + (v[b + 1] as number) + (low > 0xffffffff ? 1 : 0)) | 0;
  v[a] = low | 0;
}

/** v[a] = rotl(v[a], bits) xor v[b], for 0 < bits < 32. */
function rotateXor(a: number, bits: number, b: number): void {
  const low = v[a] as number;
  const high = v[a + 1] as number;
  v[a] = ((low << bits) | (high >>> (32 - bits))) ^ (v[b] as number);
  v[a + 1] = ((high << bits) | (low >>> (32 - bits))) ^ (v[b + 1] as number);
}

function swapHalves(a: number): void {
  const low = v[a] as number;
  v[a] = v[a + 1] as number;
  v[a + 1] = low;
}

function round(): void {
  add64(0, 2);
  rotateXor(2, 13, 0);
  swapHalves(0);
  add64(4, 6);
  rotateXor(6, 16, 4);
  add64(0, 6);
  rotateXor(6, 21, 0);
  add64(4, 2);
  rotateXor(2, 17, 4);
  swapHalves(4);
}

/**
 * The low 32 bits of SipHash-2-4 over the first `wordCount` little-endian words of `words`
 * (`4 * wordCount` bytes), as an int32. The high 32 bits are left in `sipHashHigh()`.
 */
export function sipHash(key: SipKey, words: Int32Array, wordCount: number): number {
  v[0] = 0x70736575 ^ (key[0] as number);
  v[1] = 0x736f6d65 ^ (key[1] as number);
  v[2] = 0x6e646f6d ^ (key[2] as number);
  v[3] = 0x646f7261 ^ (key[3] as number);
  v[4] = 0x6e657261 ^ (key[0] as number);
  v[5] = 0x6c796765 ^ (key[1] as number);
  v[6] = 0x79746573 ^ (key[2] as number);
  v[7] = 0x74656462 ^ (key[3] as number);
  let i = 0;
  for (; i + 2 <= wordCount; i += 2) compress(words[i] as number, words[i + 1] as number);
  const lengthByte = ((4 * wordCount) & 0xff) << 24;
  compress(i < wordCount ? (words[i] as number) : 0, lengthByte);
  v[4] = (v[4] as number) ^ 0xff;
  round();
  round();
  round();
  round();
  return (v[0] as number) ^ (v[2] as number) ^ (v[4] as number) ^ (v[6] as number);
}

/** The high 32 bits of the last `sipHash`, as an int32. */
export function sipHashHigh(): number {
  return (v[1] as number) ^ (v[3] as number) ^ (v[5] as number) ^ (v[7] as number);
}

function compress(low: number, high: number): void {
  v[6] = (v[6] as number) ^ low;
  v[7] = (v[7] as number) ^ high;
  round();
  round();
  v[0] = (v[0] as number) ^ low;
  v[1] = (v[1] as number) ^ high;
}
