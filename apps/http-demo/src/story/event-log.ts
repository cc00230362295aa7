/** Events in order; of a long story the beginning and the end. */

import type { GapEvent, StoryEvent } from './events.ts';

/** How many events are kept of the beginning, and at least of the end. */
export interface LogLimits {
  readonly first: number;
  readonly latest: number;
}

const NO_LIMITS: LogLimits = { first: Infinity, latest: Infinity };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class EventLog {
  readonly #limits: LogLimits;
  readonly #first: StoryEvent[] = [];
  #latest: StoryEvent[] = [];
  #gap: Mutable<GapEvent> | null = null;

  constructor(limits: LogLimits = NO_LIMITS) {
    this.#limits = limits;
  }

  push(event: StoryEvent): void {
    const { first, latest } = this.#limits;
    if (this.#first.length < first) this.#first.push(event);
    else this.#latest.push(event);
    if (this.#latest.length >= 2 * latest) {
      for (const old of this.#latest.splice(0, latest)) this.#leaveOut(old);
    }
  }

  /** A list of its own, with a gap where something was left out. */
  all(): StoryEvent[] {
    return [...this.#first, ...(this.#gap === null ? [] : [this.#gap]), ...this.#latest];
  }

  #leaveOut(event: StoryEvent): void {
    this.#gap ??= { type: 'gap', timeMs: event.timeMs, segments: 0, payloadBytes: 0, syscalls: 0 };
    if (event.type === 'syscall') this.#gap.syscalls++;
    if (event.type === 'segment') {
      this.#gap.segments++;
      this.#gap.payloadBytes += event.payloadBytes;
    }
  }
}
