/** The accept queue: established connections that no one has accepted yet, in order of arrival. */

import type { Connection } from './connection.ts';

/** Finished handshakes of one listener. */
export class AcceptQueue {
  /** A Set keeps the order of arrival, and gives up a connection from the middle. */
  readonly #waiting = new Set<Connection>();
  #backlog: number;

  constructor(backlog: number) {
    this.#backlog = backlog;
  }

  /** listen() was called again. */
  resize(backlog: number): void {
    this.#backlog = backlog;
  }

  get backlog(): number {
    return this.#backlog;
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** Like Linux, the queue is full when it holds more than the backlog: backlog + 1 connections fit. */
  get full(): boolean {
    return this.#waiting.size > this.#backlog;
  }

  push(connection: Connection): void {
    this.#waiting.add(connection);
  }

  /** The oldest, taken out; `null` when there is none. */
  shift(): Connection | null {
    for (const connection of this.#waiting) {
      this.#waiting.delete(connection);
      return connection;
    }
    return null;
  }

  remove(connection: Connection): void {
    this.#waiting.delete(connection);
  }

  values(): IterableIterator<Connection> {
    return this.#waiting.values();
  }
}
