/** HyStart++ (RFC 9406): leaves slow start when round trips grow longer, before the queue overflows. */

import {
  HYSTART_CSS_GROWTH_DIVISOR,
  HYSTART_CSS_ROUNDS,
  HYSTART_MAX_RTT_THRESH_MS,
  HYSTART_MIN_RTT_DIVISOR,
  HYSTART_MIN_RTT_THRESH_MS,
  HYSTART_RTT_SAMPLES,
} from '../limits.ts';
import type { AckSample } from './ack-sample.ts';

/** The state of one slow start. Fields carry the names of RFC 9406 §4.2. */
export class HyStart {
  /** `L`: most segments by which one ACK lets cwnd grow; `Infinity` where bursts are of no concern. */
  readonly #limitSegments: number;
  #windowEndOffset = -1;
  #lastRoundMinRttMs = Infinity;
  #currentRoundMinRttMs = Infinity;
  #rttSampleCount = 0;
  /** Not `Infinity`: in conservative slow start (CSS). */
  #cssBaselineMinRttMs = Infinity;
  #cssRounds = 0;

  constructor(limitSegments: number) {
    this.#limitSegments = limitSegments;
  }

  get isConservative(): boolean {
    return this.#cssBaselineMinRttMs !== Infinity;
  }

  /** Takes the round trip of one ACK. True: slow start is over, and congestion avoidance begins at this cwnd. */
  measure({ rttMs, unaOffset, nxtOffset }: AckSample): boolean {
    if (this.#windowEndOffset < 0) this.#windowEndOffset = nxtOffset;
    if (rttMs >= 0) {
      this.#currentRoundMinRttMs = Math.min(this.#currentRoundMinRttMs, rttMs);
      this.#rttSampleCount++;
      if (this.#rttSampleCount >= HYSTART_RTT_SAMPLES) this.#compare();
    }
    // "Each round ends when the last sequence number of that round is ACKed": windowEnd, SND.NXT when it began.
    return unaOffset >= this.#windowEndOffset && this.#beginRound(nxtOffset);
  }

  /** By how much cwnd grows for so many newly acknowledged bytes. */
  growthBytes(ackedBytes: number, mssBytes: number): number {
    // "cwnd = cwnd + min(N, L * SMSS)"; in CSS "cwnd = cwnd + (min(N, L * SMSS) / CSS_GROWTH_DIVISOR)"
    const bytes = Math.min(ackedBytes, this.#limitSegments * mssBytes);
    return this.isConservative ? bytes / HYSTART_CSS_GROWTH_DIVISOR : bytes;
  }

  #compare(): void {
    const current = this.#currentRoundMinRttMs;
    if (this.isConservative) {
      // "check if the current round's minRTT drops below baseline (cssBaselineMinRtt) indicating that slow start exit
      // was spurious": one long pause of either host delays a whole round, and the next one clears it.
      if (current < this.#cssBaselineMinRttMs) this.#cssBaselineMinRttMs = Infinity;
      return;
    }
    const last = this.#lastRoundMinRttMs;
    if (last === Infinity) return;
    // "RttThresh = max(MIN_RTT_THRESH, min(lastRoundMinRTT / MIN_RTT_DIVISOR, MAX_RTT_THRESH))". The lower bound keeps
    // noise harmless where a round trip takes a fraction of a millisecond.
    const threshold = Math.max(
      HYSTART_MIN_RTT_THRESH_MS,
      Math.min(last / HYSTART_MIN_RTT_DIVISOR, HYSTART_MAX_RTT_THRESH_MS),
    );
    if (current < last + threshold) return;
    this.#cssBaselineMinRttMs = current;
    this.#cssRounds = 0;
  }

  #beginRound(nxtOffset: number): boolean {
    // "CSS lasts at most CSS_ROUNDS rounds. If the transition into CSS happens in the middle of a round, that partial
    // round counts towards the limit."
    if (this.isConservative) this.#cssRounds++;
    this.#windowEndOffset = nxtOffset;
    this.#lastRoundMinRttMs = this.#currentRoundMinRttMs;
    this.#currentRoundMinRttMs = Infinity;
    this.#rttSampleCount = 0;
    return this.isConservative && this.#cssRounds >= HYSTART_CSS_ROUNDS;
  }
}
