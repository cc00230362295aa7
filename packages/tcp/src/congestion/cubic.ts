/** CUBIC (RFC 9438): the window is a cubic function of the time since congestion, and never less than Reno's. */

import { CUBIC_BETA, CUBIC_C, MAX_CWND_BYTES } from '../limits.ts';
import type { AckSample } from './ack-sample.ts';
import type { CongestionController } from './controller.ts';
import { HyStart } from './hystart.ts';
import { LossBased } from './loss-based.ts';

/** "alpha_cubic = 3 * (1 - beta_cubic) / (1 + beta_cubic)" gives the average window of Reno (RFC 9438 §4.3). */
const CUBIC_ALPHA = (3 * (1 - CUBIC_BETA)) / (1 + CUBIC_BETA);

/** Variables of RFC 9438 §4.1.2 in bytes and seconds, those of one stage of congestion avoidance. */
interface Epoch {
  /** Congestion avoidance has begun: what follows is valid. */
  hasBegun: boolean;
  /** t_epoch, moved forward by the time in which cwnd was not in use. */
  epochMs: number;
  /** The last ACK that t ran up to. */
  lastMs: number;
  /** W_max; 0 when it is not known. */
  wMaxBytes: number;
  /** K in seconds. */
  kS: number;
  wEstBytes: number;
  cwndPriorBytes: number;
}

const createEpoch = (): Epoch => ({
  hasBegun: false,
  epochMs: 0,
  lastMs: 0,
  wMaxBytes: 0,
  kS: 0,
  wEstBytes: 0,
  cwndPriorBytes: 0,
});

function copyEpoch(from: Epoch, to: Epoch): void {
  to.hasBegun = from.hasBegun;
  to.epochMs = from.epochMs;
  to.lastMs = from.lastMs;
  to.wMaxBytes = from.wMaxBytes;
  to.kS = from.kS;
  to.wEstBytes = from.wEstBytes;
  to.cwndPriorBytes = from.cwndPriorBytes;
}

class Cubic extends LossBased {
  readonly name = 'cubic';
  /** `null` in the first slow start, which is all that most connections see. */
  #madeEpoch: Epoch | null = null;
  /** As it was before the last loss, for `onUndo` (RFC 9438 §4.9). */
  #undoEpoch: Epoch | null = null;
  #canUndo = false;
  #inRecovery = false;
  /** `null` outside the first slow start, and before its first ACK. */
  #hystart: HyStart | null = null;

  get #epoch(): Epoch {
    this.#madeEpoch ??= createEpoch();
    return this.#madeEpoch;
  }

  override onSent(nowMs: number, _bytes: number, flightBytes: number): void {
    // "The elapsed time t MUST NOT include periods during which cwnd has not been updated due to application-limited
    // behavior" (RFC 9438 §4.2): nothing was in flight until now.
    if (flightBytes === 0) this.standStill(nowMs);
  }

  /** What is sent next begins a round, and perhaps a slow start. */
  onRest(): void {
    this.#hystart = null;
  }

  override onAck(sample: AckSample): void {
    if (sample.mode !== 'recovery') this.#inRecovery = false;
    // "HyStart++ ... only for the initial slow start (when the ssthresh is at its initial value ...)" (RFC 9406 §4.3)
    if (this.ssthreshBytes === MAX_CWND_BYTES) {
      // Deviation: RFC 9406 §4.3 sets L = 8 without pacing; one ACK may answer a super-segment of 44 segments, and Linux
      // counts all bytes too.
      this.#hystart ??= new HyStart(Infinity);
      if (this.#hystart.measure(sample)) this.ssthreshBytes = this.cwndBytes;
    } else this.#hystart = null;
    super.onAck(sample);
  }

  override onLoss(nowMs: number, flightBytes: number): void {
    super.onLoss(nowMs, flightBytes);
    this.#inRecovery = true;
  }

  override onRto(nowMs: number, flightBytes: number, first: boolean): void {
    super.onRto(nowMs, flightBytes, first);
    this.#inRecovery = false;
    // After a time-out "K is set to 0, and W_max is set to the congestion window size at the beginning of the current
    // congestion avoidance stage" (RFC 9438 §4.8): not known yet.
    this.#epoch.wMaxBytes = 0;
  }

  override onRecoveryExit(nowMs: number, flightBytes: number): void {
    super.onRecoveryExit(nowMs, flightBytes);
    this.#inRecovery = false;
  }

  override onCongestionMark(nowMs: number, flightBytes: number): void {
    this.#canUndo = false;
    super.onCongestionMark(nowMs, flightBytes);
  }

  override onUndo(nowMs: number): void {
    super.onUndo(nowMs);
    this.#inRecovery = false;
    if (!this.#canUndo || this.#undoEpoch === null) return;
    this.#canUndo = false;
    copyEpoch(this.#undoEpoch, this.#epoch);
  }

  override onIdle(nowMs: number, idleMs: number, rtoMs: number): void {
    super.onIdle(nowMs, idleMs, rtoMs);
    // Slow start leads back to where cwnd was: a new stage of congestion avoidance begins there.
    if (this.#madeEpoch !== null && this.cwndBytes < this.ssthreshBytes) this.#madeEpoch.hasBegun = false;
  }

  protected override save(): void {
    super.save();
    // Most connections never lose anything: made on first use.
    this.#undoEpoch ??= createEpoch();
    copyEpoch(this.#epoch, this.#undoEpoch);
    this.#canUndo = true;
  }

  protected growOn(sample: AckSample, ackedBytes: number): void {
    let acked = ackedBytes;
    if (this.cwndBytes < this.ssthreshBytes) {
      const growth = this.#hystart?.growthBytes(acked, this.mssBytes) ?? acked;
      const room = this.ssthreshBytes - this.cwndBytes;
      this.grow(Math.min(growth, room));
      acked = growth > room ? growth - room : 0;
    }
    if (acked > 0) this.#avoid(sample, acked);
  }

  protected standStill(nowMs: number): void {
    const epoch = this.#madeEpoch;
    if (epoch === null || !epoch.hasBegun) return;
    epoch.epochMs += nowMs - epoch.lastMs;
    epoch.lastMs = nowMs;
  }

  protected reducedBytes(): number {
    const epoch = this.#epoch;
    // The cwnd of a recovery is that of proportional rate reduction; a time-out within it has ssthresh already.
    if (this.#inRecovery) return this.ssthreshBytes;
    epoch.hasBegun = false;
    epoch.cwndPriorBytes = this.cwndBytes;
    // Fast convergence (RFC 9438 §4.7): "if (cwnd < W_max ...) W_max = cwnd * (1 + beta_cubic) / 2, else W_max = cwnd"
    const isShrinking = this.cwndBytes < epoch.wMaxBytes;
    epoch.wMaxBytes = isShrinking ? (this.cwndBytes * (1 + CUBIC_BETA)) / 2 : this.cwndBytes;
    // RFC 9438 §4.6 lets an implementation take cwnd for flight_size, as Linux does: cwnd does not grow while it is not
    // in use, and what SACK says to have left does not count against us.
    return this.cwndBytes * CUBIC_BETA;
  }

  /** Congestion avoidance (RFC 9438 §4.2 to §4.5). */
  #avoid({ nowMs, srttMs }: AckSample, ackedBytes: number): void {
    const epoch = this.#epoch;
    if (!epoch.hasBegun) this.#begin(nowMs);
    epoch.lastMs = nowMs;
    const cwnd = this.cwndBytes;
    const tS = (nowMs - epoch.epochMs) / 1000;
    const windows = Math.min(1, ackedBytes / cwnd);
    // "Once W_est has grown to reach ... cwnd_prior, the sender SHOULD set alpha_cubic to 1" (RFC 9438 §4.3)
    const alpha = epoch.wEstBytes >= epoch.cwndPriorBytes ? 1 : CUBIC_ALPHA;
    epoch.wEstBytes += alpha * this.mssBytes * windows;
    if (this.#cubicBytes(tS) < epoch.wEstBytes) {
      // Reno-friendly: "cwnd SHOULD be set to W_est at each reception of a new ACK" (RFC 9438 §4.3)
      if (epoch.wEstBytes > cwnd) this.grow(epoch.wEstBytes - cwnd);
      return;
    }
    // target, where cwnd should be a round trip from now: at least cwnd, at most 1.5 times that (RFC 9438 §4.2);
    // "cwnd MUST be incremented by (target - cwnd) / cwnd for each received new ACK" of one segment (§4.4, §4.5).
    const target = this.#cubicBytes(tS + Math.max(0, srttMs) / 1000);
    this.grow(Math.max(0, Math.min(target, 1.5 * cwnd) - cwnd) * windows);
  }

  /** W_cubic(t) = C * (t - K)^3 + W_max */
  #cubicBytes(tS: number): number {
    return CUBIC_C * this.mssBytes * (tS - this.#epoch.kS) ** 3 + this.#epoch.wMaxBytes;
  }

  #begin(nowMs: number): void {
    const epoch = this.#epoch;
    epoch.hasBegun = true;
    epoch.epochMs = nowMs;
    epoch.wEstBytes = this.cwndBytes;
    // Slow start that ended without a loss left no W_max: cwnd takes its place, with K = 0 (RFC 9438 §4.10). So it is
    // when slow start went past it.
    if (epoch.wMaxBytes === 0) epoch.cwndPriorBytes = Math.max(epoch.cwndPriorBytes, this.cwndBytes);
    if (epoch.wMaxBytes < this.cwndBytes) epoch.wMaxBytes = this.cwndBytes;
    epoch.kS = Math.cbrt((epoch.wMaxBytes - this.cwndBytes) / (CUBIC_C * this.mssBytes));
  }
}

/** A CUBIC controller for a connection with this effective send MSS. */
export function createCubic(mssBytes: number): CongestionController {
  return new Cubic(mssBytes);
}
