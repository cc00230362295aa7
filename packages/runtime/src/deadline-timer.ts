/** One timer for the earliest deadline, re-armed only when it would ring too late. */

import type { Scheduler } from './scheduler.ts';

/** Node counts timers in whole milliseconds, from a clock that may lag by most of one. */
const GRANULARITY_MS = 1;

/**
 * Deadlines move with nearly every packet, mostly into the future. So a timer that rings earlier than
 * the deadline is left alone: it rings, `ring` finds nothing due, and arms the next. Only an earlier
 * deadline costs a new timer.
 */
export class DeadlineTimer {
  readonly #scheduler: Scheduler;
  readonly #onRing: () => void;
  #timer: unknown = null;
  #ringsAtMs = Number.POSITIVE_INFINITY;

  /** @param ring Called when the armed time has come, or a little before; it arms again. */
  constructor(scheduler: Scheduler, ring: () => void) {
    this.#scheduler = scheduler;
    this.#onRing = () => {
      this.#timer = null;
      this.#ringsAtMs = Number.POSITIVE_INFINITY;
      ring();
    };
  }

  /** Rings at `deadlineMs` or up to a tick later, or earlier; `Infinity` asks for nothing. */
  arm(nowMs: number, deadlineMs: number): void {
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    // Never less than a whole tick ahead: a deadline that is due, or nearly, must not become a spin.
    const delayMs = Math.max(GRANULARITY_MS, Math.ceil(deadlineMs - nowMs));
    const atMs = nowMs + delayMs;
    if (this.#timer !== null) {
      if (this.#ringsAtMs <= atMs) return;
      this.#scheduler.clearTimer(this.#timer);
    }
    this.#ringsAtMs = atMs;
    this.#timer = this.#scheduler.setTimer(this.#onRing, delayMs);
  }

  /** Forgets the armed time. */
  disarm(): void {
    if (this.#timer === null) return;
    this.#scheduler.clearTimer(this.#timer);
    this.#timer = null;
    this.#ringsAtMs = Number.POSITIVE_INFINITY;
  }
}
