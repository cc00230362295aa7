/** The SYN queue: connections in SYN-RECEIVED, bounded as Linux bounds them. */

import type { Connection } from './connection.ts';

/** Even a backlog of 0 lets some handshakes be under way. */
const MIN_BACKLOG = 7;
/** Like Linux: however great the need, two SYN-ACKs are sent again. */
const MIN_RETRIES = 2;

/** Half-open connections of all listeners of a Host. */
export interface HalfOpenTally {
  count: number;
}

/** Half-open connections of one listener. */
export class SynQueue {
  readonly #waiting = new Set<Connection>();
  /** Those of which no SYN-ACK timed out yet. */
  readonly #young = new Set<Connection>();
  readonly #tally: HalfOpenTally;
  #backlog = 0;

  constructor(backlog: number, tally: HalfOpenTally = { count: 0 }) {
    this.#tally = tally;
    this.resize(backlog);
  }

  /** listen() was called again. */
  resize(backlog: number): void {
    this.#backlog = Math.max(backlog, MIN_BACKLOG);
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** Like Linux, as the accept queue: full is what holds more than the backlog. */
  get full(): boolean {
    return this.#waiting.size > this.#backlog;
  }

  add(connection: Connection): void {
    this.#waiting.add(connection);
    this.#young.add(connection);
    this.#tally.count++;
  }

  remove(connection: Connection): void {
    if (this.#waiting.delete(connection)) this.#tally.count--;
    this.#young.delete(connection);
  }

  /** A SYN-ACK of this one timed out. */
  age(connection: Connection): void {
    this.#young.delete(connection);
  }

  /**
   * How often SYN-ACKs are sent again while the queue is as full as it is. Like Linux: from half full on, the more are
   * old the less often, so that a flood leaves the young ones a place.
   */
  retriesMax(most: number): number {
    const length = this.#waiting.size;
    let retries = most;
    if (length * 2 <= Math.max(this.#backlog, MIN_BACKLOG + 1)) return retries;
    for (let young = this.#young.size * 2; retries > MIN_RETRIES && length >= young; young *= 2) retries--;
    return retries;
  }

  values(): IterableIterator<Connection> {
    return this.#waiting.values();
  }
}
