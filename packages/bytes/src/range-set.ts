/** A sorted set of disjoint half-open ranges of offsets, with a bound on how many it holds. */

import { assert } from './assert.ts';

/**
 * Ranges are `[start, end)` of plain numbers (safe integers; offsets, not sequence numbers). Touching
 * ranges merge. Few ranges are expected (one a hole), so search is linear from the end.
 */
export class RangeSet {
  readonly #limitRanges: number;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** @param limitRanges Most disjoint ranges held; `add` refuses to go beyond. */
  constructor(limitRanges: number) {
    this.#limitRanges = limitRanges;
  }

  /** Number of disjoint ranges. */
  get size(): number {
    return this.#starts.length;
  }

  /** Start of range `i`, in rising order. */
  startAt(i: number): number {
    return this.#starts[i] as number;
  }

  /** End (exclusive) of range `i`. */
  endAt(i: number): number {
    return this.#ends[i] as number;
  }

  /** End of the last range, or `whenEmpty`. */
  highest(whenEmpty: number): number {
    return this.size === 0 ? whenEmpty : (this.#ends[this.size - 1] as number);
  }

  /** Sum of all lengths. */
  total(): number {
    let sum = 0;
    for (let i = 0; i < this.size; i++) sum += this.endAt(i) - this.startAt(i);
    return sum;
  }

  /** Index of the range that holds offset `x`, or -1. */
  indexOf(x: number): number {
    for (let i = this.size - 1; i >= 0; i--) {
      if (this.startAt(i) <= x) return x < this.endAt(i) ? i : -1;
    }
    return -1;
  }

  /** Whether `[start, end)` lies wholly inside one range. */
  covers(start: number, end: number): boolean {
    const i = this.indexOf(start);
    return i >= 0 && end <= this.endAt(i);
  }

  /** Adds `[start, end)`; false when that would need more ranges than the limit, and nothing changes. */
  add(start: number, end: number): boolean {
    assert(start < end, 'a range is not empty');
    const starts = this.#starts;
    const ends = this.#ends;
    let from = starts.length;
    while (from > 0 && (ends[from - 1] as number) >= start) from--;
    let to = from;
    while (to < starts.length && (starts[to] as number) <= end) to++;
    if (from === to) {
      if (starts.length >= this.#limitRanges) return false;
      starts.splice(from, 0, start);
      ends.splice(from, 0, end);
      return true;
    }
    starts[from] = Math.min(start, starts[from] as number);
    ends[from] = Math.max(end, ends[to - 1] as number);
    if (to - from > 1) {
      starts.splice(from + 1, to - from - 1);
      ends.splice(from + 1, to - from - 1);
    }
    return true;
  }

  /** Forgets everything below `x`. */
  removeBelow(x: number): void {
    let drop = 0;
    while (drop < this.size && this.endAt(drop) <= x) drop++;
    if (drop > 0) {
      this.#starts.splice(0, drop);
      this.#ends.splice(0, drop);
    }
    if (this.size > 0 && this.startAt(0) < x) this.#starts[0] = x;
  }

  /** Forgets everything. */
  clear(): void {
    this.#starts.length = 0;
    this.#ends.length = 0;
  }
}
