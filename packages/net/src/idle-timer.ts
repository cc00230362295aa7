/** `setTimeout` of a socket: rings after a time without traffic, and never keeps the process alive. */

import type { EventEmitter } from 'node:events';
import { invalidArgumentType, outOfRange } from './errors.ts';

const DELAY_MS_MAX = 2 ** 31 - 1;

export class IdleTimer {
  readonly #socket: EventEmitter;
  #timer: NodeJS.Timeout | null = null;
  /** 0 when off. */
  timeoutMs = 0;

  /** @param socket Emits 'timeout'. */
  constructor(socket: EventEmitter) {
    this.#socket = socket;
  }

  /** Starts anew with `timeoutMs`; 0 turns it off. Throws what Node throws for a bad number. */
  set(timeoutMs: number): void {
    if (typeof timeoutMs !== 'number') throw invalidArgumentType('msecs', 'number', timeoutMs);
    if (!(timeoutMs >= 0 && Number.isFinite(timeoutMs)))
      throw outOfRange('msecs', 'a non-negative finite number', timeoutMs);
    if (timeoutMs === this.timeoutMs && this.#timer !== null) {
      this.#timer.refresh();
      return;
    }
    this.stop();
    this.timeoutMs = timeoutMs;
    if (timeoutMs > 0)
      this.#timer = setTimeout(() => this.#socket.emit('timeout'), Math.min(timeoutMs, DELAY_MS_MAX)).unref();
  }

  /** There was traffic. */
  touch(): void {
    this.#timer?.refresh();
  }

  /** Turns it off; the time that was set is forgotten only by `set`. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
