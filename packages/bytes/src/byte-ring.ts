/** A byte queue that grows on demand up to a limit, and can be written ahead of its tail. */

import { assert } from './assert.ts';
import { copyBytes } from './copy-bytes.ts';
import { type LoanDesk, NO_LOANS } from './loans.ts';
import type { SlabPool } from './slab-pool.ts';

const EMPTY = new Uint8Array(0);

/**
 * Bytes between `head` (oldest) and `tail` are queued; `readable` counts them. Bytes may also be placed
 * beyond the tail (`place`) and made readable later (`extend`), which is how out-of-order data waits in
 * its final position. The youngest of the readable bytes may be lent (`lend`): they stay in the memory of others until
 * they are read, or until something has to go behind them, or until all is settled.
 *
 * No memory is held while the ring is empty and nothing was placed, once `release` was called.
 */
export class ByteRing {
  readonly #pool: SlabPool;
  #memory: Uint8Array = EMPTY;
  #head = 0;
  #readable = 0;
  #limitBytes: number;
  /** Size of the block to take next: what was in use before the ring was parked. */
  #hintBytes = 0;
  /** Most bytes in use since the block was taken. */
  #peakBytes = 0;
  /** The last of the readable bytes, as far as they are not in `#memory`. */
  #loans = NO_LOANS;

  /** @param limitBytes Most bytes from head to the farthest placed byte, up to 64 MiB. */
  constructor(pool: SlabPool, limitBytes: number) {
    this.#pool = pool;
    this.#limitBytes = limitBytes;
  }

  /** Bytes queued. */
  get readable(): number {
    return this.#readable;
  }

  /** Bytes that may still be queued. */
  get free(): number {
    return Math.max(0, this.#limitBytes - this.#readable);
  }

  /** Most bytes it may hold. */
  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** A new limit; what is already queued stays even when it exceeds it. */
  set limitBytes(bytes: number) {
    this.#limitBytes = bytes;
  }

  /** Bytes of memory held now. */
  get heldBytes(): number {
    return this.#memory.length;
  }

  /** Bytes queued that lie in the memory of others. */
  get lentBytes(): number {
    return this.#loans.bytes;
  }

  /** Copies in as much of `from[at, end)` as fits; returns how many bytes. */
  write(from: Uint8Array, at: number, end: number): number {
    const n = Math.min(end - at, this.free);
    if (n <= 0) return 0;
    this.place(0, from, at, at + n);
    this.#readable += n;
    return n;
  }

  /** Copies `from[at, end)` to `ahead` bytes beyond the tail, without making it readable. */
  place(ahead: number, from: Uint8Array, at: number, end: number): void {
    this.#takeIn();
    const n = end - at;
    const reach = this.#readable + ahead + n;
    assert(ahead >= 0 && reach <= Math.max(this.#limitBytes, this.#readable), 'a ring is not filled beyond its limit');
    this.#ensure(reach);
    const memory = this.#memory;
    const mask = memory.length - 1;
    const start = (this.#head + this.#readable + ahead) & mask;
    const first = Math.min(n, memory.length - start);
    copyBytes(from, at, memory, start, first);
    if (first < n) copyBytes(from, at + first, memory, 0, n - first);
  }

  /**
   * Queues `from[at, end)`, 1 byte or more, without a copy; nothing may have been placed ahead. The memory stays as it
   * is until `desk` is settled.
   *
   * @returns False when nothing was done, because the desk, or this ring, has no room for one more: write it then.
   */
  lend(desk: LoanDesk, from: Uint8Array, at: number, end: number): boolean {
    assert(end > at && this.#readable + end - at <= this.#limitBytes, 'a ring is not lent more than it may hold');
    const loans = this.#loans === NO_LOANS ? desk.recordFor(this) : this.#loans;
    if (loans === null || !loans.add(from, at, end)) return false;
    this.#loans = loans;
    this.#readable += end - at;
    return true;
  }

  /** For the desk: copies in what is lent and still queued, and has no loans from now on. */
  settle(): void {
    this.#takeIn();
    this.#loans = NO_LOANS;
  }

  /** Makes the `n` bytes beyond the tail, placed before, readable. */
  extend(n: number): void {
    this.#takeIn();
    assert(this.#readable + n <= this.#memory.length, 'only placed bytes become readable');
    this.#readable += n;
  }

  /** Copies `n` bytes, starting `skip` bytes after the head, to `into[at...]`; the queue keeps them. */
  peek(skip: number, into: Uint8Array, at: number, n: number): void {
    assert(skip >= 0 && skip + n <= this.#readable, 'only queued bytes are read');
    const ownedAhead = this.#readable - this.#loans.bytes - skip;
    const owned = Math.max(0, Math.min(n, ownedAhead));
    if (owned > 0) this.#peekOwned(skip, into, at, owned);
    if (owned < n) this.#loans.copy(Math.max(0, -ownedAhead), into, at + owned, n - owned);
  }

  /** Forgets the oldest `n` bytes. */
  discard(n: number): void {
    assert(n >= 0 && n <= this.#readable, 'only queued bytes are discarded');
    const owned = Math.min(n, this.#readable - this.#loans.bytes);
    this.#readable -= n;
    if (this.#memory.length > 0) this.#head = (this.#head + owned) & (this.#memory.length - 1);
    if (owned < n) this.#loans.drop(n - owned);
  }

  /** Moves up to `end - at` bytes out to `into[at, end)`; returns how many. */
  read(into: Uint8Array, at: number, end: number): number {
    const n = Math.min(end - at, this.#readable);
    this.peek(0, into, at, n);
    this.discard(n);
    return n;
  }

  /**
   * Lends its memory back to the pool while nothing is queued; nothing may have been placed ahead. A ring
   * that was in full use takes a block of the same size again, so that it does not grow step by step.
   */
  park(): void {
    if (this.#readable > 0 || this.#memory.length === 0) return;
    const size = this.#memory.length;
    this.#hintBytes = this.#peakBytes > size >> 2 ? size : size >> 1;
    this.release();
  }

  /** Drops all bytes and gives the memory back to the pool. */
  release(): void {
    if (this.#memory.length > 0) this.#pool.give(this.#memory);
    this.#memory = EMPTY;
    this.#loans.clear();
    this.#head = 0;
    this.#readable = 0;
    this.#peakBytes = 0;
  }

  #peekOwned(skip: number, into: Uint8Array, at: number, n: number): void {
    const memory = this.#memory;
    const start = (this.#head + skip) & (memory.length - 1);
    const first = Math.min(n, memory.length - start);
    copyBytes(memory, start, into, at, first);
    if (first < n) copyBytes(memory, 0, into, at + first, n - first);
  }

  /** Copies to its place what is lent: something is to come behind it, or its memory goes away. */
  #takeIn(): void {
    const loans = this.#loans;
    const { bytes } = loans;
    if (bytes === 0) return;
    this.#ensure(this.#readable);
    const memory = this.#memory;
    const start = (this.#head + this.#readable - bytes) & (memory.length - 1);
    const first = Math.min(bytes, memory.length - start);
    loans.copy(0, memory, start, first);
    if (first < bytes) loans.copy(first, memory, 0, bytes - first);
    loans.clear();
  }

  #ensure(bytes: number): void {
    const old = this.#memory;
    if (bytes > this.#peakBytes) this.#peakBytes = bytes;
    if (bytes <= old.length) return;
    const grown = this.#pool.take(Math.max(bytes, Math.min(this.#hintBytes, this.#limitBytes)));
    if (old.length > 0) {
      // Bytes placed beyond the tail must move too, so the whole old block is unrolled.
      grown.set(old.subarray(this.#head), 0);
      grown.set(old.subarray(0, this.#head), old.length - this.#head);
      this.#pool.give(old);
    }
    this.#memory = grown;
    this.#head = 0;
  }
}
