/** For how long a neighbour that answered counts as reachable: RFC 4861 §6.3.2. */

import type { NeighbourSettings } from './neighbour.ts';

/** Linux: how often it is drawn anew (RFC 4861 §6.3.2: "a few hours"). */
const REDRAW_MS = 300_000;

/** ReachableTime of one interface. */
export class ReachableTime {
  /** What was drawn last. */
  ms: number;
  readonly #settings: NeighbourSettings;
  readonly #random: () => number;
  #redrawAtMs = 0;

  constructor(settings: NeighbourSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
    this.ms = settings.baseReachableMs;
  }

  /** "a random value between MIN_RANDOM_FACTOR and MAX_RANDOM_FACTOR" (0.5 to 1.5) times the base — RFC 4861 §6.3.2. */
  draw(nowMs: number): number {
    if (nowMs >= this.#redrawAtMs) {
      this.ms = this.#settings.baseReachableMs * (0.5 + this.#random());
      this.#redrawAtMs = nowMs + REDRAW_MS;
    }
    return this.ms;
  }

  /** The base changed: draws anew the next time. */
  redraw(): void {
    this.#redrawAtMs = 0;
  }
}
