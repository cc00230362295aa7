/** What one ACK told about the path: filled by the recovery for each ACK, read by the congestion control. */

/** Where loss recovery stands (RFC 5681 §3.2; 'loss' follows a retransmission time-out). */
export type RecoveryMode = 'open' | 'recovery' | 'loss';

/**
 * One ACK, in bytes and milliseconds. One record is reused for all ACKs: it is valid until the call returns.
 *
 * The fields named `rate...`, `prior...` and `tx...` are of the most recently sent segment among those that this ACK
 * delivered, as draft-ietf-ccwg-bbr §4.1 (delivery rate estimation) defines them.
 */
export interface AckSample {
  nowMs: number;
  mode: RecoveryMode;
  /** Bytes by which SND.UNA moved. */
  ackedBytes: number;
  /** Bytes that this ACK told to have arrived, in order or sacked; each byte counts once. */
  deliveredBytes: number;
  /** Bytes newly held for lost because of this ACK. */
  lostBytes: number;
  /** Bytes in flight before this ACK was taken. */
  priorFlightBytes: number;
  /** Bytes in flight now, before anything is sent in answer. */
  flightBytes: number;
  /** Stream offset of SND.UNA, now. */
  unaOffset: number;
  /** Stream offset of SND.NXT, now: a round trip ends when `unaOffset` reaches what this was when it began. */
  nxtOffset: number;
  /** Round trip of a segment that was sent once, with the clock's fraction; -1 when this ACK has none (Karn). */
  rttMs: number;
  /** Smoothed round trip; -1 before the first measurement. */
  srttMs: number;
  /** cwnd, and not the user or the peer's window, kept us from sending more in the last round trip. */
  isCwndLimited: boolean;
  /** All bytes delivered in the life of this connection. */
  totalDeliveredBytes: number;
  /** Bytes delivered between the sending of that segment and this ACK; 0 when there is no valid sample. */
  rateDeliveredBytes: number;
  /** The time that this took; 0 when there is no valid sample. */
  rateIntervalMs: number;
  /** The sample may say less than the path can, because the user had nothing to send. */
  isRateAppLimited: boolean;
  /** `totalDeliveredBytes` when that segment was sent: a packet-timed round ends when it reaches the round's start. */
  priorDeliveredBytes: number;
  /** Bytes in flight when that segment was sent, itself included. */
  txInFlightBytes: number;
  /** Bytes held for lost since that segment was sent. */
  lostSinceSentBytes: number;
  /** Bytes newly told to have met congestion (ECN). */
  ceBytes: number;
}

/** A sample with nothing in it. */
export function createAckSample(): AckSample {
  return {
    nowMs: 0,
    mode: 'open',
    ackedBytes: 0,
    deliveredBytes: 0,
    lostBytes: 0,
    priorFlightBytes: 0,
    flightBytes: 0,
    unaOffset: 0,
    nxtOffset: 0,
    rttMs: -1,
    srttMs: -1,
    isCwndLimited: false,
    totalDeliveredBytes: 0,
    rateDeliveredBytes: 0,
    rateIntervalMs: 0,
    isRateAppLimited: false,
    priorDeliveredBytes: 0,
    txInFlightBytes: 0,
    lostSinceSentBytes: 0,
    ceBytes: 0,
  };
}
