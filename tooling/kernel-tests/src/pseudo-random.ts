/** Bytes that both ends of a test can make again from a number, and that no mistake would leave unchanged. */

import { type Cipheriv, createCipheriv, createHash } from 'node:crypto';

const CHUNK_BYTES = 256 * 1024;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/** AES in counter mode over zeros: gigabytes per second, no period, another stream for every seed. */
export class PseudoRandomStream {
  readonly #cipher: Cipheriv;
  #leftBytes: number;

  constructor(seed: number, lengthBytes: number) {
    const key = Buffer.alloc(16);
    key.writeDoubleLE(seed);
    this.#cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
    this.#leftBytes = lengthBytes;
  }

  /** The next bytes, owned by the caller; `undefined` at the end. */
  next(): Buffer | undefined {
    if (this.#leftBytes === 0) return undefined;
    const bytes = Math.min(CHUNK_BYTES, this.#leftBytes);
    this.#leftBytes -= bytes;
    return this.#cipher.update(bytes === CHUNK_BYTES ? ZEROS : ZEROS.subarray(0, bytes));
  }
}

/** SHA-256 of such a stream, in hex. */
export function digestOf(lengthBytes: number, seed: number): string {
  const hash = createHash('sha256');
  const source = new PseudoRandomStream(seed, lengthBytes);
  for (let chunk = source.next(); chunk !== undefined; chunk = source.next()) hash.update(chunk);
  return hash.digest('hex');
}
