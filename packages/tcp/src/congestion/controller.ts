/** The contract of a congestion control: bytes only, and no knowledge of the TCB. */

/** Owns cwnd and ssthresh of one connection. All amounts are bytes. */
export interface CongestionController {
  readonly name: string;
  /** Bytes that may be in flight; at least one segment. */
  cwndBytes: number;
  ssthreshBytes: number;
  /**
   * New data was acknowledged outside of recovery.
   *
   * @param ackedBytes Newly acknowledged bytes.
   * @param flightBytes Bytes in flight before this ACK: growth is earned only by a window in use.
   */
  onAck(nowMs: number, ackedBytes: number, flightBytes: number): void;
  /** Loss was inferred from ACKs; called once a recovery. */
  onLoss(nowMs: number, flightBytes: number): void;
  /** The retransmission timer expired; `first` is false for repeats of the same segment. */
  onRto(nowMs: number, flightBytes: number, first: boolean): void;
  /** Everything sent before the loss was acknowledged. */
  onRecoveryExit(nowMs: number, flightBytes: number): void;
  /** The effective send MSS became known or changed. */
  onMss(mssBytes: number): void;
}
