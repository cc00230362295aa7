/** Reused blocks of memory in powers of two: a fresh zero-filled buffer costs more than a packet. */

import { assert } from './assert.ts';

const MIN_LOG2 = 10;
const MAX_LOG2 = 26;

/** Counts of a pool, for leak checks. */
export interface SlabPoolStats {
  /** Blocks lent out now. */
  readonly lent: number;
  /** Bytes lent out now. */
  readonly lentBytes: number;
  /** Bytes kept for reuse now. */
  readonly keptBytes: number;
}

/** A pool of `Uint8Array`s of 1 KiB to 64 MiB. Blocks come back dirty. */
export class SlabPool {
  readonly #free: Uint8Array[][] = [];
  readonly #keepBytesMax: number;
  #keptBytes = 0;
  #lent = 0;
  #lentBytes = 0;

  /** @param keepBytesMax Most bytes kept for reuse; what comes back beyond that goes to the collector. */
  constructor(keepBytesMax = 64 * 1024 * 1024) {
    this.#keepBytesMax = keepBytesMax;
    for (let i = 0; i <= MAX_LOG2; i++) this.#free.push([]);
  }

  /** A block of at least `bytes` (1 to 64 MiB; the next power of two, 1 KiB or more), owned by the caller. */
  take(bytes: number): Uint8Array {
    assert(bytes >= 1 && bytes <= 1 << MAX_LOG2, 'a block is 1 byte to 64 MiB');
    const log2 = Math.max(MIN_LOG2, 32 - Math.clz32(bytes - 1));
    const size = 1 << log2;
    this.#lent++;
    this.#lentBytes += size;
    const kept = (this.#free[log2] as Uint8Array[]).pop();
    if (kept === undefined) return new Uint8Array(size);
    this.#keptBytes -= size;
    return kept;
  }

  /** Returns a block that came from `take`; the caller forgets it. */
  give(block: Uint8Array): void {
    const log2 = 31 - Math.clz32(block.length);
    assert(block.length === 1 << log2 && log2 >= MIN_LOG2 && log2 <= MAX_LOG2, 'a block given back came from a pool');
    this.#lent--;
    this.#lentBytes -= block.length;
    assert(this.#lent >= 0 && this.#lentBytes >= 0, 'a block is given back once');
    if (this.#keptBytes + block.length > this.#keepBytesMax) return;
    this.#keptBytes += block.length;
    (this.#free[log2] as Uint8Array[]).push(block);
  }

  /** What is lent and kept now. */
  stats(): SlabPoolStats {
    return { lent: this.#lent, lentBytes: this.#lentBytes, keptBytes: this.#keptBytes };
  }
}
