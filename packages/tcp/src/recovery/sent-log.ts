/** What was sent and is not acknowledged yet, segment by segment: when each left, and what became of it. */

import { assert } from '@tcpstack/bytes/assert';
import { SENT_LOG_ENTRIES_MAX } from '../limits.ts';

/** The peer has it, out of order (RFC 2018). */
export const SACKED = 1;
/** Held for lost, and waits to be sent again. */
export const LOST = 2;
/** Sent more than once. */
export const RESENT = 4;
/** Sent while the user had nothing more to send. */
export const APP_LIMITED = 8;

const START = 0;
const END = 1;
const SENT_MS = 2;
const FLAGS = 3;
const DELIVERED = 4;
const DELIVERED_MS = 5;
const FIRST_SENT_MS = 6;
const IN_FLIGHT = 7;
const LOST_TOTAL = 8;
const STRIDE = 9;

const FIRST_CAPACITY = 8;
const KEPT_CAPACITY_MAX = 512;
const KEPT_LOGS_MAX = 256;

/** The state of the path when a segment leaves (draft-ietf-ccwg-bbr §4.1). One record, reused. */
export interface SendStamp {
  nowMs: number;
  /** Bytes delivered so far, and when that was last known. */
  delivered: number;
  deliveredMs: number;
  /** When the first segment of this flight left. */
  firstSentMs: number;
  /** Bytes in flight, the segment included. */
  inFlight: number;
  /** Bytes held for lost so far. */
  lostTotal: number;
  isAppLimited: boolean;
}

/**
 * Entries `[start, end)` in stream offsets, sorted, without gaps or overlaps: what was sent as one (super-)segment and
 * fared alike is one entry. A FIN counts as one byte. Sacked neighbours are joined, so that holes alone cost a walk.
 */
export class SentLog {
  #cells = new Float64Array(FIRST_CAPACITY * STRIDE);
  #head = 0;
  #count = 0;

  /** Number of entries. */
  get count(): number {
    return this.#count;
  }

  /** Room made so far, in entries. */
  get capacity(): number {
    return this.#cells.length / STRIDE;
  }

  startAt(i: number): number {
    return this.#cells[(this.#head + i) * STRIDE + START] as number;
  }

  endAt(i: number): number {
    return this.#cells[(this.#head + i) * STRIDE + END] as number;
  }

  /** When it was last sent. */
  sentMsAt(i: number): number {
    return this.#cells[(this.#head + i) * STRIDE + SENT_MS] as number;
  }

  flagsAt(i: number): number {
    return this.#cells[(this.#head + i) * STRIDE + FLAGS] as number;
  }

  deliveredAt(i: number): number {
    return this.#cells[(this.#head + i) * STRIDE + DELIVERED] as number;
  }

  deliveredMsAt(i: number): number {
    return this.#cells[(this.#head + i) * STRIDE + DELIVERED_MS] as number;
  }

  firstSentMsAt(i: number): number {
    return this.#cells[(this.#head + i) * STRIDE + FIRST_SENT_MS] as number;
  }

  inFlightAt(i: number): number {
    return this.#cells[(this.#head + i) * STRIDE + IN_FLIGHT] as number;
  }

  lostTotalAt(i: number): number {
    return this.#cells[(this.#head + i) * STRIDE + LOST_TOTAL] as number;
  }

  setFlags(i: number, flags: number): void {
    this.#cells[(this.#head + i) * STRIDE + FLAGS] = flags;
  }

  /** Index of the entry that holds `offset`; `count` when it lies beyond all, 0 when before all. */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.endAt(middle) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** `[start, end)` was sent for the first time, behind all others. A full log lets the last entry grow instead. */
  append(start: number, end: number, stamp: SendStamp): void {
    assert(start < end, 'what is sent is not empty');
    assert(this.#count === 0 || this.endAt(this.#count - 1) === start, 'new data follows what was sent');
    if (this.#count === SENT_LOG_ENTRIES_MAX) {
      this.#cells[(this.#head + this.#count - 1) * STRIDE + END] = end;
    } else {
      this.#makeRoomBehind();
      const at = (this.#head + this.#count++) * STRIDE;
      this.#cells[at + START] = start;
      this.#cells[at + END] = end;
    }
    this.stamp(this.#count - 1, stamp.isAppLimited ? APP_LIMITED : 0, stamp);
  }

  /**
   * `[the end, end)` was sent for the first time, in one go with the last entry: at the same time, in the same state of
   * the path. Lets that entry grow; false when it is not so.
   */
  extend(end: number, nowMs: number, delivered: number, flags: number): boolean {
    const cells = this.#cells;
    const at = (this.#head + this.#count - 1) * STRIDE;
    if (cells[at + SENT_MS] !== nowMs || cells[at + FLAGS] !== flags || cells[at + DELIVERED] !== delivered)
      return false;
    cells[at + IN_FLIGHT] = (cells[at + IN_FLIGHT] as number) + end - (cells[at + END] as number);
    cells[at + END] = end;
    return true;
  }

  /** Entry `i` leaves now. */
  stamp(i: number, flags: number, stamp: SendStamp): void {
    const cells = this.#cells;
    const at = (this.#head + i) * STRIDE;
    cells[at + SENT_MS] = stamp.nowMs;
    cells[at + FLAGS] = flags;
    cells[at + DELIVERED] = stamp.delivered;
    cells[at + DELIVERED_MS] = stamp.deliveredMs;
    cells[at + FIRST_SENT_MS] = stamp.firstSentMs;
    cells[at + IN_FLIGHT] = stamp.inFlight;
    cells[at + LOST_TOTAL] = stamp.lostTotal;
  }

  /** Forgets the first entry. */
  dropFirst(): void {
    this.#head++;
    this.#count--;
    if (this.#count === 0) this.#head = 0;
  }

  /** Forgets what lies below `offset` of the first entry, which goes on beyond it. */
  trimFirst(offset: number): void {
    this.#cells[this.#head * STRIDE + START] = offset;
  }

  /** Parts entry `i` at `offset`, which lies inside it; false when the log is full, and nothing changes. */
  split(i: number, offset: number): boolean {
    assert(this.startAt(i) < offset && offset < this.endAt(i), 'an entry is parted inside');
    if (this.#count === SENT_LOG_ENTRIES_MAX) return false;
    // The shorter side moves.
    if (this.#head > 0 && i * 2 < this.#count) {
      const from = this.#head * STRIDE;
      this.#cells.copyWithin(from - STRIDE, from, from + (i + 1) * STRIDE);
      this.#head--;
    } else {
      this.#makeRoomBehind();
      const from = (this.#head + i) * STRIDE;
      this.#cells.copyWithin(from + STRIDE, from, (this.#head + this.#count) * STRIDE);
    }
    this.#count++;
    this.#cells[(this.#head + i) * STRIDE + END] = offset;
    this.#cells[(this.#head + i + 1) * STRIDE + START] = offset;
    return true;
  }

  /** Entry `i` is sacked now: joins it with sacked neighbours. Returns its index afterwards. */
  markSacked(i: number): number {
    this.setFlags(i, SACKED);
    let at = i;
    if (at + 1 < this.#count && (this.flagsAt(at + 1) & SACKED) !== 0) this.#joinNext(at);
    if (at > 0 && (this.flagsAt(at - 1) & SACKED) !== 0) this.#joinNext(--at);
    return at;
  }

  /** Forgets everything. */
  clear(): void {
    this.#head = 0;
    this.#count = 0;
  }

  #joinNext(i: number): void {
    const first = (this.#head + i) * STRIDE;
    const end = this.endAt(i + 1);
    if (i * 2 < this.#count) {
      this.#cells.copyWithin(this.#head * STRIDE + STRIDE, this.#head * STRIDE, first + STRIDE);
      this.#head++;
      this.#cells[first + STRIDE + END] = end;
    } else {
      this.#cells.copyWithin(first + STRIDE, first + 2 * STRIDE, (this.#head + this.#count) * STRIDE);
      this.#cells[first + END] = end;
    }
    this.#count--;
  }

  #makeRoomBehind(): void {
    if (this.#head + this.#count < this.capacity) return;
    const live = this.#cells.subarray(this.#head * STRIDE, (this.#head + this.#count) * STRIDE);
    if (this.#head * 2 >= this.capacity) {
      this.#cells.copyWithin(0, this.#head * STRIDE, (this.#head + this.#count) * STRIDE);
    } else {
      const larger = new Float64Array(this.#cells.length * 2);
      larger.set(live);
      this.#cells = larger;
    }
    this.#head = 0;
  }
}

// Idle connections keep no log: what one gives back the next one takes.
const spare: SentLog[] = [];

/** An empty log. */
export function takeLog(): SentLog {
  return spare.pop() ?? new SentLog();
}

/** Gives back an empty log, which nobody may use any more. */
export function giveLogBack(log: SentLog): void {
  assert(log.count === 0, 'a log that is given back is empty');
  if (log.capacity <= KEPT_CAPACITY_MAX && spare.length < KEPT_LOGS_MAX) spare.push(log);
}
