/** Which packets are lost by chance: one by one, or in bursts. */

import type { Random } from './random.ts';

/** Loss in bursts (Gilbert and Elliott): a network that is good or bad, and changes now and then. Shares are 0 to 1. */
export interface BurstLoss {
  /** Chance with each packet that a good network turns bad. */
  readonly turnsBad: number;
  /** Chance with each packet that a bad network turns good: its bursts are 1 / this long on average. */
  readonly turnsGood: number;
  /** Share of packets lost while it is bad. */
  readonly lossWhileBad: number;
}

export class LossModel {
  readonly #random: Random;
  readonly #share: number;
  readonly #burst: BurstLoss | null;
  #bad = false;

  /** @param share Packets lost whatever the state of the network, 0 to 1. */
  constructor(random: Random, share: number, burst: BurstLoss | null) {
    this.#random = random;
    this.#share = share;
    this.#burst = burst;
  }

  /** Whether the next packet is lost. */
  loses(): boolean {
    const alone = this.#random.chance(this.#share);
    const burst = this.#burst;
    if (burst === null) return alone;
    if (this.#random.chance(this.#bad ? burst.turnsGood : burst.turnsBad)) this.#bad = !this.#bad;
    const within = this.#random.chance(burst.lossWhileBad);
    return alone || (this.#bad && within);
  }
}
