/** The bytes of `/bytes/N`: pseudo-random, the same for the same N everywhere, at gigabytes a second. */

import { createCipheriv, createHash, type Hash } from 'node:crypto';

/** 10 GiB: enough for any measurement, and an end to every request. */
export const BYTES_MAX = 10 * 2 ** 30;
/** Bytes made at a time: large enough that the cost of a chunk is not seen, small enough for the cache. */
const CHUNK_BYTES = 256 * 1024;
/** Answers remembered: the digest of N never changes. */
const DIGESTS_MAX = 1024;

const ZEROS = Buffer.alloc(CHUNK_BYTES);
const digests = new Map<number, string>();

/** The number that `text` writes, 0 to `BYTES_MAX`, or `null`. */
export function parseCount(text: string): number | null {
  if (!/^\d{1,11}$/.test(text)) return null;
  const count = Number(text);
  return count <= BYTES_MAX ? count : null;
}

/** The SHA-256 in hex where it was worked out before; else `null`. */
export function knownSha256(count: number): string | null {
  return digests.get(count) ?? null;
}

/**
 * `count` bytes in chunks: the key stream of AES-128 in counter mode under a key made from `count`.
 *
 * @param onEnd Gets the SHA-256 in hex, after the last chunk.
 */
export async function* randomBytesOf(count: number, onEnd: (sha256: string) => void): AsyncGenerator<Buffer> {
  const known = digests.get(count);
  const hash = known === undefined ? createHash('sha256') : null;
  for (const chunk of chunksOf(count)) {
    hash?.update(chunk);
    yield chunk;
  }
  onEnd(known ?? remember(count, hash as Hash));
}

/**
 * The SHA-256 of those bytes in hex. Other requests get their turn meanwhile.
 *
 * @param signal Stops the work; the promise then rejects.
 */
export async function sha256Of(count: number, signal: AbortSignal): Promise<string> {
  const known = digests.get(count);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const chunk of chunksOf(count)) {
    hash.update(chunk);
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  return remember(count, hash);
}

function* chunksOf(count: number): Generator<Buffer> {
  const key = createHash('sha256').update(`tcpstack /bytes/${count}`).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  for (let left = count; left > 0; left -= CHUNK_BYTES) {
    yield cipher.update(left >= CHUNK_BYTES ? ZEROS : ZEROS.subarray(0, left));
  }
}

function remember(count: number, hash: Hash): string {
  const sha256 = hash.digest('hex');
  if (digests.size >= DIGESTS_MAX) digests.delete(digests.keys().next().value as number);
  digests.set(count, sha256);
  return sha256;
}
