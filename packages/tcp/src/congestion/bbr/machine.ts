/** BBR's state machine outside ProbeRTT: Startup, Drain and the four states of ProbeBW (draft-ietf-ccwg-bbr §5.3). */

import {
  BBR_BETA,
  BBR_FULL_BW_GROWTH,
  BBR_FULL_BW_ROUNDS,
  BBR_FULL_LOSS_EVENTS,
  BBR_PROBE_ROUNDS_MAX,
  BBR_PROBE_WAIT_MS,
  BBR_PROBE_WAIT_RANDOM_MS,
} from '../../limits.ts';
import type { AckSample } from '../ack-sample.ts';
import {
  advanceMaxBwFilter,
  bdpBytes,
  inflightBytes,
  inflightWithHeadroom,
  isInflightTooHigh,
  resetCongestionSignals,
  resetFullBw,
  resetShortTermModel,
  targetInflight,
} from './model.ts';
import { type Bbr, enter, isInProbeBw, random, startRound } from './state.ts';

/** CheckFullBWReached (§5.3.1.2): three rounds whose rate hardly grew. */
export function checkFullBwReached(b: Bbr): void {
  if (b.isFullBwNow || !b.isRoundStart || b.isAppLimited || b.deliveryRate === 0) return;
  if (b.deliveryRate >= b.fullBw * BBR_FULL_BW_GROWTH) {
    resetFullBw(b, b.deliveryRate);
    return;
  }
  b.fullBwCount++;
  b.isFullBwNow = b.fullBwCount >= BBR_FULL_BW_ROUNDS;
  if (b.isFullBwNow) b.isFullBwReached = true;
}

/** CheckStartupDone */
export function checkStartupDone(b: Bbr, s: AckSample): void {
  checkStartupHighLoss(b, s);
  if (b.state === 'Startup' && b.isFullBwReached) {
    enter(b, 'Drain');
    b.drainStartRound = b.roundCount;
  }
}

/** §5.3.1.3: a round of recovery whose losses are many, and in many places. */
function checkStartupHighLoss(b: Bbr, s: AckSample): void {
  if (b.isFullBwReached) return;
  if (s.lostBytes > 0) b.lossEventsInRound++;
  if (!b.isLossRoundStart) return;
  // "at least BBRStartupFullLossCnt=6 discontiguous sequence ranges lost": like Linux we count ACKs that tell of some.
  const isMuch = b.lossEventsInRound >= BBR_FULL_LOSS_EVENTS && isInflightTooHigh(s);
  b.lossEventsInRound = 0;
  if (s.mode === 'recovery' && isMuch) leaveStartup(b);
}

/** Startup found the limit by losses (or marks): so much fits. */
export function leaveStartup(b: Bbr): void {
  b.undoState = 'Startup';
  b.isFullBwReached = true;
  b.inflightLongterm = Math.max(bdpBytes(b, b.bw), b.inflightLatest);
}

/** CheckDrainDone (§5.3.2) */
export function checkDrainDone(b: Bbr, s: AckSample): void {
  if (b.state !== 'Drain') return;
  const isDrained = s.flightBytes <= inflightBytes(b, b.bw, 1);
  if (isDrained || b.roundCount > b.drainStartRound + 3) startProbeBwDown(b, s.nowMs);
}

/** StartProbeBW_DOWN */
export function startProbeBwDown(b: Bbr, nowMs: number): void {
  resetCongestionSignals(b);
  b.probeUpAckedPerInc = Infinity;
  // PickProbeWait: chance keeps flows apart.
  b.roundsSinceProbeUp = random(b) < 0.5 ? 0 : 1;
  b.bwProbeWaitMs = BBR_PROBE_WAIT_MS + random(b) * BBR_PROBE_WAIT_RANDOM_MS;
  b.cycleStampMs = nowMs;
  b.ackPhase = 'PROBE_STOPPING';
  startRound(b);
  enter(b, 'ProbeBW_DOWN');
}

/** StartProbeBW_REFILL: the short-term model is forgotten. */
export function startProbeBwRefill(b: Bbr): void {
  resetShortTermModel(b);
  b.bwProbeUpRounds = 0;
  b.bwProbeUpAcked = 0;
  b.prevProbePrecautionary = false;
  b.ackPhase = 'REFILLING';
  startRound(b);
  enter(b, 'ProbeBW_REFILL');
}

function startProbeBwUp(b: Bbr): void {
  b.ackPhase = 'PROBE_STARTING';
  startRound(b);
  resetFullBw(b, b.deliveryRate);
  enter(b, 'ProbeBW_UP');
  raiseInflightLongtermSlope(b);
}

/** UpdateProbeBWCyclePhase (§5.3.3.9) */
export function updateProbeBwCyclePhase(b: Bbr, s: AckSample): void {
  if (!b.isFullBwReached || adaptLongTermModel(b, s)) return;
  switch (b.state) {
    case 'ProbeBW_DOWN':
      if (!probeIfTime(b, s.nowMs) && isTimeToCruise(b, s)) enter(b, 'ProbeBW_CRUISE');
      return;
    case 'ProbeBW_CRUISE':
      probeIfTime(b, s.nowMs);
      return;
    case 'ProbeBW_REFILL':
      // "After one round of REFILL, start UP"
      if (!b.isRoundStart) return;
      b.isBwProbeSample = true;
      startProbeBwUp(b);
      return;
    case 'ProbeBW_UP':
      if (!isTimeToGoDown(b, s)) return;
      b.prevProbeTooHigh = false;
      startProbeBwDown(b, s.nowMs);
      return;
    case 'Startup':
    case 'Drain':
    case 'ProbeRTT':
      return;
  }
}

/** IsTimeToProbeBW; Reno and CUBIC on short paths would have probed after as many rounds as there are segments. */
function probeIfTime(b: Bbr, nowMs: number): boolean {
  const renoRounds = Math.min(targetInflight(b) / b.mssBytes, BBR_PROBE_ROUNDS_MAX);
  if (nowMs <= b.cycleStampMs + b.bwProbeWaitMs && b.roundsSinceProbeUp < renoRounds) return false;
  startProbeBwRefill(b);
  return true;
}

function isTimeToCruise(b: Bbr, { flightBytes }: AckSample): boolean {
  return flightBytes <= inflightWithHeadroom(b) && flightBytes <= inflightBytes(b, b.maxBw, 1);
}

function isTimeToGoDown(b: Bbr, s: AckSample): boolean {
  // What is in flight has reached the limit when not one segment more would fit; this ACK has just made room.
  if (b.prevProbeTooHigh && s.priorFlightBytes + b.mssBytes > b.inflightLongterm) {
    b.prevProbePrecautionary = true;
    return true;
  }
  if (s.isCwndLimited && b.cwndBytes >= b.inflightLongterm) {
    // What fits is not known yet while the limit of an earlier probe holds us.
    resetFullBw(b, b.deliveryRate);
    return false;
  }
  return b.isFullBwNow;
}

/** RaiseInflightLongtermSlope: by 1, 2, 4, ... segments a round. */
function raiseInflightLongtermSlope(b: Bbr): void {
  const growthThisRound = 2 ** b.bwProbeUpRounds;
  b.bwProbeUpRounds = Math.min(b.bwProbeUpRounds + 1, 30);
  b.probeUpAckedPerInc = Math.max(b.cwndBytes / growthThisRound, b.mssBytes);
}

function probeInflightLongtermUpward(b: Bbr, s: AckSample): void {
  if (!s.isCwndLimited || b.cwndBytes < b.inflightLongterm) return;
  b.bwProbeUpAcked += s.deliveredBytes;
  if (b.bwProbeUpAcked >= b.probeUpAckedPerInc) {
    const delta = Math.floor(b.bwProbeUpAcked / b.probeUpAckedPerInc);
    b.bwProbeUpAcked -= delta * b.probeUpAckedPerInc;
    b.inflightLongterm += delta * b.mssBytes;
  }
  if (b.isRoundStart) raiseInflightLongtermSlope(b);
}

/** AdaptLongTermModel: true when it has chosen the next state. */
function adaptLongTermModel(b: Bbr, s: AckSample): boolean {
  if (b.ackPhase === 'PROBE_STARTING' && b.isRoundStart) b.ackPhase = 'PROBE_FEEDBACK';
  if (b.ackPhase === 'PROBE_STOPPING' && b.isRoundStart) {
    b.isBwProbeSample = false;
    b.ackPhase = 'INIT';
    if (isInProbeBw(b) && !b.isAppLimited) advanceMaxBwFilter(b);
    // A careful probe went well: the next one may go all the way (§5.3.3.6).
    if (isInProbeBw(b) && b.prevProbePrecautionary && !b.prevProbeTooHigh) {
      startProbeBwRefill(b);
      return true;
    }
  }
  if (isInflightTooHigh(s) || b.inflightLongterm === Infinity) return false;
  b.inflightLongterm = Math.max(b.inflightLongterm, s.txInFlightBytes);
  if (b.state === 'ProbeBW_UP') probeInflightLongtermUpward(b, s);
  return false;
}

/** HandleInflightTooHigh (§5.5.10.2): what was in flight during the probe did not fit. */
export function handleInflightTooHigh(b: Bbr, nowMs: number, txInFlightBytes: number): void {
  b.prevProbeTooHigh = true;
  b.isBwProbeSample = false;
  if (!b.isAppLimited) b.inflightLongterm = Math.max(txInFlightBytes, targetInflight(b) * BBR_BETA);
  if (b.state !== 'ProbeBW_UP') return;
  b.undoState = 'ProbeBW_UP';
  startProbeBwDown(b, nowMs);
}
