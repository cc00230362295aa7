/** How many challenge ACKs one Host sends in a second, all connections together (RFC 5961 §7). */

import { type SipKey, sipHash } from '@tcpstack/seq/siphash';

const SECOND_MS = 1000;

/**
 * "an implementation SHOULD include an ACK throttling mechanism to be conservative". A count that everybody knows would
 * tell a stranger what others are sent: who uses up the rest of a second learns whether a guess about somebody else's
 * connection was answered (CVE-2016-5696). So, as in Linux, each second has a budget of its own, between a half and one
 * and a half of the limit.
 */
export class ChallengeBudget {
  readonly #key: SipKey;
  /** On average; `Infinity` for no limit. A change holds from the next second on. */
  perSecond: number;
  readonly #words = new Int32Array(2);
  #left = 0;
  #endsAtMs = -Infinity;

  /** @param perSecond On average; `Infinity` for no limit. */
  constructor(key: SipKey, perSecond: number) {
    this.#key = key;
    this.perSecond = perSecond;
  }

  /** Takes one out of the budget; false when this second's is used up. */
  take(nowMs: number): boolean {
    if (this.perSecond === Infinity) return true;
    if (nowMs >= this.#endsAtMs) this.#refill(nowMs);
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }

  #refill(nowMs: number): void {
    this.#endsAtMs = nowMs + SECOND_MS;
    this.#words[0] = nowMs % 0x1_0000_0000;
    this.#words[1] = 0x6368_616c;
    const share = (sipHash(this.#key, this.#words, 2) >>> 0) / 0x1_0000_0000;
    this.#left = Math.ceil(this.perSecond / 2) + Math.floor(share * this.perSecond);
  }
}
