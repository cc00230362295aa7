/** Memory of others that rings read from for a while: what is read in that time is copied once, not twice. */

import { assert } from './assert.ts';
import { copyBytes } from './copy-bytes.ts';

/** Extents of one borrower; the packets of a large batch, where they are super-segments. */
const EXTENTS_MAX = 64;
/** Borrowers at one time, so also records kept for the next time. */
const BORROWERS_MAX = 64;

const NO_BYTES = new Uint8Array(0);

/** Who is lent something. */
export interface Borrower {
  /** Copies what it still needs of its loans, and forgets them all. */
  settle(): void;
}

/** The extents lent to one borrower, oldest first. */
export class Loans {
  /** Parallel arrays, so that an extent is no object. Those from `#first` to `#end` are still wanted. */
  readonly #froms: Uint8Array[];
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  #first = 0;
  #end = 0;
  #bytes = 0;

  constructor(extentsMax: number) {
    this.#froms = new Array<Uint8Array>(extentsMax).fill(NO_BYTES);
    this.#starts = new Int32Array(extentsMax);
    this.#ends = new Int32Array(extentsMax);
  }

  /** Bytes lent and still wanted. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends `from[at, end)`; false when there is no room for one more. */
  add(from: Uint8Array, at: number, end: number): boolean {
    if (this.#end === this.#froms.length) return false;
    this.#froms[this.#end] = from;
    this.#starts[this.#end] = at;
    this.#ends[this.#end] = end;
    this.#end++;
    this.#bytes += end - at;
    return true;
  }

  /** Copies `n` bytes, 1 or more, starting `skip` bytes after the first, to `into[at...]`. */
  copy(skip: number, into: Uint8Array, at: number, n: number): void {
    let before = skip;
    let to = at;
    const toEnd = at + n;
    for (let i = this.#first; to < toEnd; i++) {
      const start = (this.#starts[i] as number) + before;
      const bytes = Math.min((this.#ends[i] as number) - start, toEnd - to);
      before = Math.max(0, -bytes);
      if (bytes <= 0) continue;
      copyBytes(this.#froms[i] as Uint8Array, start, into, to, bytes);
      to += bytes;
    }
  }

  /** Forgets the first `n` bytes. */
  drop(n: number): void {
    this.#bytes -= n;
    if (this.#bytes === 0) {
      this.clear();
      return;
    }
    let left = n;
    for (;;) {
      const bytes = (this.#ends[this.#first] as number) - (this.#starts[this.#first] as number);
      if (left < bytes) break;
      left -= bytes;
      this.#first++;
    }
    this.#starts[this.#first] = (this.#starts[this.#first] as number) + left;
  }

  /** Forgets all, and keeps nobody's memory alive. */
  clear(): void {
    if (this.#end === 0) return;
    this.#froms.fill(NO_BYTES, 0, this.#end);
    this.#first = 0;
    this.#end = 0;
    this.#bytes = 0;
  }
}

/** Those of who has none: it takes nothing, so all may share it. */
export const NO_LOANS = new Loans(0);

const NOBODY: Borrower = { settle: () => {} };

/**
 * Lends between `open` and `settle`; who opens it promises that the memory lent meanwhile does not change before
 * `settle` returns. What borrowers need for it is kept here, so that those who do not borrow hold nothing.
 */
export class LoanDesk {
  readonly #records: Loans[] = [];
  readonly #borrowers: Borrower[] = [];
  #taken = 0;
  #isOpen = false;

  /** Whether something may be lent, or is. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Begins to lend; not a second time before `settle`. */
  open(): void {
    assert(!this.#isOpen, 'loans are settled before others are made');
    this.#isOpen = true;
  }

  /** An empty record for a borrower that has none, valid until it is told to settle; `null` when nothing is lent now. */
  recordFor(borrower: Borrower): Loans | null {
    if (!this.#isOpen || this.#taken === BORROWERS_MAX) return null;
    if (this.#taken === this.#records.length) this.#records.push(new Loans(EXTENTS_MAX));
    this.#borrowers[this.#taken] = borrower;
    return this.#records[this.#taken++] as Loans;
  }

  /** Ends all loans. */
  settle(): void {
    for (let i = 0; i < this.#taken; i++) {
      (this.#borrowers[i] as Borrower).settle();
      this.#borrowers[i] = NOBODY;
    }
    this.#taken = 0;
    this.#isOpen = false;
  }
}
