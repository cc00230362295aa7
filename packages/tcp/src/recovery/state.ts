/** What loss recovery remembers of one connection (RFC 6582, RFC 6675, RFC 8985, RFC 6937, RFC 5682). */

import type { RecoveryMode } from '../congestion/ack-sample.ts';
import type { Tcb } from '../tcb.ts';
import type { SentLog } from './sent-log.ts';

/** How loss is inferred from ACKs: by time (RFC 8985), by sacked bytes above (RFC 6675), by duplicates (RFC 6582). */
export type LossDetection = 'rack' | 'sack' | 'new-reno';

/** RACK: what the most recently sent of all delivered segments told (RFC 8985 §5). */
export interface RackState {
  /** When that segment was sent, and where it ended; -1 before the first. */
  sentMs: number;
  endOffset: number;
  rttMs: number;
  /** A segment that was sent once arrived after one that was sent later. */
  reorderingSeen: boolean;
  /** The highest offset delivered. */
  fackOffset: number;
  /** Multiple of min_RTT/4 that the reordering window spans, and recoveries left until it is 1 again. */
  windowSteps: number;
  stepsPersist: number;
  /** A D-SACK widens the window once a round trip: the next one counts from here on. */
  dsackRoundOffset: number;
}

/** Loss recovery. All positions are stream offsets; a FIN is one byte. */
export interface RecoveryState {
  mode: RecoveryMode;
  detection: LossDetection;
  sackEnabled: boolean;
  /** SND.NXT when recovery last began; it ends when this is acknowledged. -1 before the first. */
  pointOffset: number;
  dupAcks: number;
  /** What was sent and is not acknowledged. `null` while nothing is. */
  log: SentLog | null;
  /** Sums over the log: sacked, and lost but not sent again. */
  sackedBytes: number;
  lostBytes: number;
  /** Nothing below is lost. */
  lostFromOffset: number;
  /** Shared by connections of which nothing was delivered yet. */
  rack: Readonly<RackState>;
  /** Proportional rate reduction (RFC 6937 §3): RecoverFS, prr_delivered, prr_out. */
  recoverFsBytes: number;
  prrDeliveredBytes: number;
  prrOutBytes: number;
  /** Tail loss probe (RFC 8985 §7): SND.NXT when it was sent, -1 while none is out; whether it carried old data. */
  tailProbeEnd: number;
  tailProbeResent: boolean;
  /** A tail loss probe must be sent. */
  tailProbeDue: boolean;
  /** F-RTO (RFC 5682 §3) is judging the last time-out. */
  fRto: boolean;
  /** F-RTO wants new data rather than a retransmission until the next ACK. */
  fRtoNewData: boolean;
  /** SND.UNA when cwnd was last reduced, -1 when that cannot be undone. */
  undoOffset: number;
  /** Resent bytes of this recovery that no D-SACK has shown to be needless. */
  undoResentBytes: number;
  /** When the first retransmission of this recovery left; -1 before it. */
  firstResentMs: number;
}

function createRackState(): RackState {
  return {
    sentMs: -1,
    endOffset: -1,
    rttMs: 0,
    reorderingSeen: false,
    fackOffset: 0,
    windowSteps: 1,
    stepsPersist: 0,
    dsackRoundOffset: -1,
  };
}

const NOTHING_DELIVERED: Readonly<RackState> = createRackState();

/** To be written: that of this connection alone. */
export function ownRack(recovery: RecoveryState): RackState {
  if (recovery.rack === NOTHING_DELIVERED) recovery.rack = createRackState();
  return recovery.rack;
}

/** Whether RACK remembers what was delivered last, and nothing of how the path reorders. */
export function remembersDelivered({ rack }: RecoveryState): boolean {
  const isPlain = !rack.reorderingSeen && rack.windowSteps === 1 && rack.stepsPersist === 0;
  return rack !== NOTHING_DELIVERED && isPlain;
}

/** Once nothing is outstanding, the next delivery takes its place. */
export function forgetDelivered(recovery: RecoveryState): void {
  recovery.rack = NOTHING_DELIVERED;
}

/** A connection that has sent nothing. */
export function createRecoveryState(detection: LossDetection): RecoveryState {
  return {
    mode: 'open',
    detection,
    sackEnabled: false,
    pointOffset: -1,
    dupAcks: 0,
    log: null,
    sackedBytes: 0,
    lostBytes: 0,
    lostFromOffset: 0,
    rack: NOTHING_DELIVERED,
    recoverFsBytes: 0,
    prrDeliveredBytes: 0,
    prrOutBytes: 0,
    tailProbeEnd: -1,
    tailProbeResent: false,
    tailProbeDue: false,
    fRto: false,
    fRtoNewData: false,
    undoOffset: -1,
    undoResentBytes: 0,
    firstResentMs: -1,
  };
}

/** What the delivery rate is measured by (draft-ietf-ccwg-bbr §4.1). Totals are of the whole connection. */
export interface RateState {
  deliveredBytes: number;
  deliveredMs: number;
  /** When the first segment of the present flight was sent. */
  firstSentMs: number;
  lostBytes: number;
  /** `deliveredBytes` up to which samples are limited by the user; 0 when they are not. */
  appLimitedUntil: number;
  /** Stream offset of SND.NXT when cwnd last kept us from sending; -1 when it never did. */
  cwndLimitedOffset: number;
  /** The last sample of the rate that says what the path can, or the largest that does not; and whether it does not. */
  sampledBytesPerMs: number;
  sampledAppLimited: boolean;
}

function createRateState(): RateState {
  return {
    deliveredBytes: 0,
    deliveredMs: 0,
    firstSentMs: 0,
    lostBytes: 0,
    // As in Linux, here and below: until the first ACK comes, the path was not full.
    appLimitedUntil: 1,
    cwndLimitedOffset: -1,
    sampledBytesPerMs: 0,
    sampledAppLimited: true,
  };
}

/** That of every connection that has sent nothing. */
export const NOTHING_SENT: Readonly<RateState> = createRateState();

/** To be written: that of this connection alone. */
export function ownRate(tcb: Tcb): RateState {
  if (tcb.rate === NOTHING_SENT) tcb.rate = createRateState();
  return tcb.rate;
}
