/** All that BBR remembers of one connection, under the names of draft-ietf-ccwg-bbr §2. */

import {
  BBR_CWND_GAIN,
  BBR_DRAIN_PACING_GAIN,
  BBR_PROBE_RTT_CWND_GAIN,
  BBR_STARTUP_PACING_GAIN,
  INITIAL_CWND_SEGMENTS,
} from '../../limits.ts';
import { WindowedMax } from './windowed-max.ts';

/** The states of the draft's diagram (§5.1.1). */
export type BbrMode =
  | 'Startup'
  | 'Drain'
  | 'ProbeBW_DOWN'
  | 'ProbeBW_CRUISE'
  | 'ProbeBW_REFILL'
  | 'ProbeBW_UP'
  | 'ProbeRTT';

/** What the ACKs that come in now tell about probing (§2.14). */
export type AckPhase = 'INIT' | 'REFILLING' | 'PROBE_STARTING' | 'PROBE_FEEDBACK' | 'PROBE_STOPPING';

interface Gains {
  readonly pacing: number;
  readonly cwnd: number;
}

/** §5.6.1: how each state paces, and how many bandwidth-delay products it keeps in flight. */
const GAINS: { readonly [mode in BbrMode]: Gains } = {
  Startup: { pacing: BBR_STARTUP_PACING_GAIN, cwnd: BBR_CWND_GAIN },
  Drain: { pacing: BBR_DRAIN_PACING_GAIN, cwnd: BBR_CWND_GAIN },
  ProbeBW_DOWN: { pacing: 0.9, cwnd: BBR_CWND_GAIN },
  ProbeBW_CRUISE: { pacing: 1, cwnd: BBR_CWND_GAIN },
  ProbeBW_REFILL: { pacing: 1, cwnd: BBR_CWND_GAIN },
  ProbeBW_UP: { pacing: 1.25, cwnd: 2.25 },
  ProbeRTT: { pacing: 1, cwnd: BBR_PROBE_RTT_CWND_GAIN },
};

/** Amounts in bytes, rates in bytes per millisecond; `Infinity` where nothing limits. */
export interface Bbr {
  mssBytes: number;
  initialCwndBytes: number;
  cwndBytes: number;
  pacingBytesPerMs: number;
  sendQuantumBytes: number;
  /** State of the xorshift generator. */
  random: number;
  /** The first event has given the clock. */
  hasBegun: boolean;
  hasSeenRtt: boolean;
  /** Loss recovery of the connection is under way. */
  isInRecovery: boolean;

  state: BbrMode;
  pacingGain: number;
  cwndGain: number;
  roundCount: number;
  isRoundStart: boolean;
  nextRoundDelivered: number;
  isIdleRestart: boolean;
  drainStartRound: number;

  /** C.delivered, as of the last ACK. */
  delivered: number;
  /** RS.delivery_rate of this ACK; 0 when it has none. */
  deliveryRate: number;
  isAppLimited: boolean;
  /** Samples of segments that were sent before so much was delivered do not count (ProbeRTT). */
  appLimitedUntil: number;

  maxBw: number;
  /** Best samples of the probing cycle before this one, and of this one. */
  priorCycleBw: number;
  cycleBw: number;
  bw: number;
  bwShortterm: number;
  bwLatest: number;
  inflightLongterm: number;
  inflightShortterm: number;
  inflightLatest: number;
  maxInflight: number;
  lossRoundDelivered: number;
  isLossRoundStart: boolean;
  isLossInRound: boolean;
  lossEventsInRound: number;

  readonly extraAckedFilter: WindowedMax;
  extraAcked: number;
  extraAckedStartMs: number;
  extraAckedDelivered: number;

  isFullBwReached: boolean;
  isFullBwNow: boolean;
  fullBw: number;
  fullBwCount: number;

  ackPhase: AckPhase;
  isBwProbeSample: boolean;
  bwProbeUpAcked: number;
  probeUpAckedPerInc: number;
  bwProbeUpRounds: number;
  roundsSinceProbeUp: number;
  bwProbeWaitMs: number;
  cycleStampMs: number;
  prevProbeTooHigh: boolean;
  prevProbePrecautionary: boolean;

  minRttMs: number;
  minRttStampMs: number;
  isMinRttExpired: boolean;
  /** 0 while nothing is measured. */
  probeRttDoneStampMs: number;
  isProbeRttRoundDone: boolean;
  probeRttCwndBytes: number;

  priorCwndBytes: number;
  undoState: BbrMode | 'None';
  undoBwShortterm: number;
  undoInflightShortterm: number;
  undoInflightLongterm: number;
}

/** OnInit (§5.2.1); the clock comes with the first event. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one record, and all its fields are made in one order.
export function createBbrState(mssBytes: number, seed: number): Bbr {
  const initialCwndBytes = INITIAL_CWND_SEGMENTS * mssBytes;
  return {
    mssBytes,
    initialCwndBytes,
    cwndBytes: initialCwndBytes,
    pacingBytesPerMs: BBR_STARTUP_PACING_GAIN * initialCwndBytes,
    sendQuantumBytes: 2 * mssBytes,
    // Zero would stay zero.
    random: seed | 0 || 0x9e3779b9 | 0,
    hasBegun: false,
    hasSeenRtt: false,
    isInRecovery: false,
    state: 'Startup',
    pacingGain: GAINS.Startup.pacing,
    cwndGain: GAINS.Startup.cwnd,
    roundCount: 0,
    isRoundStart: false,
    nextRoundDelivered: 0,
    isIdleRestart: false,
    drainStartRound: 0,
    delivered: 0,
    deliveryRate: 0,
    isAppLimited: false,
    appLimitedUntil: -1,
    maxBw: 0,
    priorCycleBw: 0,
    cycleBw: 0,
    bw: 0,
    bwShortterm: Infinity,
    bwLatest: 0,
    inflightLongterm: Infinity,
    inflightShortterm: Infinity,
    inflightLatest: 0,
    maxInflight: initialCwndBytes,
    lossRoundDelivered: 0,
    isLossRoundStart: false,
    isLossInRound: false,
    lossEventsInRound: 0,
    extraAckedFilter: new WindowedMax(),
    extraAcked: 0,
    extraAckedStartMs: 0,
    extraAckedDelivered: 0,
    isFullBwReached: false,
    isFullBwNow: false,
    fullBw: 0,
    fullBwCount: 0,
    ackPhase: 'INIT',
    isBwProbeSample: false,
    bwProbeUpAcked: 0,
    probeUpAckedPerInc: Infinity,
    bwProbeUpRounds: 0,
    roundsSinceProbeUp: 0,
    bwProbeWaitMs: 0,
    cycleStampMs: 0,
    prevProbeTooHigh: false,
    prevProbePrecautionary: false,
    minRttMs: Infinity,
    minRttStampMs: 0,
    isMinRttExpired: false,
    probeRttDoneStampMs: 0,
    isProbeRttRoundDone: false,
    probeRttCwndBytes: initialCwndBytes,
    priorCwndBytes: 0,
    undoState: 'None',
    undoBwShortterm: 0,
    undoInflightShortterm: 0,
    undoInflightLongterm: 0,
  };
}

/** Changes the state, and paces as it says. */
export function enter(b: Bbr, mode: BbrMode): void {
  b.state = mode;
  b.pacingGain = GAINS[mode].pacing;
  b.cwndGain = GAINS[mode].cwnd;
}

/** IsInAProbeBWState */
export function isInProbeBw({ state }: Bbr): boolean {
  return state === 'ProbeBW_DOWN' || state === 'ProbeBW_CRUISE' || state === 'ProbeBW_REFILL' || state === 'ProbeBW_UP';
}

/** StartRound: it ends when something that is sent from now on is acknowledged. */
export function startRound(b: Bbr): void {
  b.nextRoundDelivered = b.delivered;
}

/** A number in [0, 1) (xorshift32). */
export function random(b: Bbr): number {
  let x = b.random;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  b.random = x;
  return (x >>> 0) / 4294967296;
}
