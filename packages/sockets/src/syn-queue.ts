/** The SYN queue: connections in SYN-RECEIVED, bounded by the backlog. */

import type { Connection } from './connection.ts';

/** Even a backlog of 0 lets some handshakes be under way. */
const MIN_LIMIT = 8;

/** Half-open connections of one listener. */
export class SynQueue {
  readonly #waiting = new Set<Connection>();
  #limit = 0;

  constructor(backlog: number) {
    this.resize(backlog);
  }

  /** listen() was called again. */
  resize(backlog: number): void {
    this.#limit = Math.max(backlog, MIN_LIMIT);
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** A SYN that arrives now is dropped. */
  get full(): boolean {
    return this.#waiting.size >= this.#limit;
  }

  add(connection: Connection): void {
    this.#waiting.add(connection);
  }

  remove(connection: Connection): void {
    this.#waiting.delete(connection);
  }

  values(): IterableIterator<Connection> {
    return this.#waiting.values();
  }
}
