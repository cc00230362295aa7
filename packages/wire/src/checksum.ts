/** The Internet checksum (RFC 1071; RFC 9293 §3.1), in the order of bytes on the wire. */

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Ones'-complement sum of `bytes[at, end)` as big-endian 16-bit words, folded to 0..0xffff and not
 * complemented. A last odd byte is padded with zero on the right.
 */
export function onesSum(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at;
  if (length >= 64 && littleEndian) return sumWords(bytes, at, end);
  let sum = 0;
  let i = at;
  for (; i + 1 < end; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  if (i < end) sum += (bytes[i] as number) << 8;
  return fold(sum);
}

let wordsOf: Uint8Array | null = null;
let words: Uint32Array = new Uint32Array(0);

/** A view of the same memory as 32-bit words; remade only when the arena changes. */
function viewWords(bytes: Uint8Array): Uint32Array {
  if (wordsOf !== bytes) {
    wordsOf = bytes;
    words = new Uint32Array(
      bytes.buffer,
      (bytes.byteOffset + 3) & ~3,
      (bytes.byteLength - ((4 - (bytes.byteOffset & 3)) & 3)) >> 2,
    );
  }
  return words;
}

function sumWords(bytes: Uint8Array, at: number, end: number): number {
  const view = viewWords(bytes);
  const shift = (bytes.byteOffset + 3) & ~3;
  const base = shift - bytes.byteOffset; // offset in `bytes` of word 0
  let head = at;
  // Ones'-complement sums may be taken in any byte order and swapped at the end (RFC 1071 §2 (B)).
  while (((head - base) & 3) !== 0) head++;
  const wordEnd = base + (((end - base) >> 2) << 2);
  let low = 0;
  let high = 0;
  const last = (wordEnd - base) >> 2;
  let i = (head - base) >> 2;
  for (; i + 4 <= last; i += 4) {
    const a = view[i] as number;
    const b = view[i + 1] as number;
    const c = view[i + 2] as number;
    const d = view[i + 3] as number;
    low += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff);
    high += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
  }
  for (; i < last; i++) {
    const a = view[i] as number;
    low += a & 0xffff;
    high += a >>> 16;
  }
  let sum = fold(low + high);
  sum = ((sum & 0xff) << 8) | (sum >>> 8);
  // Bytes before the first aligned word decide the parity of everything after them.
  if (((head - at) & 1) === 1) sum = ((sum & 0xff) << 8) | (sum >>> 8);
  let edge = 0;
  for (let p = at; p < head; p++) edge += (p - at) & 1 ? (bytes[p] as number) : (bytes[p] as number) << 8;
  for (let p = wordEnd; p < end; p++) edge += (p - at) & 1 ? (bytes[p] as number) : (bytes[p] as number) << 8;
  return fold(sum + edge);
}

/** Adds carries back in until the sum has 16 bits. `sum` is 0 to 2^53 - 1. */
export function fold(sum: number): number {
  let s = sum;
  while (s > 0xffffffff) s = (s % 0x10000) + Math.floor(s / 0x10000);
  s = (s & 0xffff) + (s >>> 16);
  return (s & 0xffff) + (s >>> 16);
}

/** The field to send for a folded sum: its ones' complement. */
export function complement(sum: number): number {
  return ~sum & 0xffff;
}
