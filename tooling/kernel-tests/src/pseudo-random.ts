/** Bytes that both ends of a test can make again from a number, and that no mistake would leave unchanged. */

import { type Cipheriv, createCipheriv } from 'node:crypto';

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
