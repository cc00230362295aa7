/** How many connections a listener lets in by Fast Open before their handshake ends (RFC 7413 §5.1). */

import type { Connection } from './connection.ts';

/** Like Linux: a place whose connection was reset stays taken so long, since who forges addresses causes resets. */
const RESET_HOLD_MS = 60_000;

/** The places of one listener; `TCP_FASTOPEN` says how many. */
export class FastOpenQueue {
  #length = 0;
  /** When the places become free whose connections were reset, in order. */
  readonly #heldUntilMs: number[] = [];

  /** Whether there is a place for one more. */
  hasRoom(nowMs: number, most: number): boolean {
    const held = this.#heldUntilMs;
    while (held.length > 0 && (held[0] as number) <= nowMs) held.shift();
    return this.#length + held.length < most;
  }

  take(connection: Connection): void {
    connection.fastOpen = this;
    this.#length++;
  }

  /** Its handshake ended, well or badly. */
  leave(connection: Connection, nowMs: number): void {
    const { tcb } = connection;
    connection.fastOpen = null;
    this.#length--;
    if (tcb.state === 'CLOSED' && tcb.error === 'ECONNRESET') this.#heldUntilMs.push(nowMs + RESET_HOLD_MS);
  }
}
