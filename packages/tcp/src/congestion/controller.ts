/** The contract of a congestion control: bytes and milliseconds only, and no knowledge of the TCB. */

import type { AckSample } from './ack-sample.ts';

/** Owns cwnd, ssthresh and the pace of one connection. All amounts are bytes. */
export interface CongestionController {
  readonly name: string;
  /**
   * It says itself how much may be in flight during recovery. False for those that only choose a target at the loss:
   * there proportional rate reduction (RFC 6937) leads cwnd from the loss to ssthresh, and writes `cwndBytes`.
   */
  readonly ownsRecovery: boolean;
  /** Bytes that may be in flight; at least one segment. */
  cwndBytes: number;
  ssthreshBytes: number;
  /** How fast it wants to be sent, in bytes per millisecond; `Infinity` when it leaves that to ACKs. */
  pacingBytesPerMs: number;
  /** A segment left. `flightBytes` is before it; the first segment after a pause finds 0. */
  onSent(nowMs: number, bytes: number, flightBytes: number, isAppLimited: boolean): void;
  /** An ACK delivered something, in any mode. A control that leaves recovery to PRR grows only in 'open' and 'loss'. */
  onAck(sample: AckSample): void;
  /** Loss was inferred from ACKs; called once a recovery, before the first retransmission. */
  onLoss(nowMs: number, flightBytes: number): void;
  /** The peer echoed a mark of congestion (RFC 3168 §6.1.2); called at most once a round trip, not during recovery. */
  onCongestionMark(nowMs: number, flightBytes: number): void;
  /** The retransmission timer expired; `first` is false for repeats of the same segment. */
  onRto(nowMs: number, flightBytes: number, first: boolean): void;
  /** Everything sent before the loss was acknowledged. */
  onRecoveryExit(nowMs: number, flightBytes: number): void;
  /** The last `onLoss` or `onRto` was a mistake: nothing had been lost. Puts back what it took (RFC 5682, RFC 3522). */
  onUndo(nowMs: number): void;
  /** Nothing was in flight for `idleMs`, and something is about to be sent (RFC 9293 §3.8.2, RFC 7661). */
  onIdle(nowMs: number, idleMs: number, rtoMs: number): void;
  /**
   * It takes a connection over from another control, which had got to this window and threshold. Called once, before
   * anything else; `srttMs` is negative while no round trip is known.
   */
  adopt(nowMs: number, cwndBytes: number, ssthreshBytes: number, srttMs: number): void;
  /** Nothing was sent or heard for long: what it measured in rounds that are over may go. */
  onRest?(): void;
  /** The effective send MSS became known or changed. */
  onMss(mssBytes: number): void;
}
