/** What controls that answer loss by a smaller window have in common: saving and undoing, pauses, the MSS. */

import { INITIAL_CWND_SEGMENTS, MAX_CWND_BYTES } from '../limits.ts';
import type { AckSample } from './ack-sample.ts';
import type { CongestionController } from './controller.ts';
import { restartWindowBytes } from './idle.ts';

/** The parent of Reno and CUBIC. cwnd and ssthresh are whole bytes; what is less is carried to the next ACK. */
export abstract class LossBased implements CongestionController {
  abstract readonly name: string;
  cwndBytes: number;
  ssthreshBytes = MAX_CWND_BYTES;
  protected mssBytes: number;
  /** Growth of less than a byte. */
  #fraction = 0;
  #hasStarted = false;
  /** What `onUndo` puts back; 0 when there is nothing to undo. */
  #priorCwndBytes = 0;
  #priorSsthreshBytes = 0;

  get ownsRecovery(): boolean {
    return false;
  }

  get pacingBytesPerMs(): number {
    return Infinity;
  }

  constructor(mssBytes: number) {
    this.mssBytes = mssBytes;
    this.cwndBytes = INITIAL_CWND_SEGMENTS * mssBytes;
  }

  /** The new ssthresh after congestion, before it is rounded and bounded. */
  protected abstract reducedBytes(flightBytes: number): number;
  /** Grows the window. Called in 'open' and 'loss' for what was newly acknowledged. */
  protected abstract growOn(sample: AckSample, ackedBytes: number): void;
  /** The window was in use less than fully, so that this ACK says nothing about the path. */
  protected abstract standStill(nowMs: number): void;

  onSent(_nowMs: number, _bytes: number, _flightBytes: number, _isAppLimited: boolean): void {}

  onAck(sample: AckSample): void {
    this.#hasStarted = true;
    // Until recovery ends, proportional rate reduction leads cwnd (RFC 6937).
    if (sample.mode === 'recovery' || sample.ackedBytes <= 0) return;
    // "The sending TCP SHOULD NOT increase the congestion window in response to the receipt of an ECN-Echo ACK packet."
    // — RFC 3168 §6.1.2
    if (sample.ceBytes > 0) return;
    // A window that was not filled says nothing about the path (RFC 7661 §4.3, RFC 9438 §5.8).
    if (sample.isCwndLimited) this.growOn(sample, sample.ackedBytes);
    else this.standStill(sample.nowMs);
  }

  onLoss(_nowMs: number, flightBytes: number): void {
    this.save();
    this.reduce(flightBytes);
  }

  onCongestionMark(_nowMs: number, flightBytes: number): void {
    // The answer to a mark is "essentially the same as the congestion control response to a *single* dropped packet"
    // (RFC 3168 §5). Like Linux we do not take the milder cut that RFC 8511 §3 allows.
    this.#priorCwndBytes = 0;
    this.reduce(flightBytes);
  }

  onRto(_nowMs: number, flightBytes: number, first: boolean): void {
    // "the value of ssthresh is held constant" when the same segment times out again — RFC 5681 §3.1
    if (first) {
      this.save();
      this.reduce(flightBytes);
    }
    // "cwnd MUST be set to no more than the loss window, LW, which equals 1 full-sized segment" — RFC 5681 §3.1
    this.cwndBytes = this.mssBytes;
  }

  onRecoveryExit(_nowMs: number, flightBytes: number): void {
    // Proportional rate reduction ends with ssthresh in flight (RFC 6937 §3), so that this is ssthresh. Where less is
    // in flight, as without SACK, a burst must not follow: "min (ssthresh, max(FlightSize, SMSS) + SMSS)" (RFC 6582
    // §3.2 step 3 (1)).
    const quiet = Math.max(flightBytes, this.mssBytes) + this.mssBytes;
    this.cwndBytes = Math.floor(Math.min(this.ssthreshBytes, quiet));
  }

  onUndo(_nowMs: number): void {
    if (this.#priorCwndBytes === 0) return;
    this.cwndBytes = Math.max(this.cwndBytes, this.#priorCwndBytes);
    this.ssthreshBytes = Math.max(this.ssthreshBytes, this.#priorSsthreshBytes);
    this.#priorCwndBytes = 0;
  }

  onIdle(_nowMs: number, idleMs: number, rtoMs: number): void {
    if (idleMs <= rtoMs) return;
    // What was reached before the pause is remembered, so that slow start goes back there: RFC 2861.
    this.ssthreshBytes = Math.max(this.ssthreshBytes, Math.floor(this.cwndBytes * 0.75));
    this.cwndBytes = restartWindowBytes(this.cwndBytes, this.mssBytes, idleMs, rtoMs);
  }

  adopt(_nowMs: number, cwndBytes: number, ssthreshBytes: number): void {
    this.#hasStarted = true;
    this.cwndBytes = Math.max(cwndBytes, this.mssBytes);
    this.ssthreshBytes = ssthreshBytes;
  }

  onMss(mssBytes: number): void {
    this.mssBytes = mssBytes;
    if (!this.#hasStarted) this.cwndBytes = INITIAL_CWND_SEGMENTS * mssBytes;
    this.cwndBytes = Math.max(this.cwndBytes, mssBytes);
    this.ssthreshBytes = Math.max(this.ssthreshBytes, 2 * mssBytes);
  }

  /** Remembers what a mistake would take away. */
  protected save(): void {
    this.#priorCwndBytes = this.cwndBytes;
    this.#priorSsthreshBytes = this.ssthreshBytes;
  }

  /** Sets ssthresh, and cwnd to it; never upwards. */
  protected reduce(flightBytes: number): void {
    this.#hasStarted = true;
    this.#fraction = 0;
    const reduced = Math.max(this.reducedBytes(flightBytes), 2 * this.mssBytes);
    this.ssthreshBytes = Math.floor(Math.min(reduced, MAX_CWND_BYTES));
    this.cwndBytes = Math.min(this.cwndBytes, this.ssthreshBytes);
  }

  /** Adds to cwnd. */
  protected grow(bytes: number): void {
    const grown = this.cwndBytes + this.#fraction + bytes;
    this.cwndBytes = Math.min(Math.floor(grown), MAX_CWND_BYTES);
    this.#fraction = grown - Math.floor(grown);
  }
}
