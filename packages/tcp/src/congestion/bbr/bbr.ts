/** BBR version 3 (draft-ietf-ccwg-bbr): sends at the rate that the path delivers, and keeps its queue short. */

import { MAX_CWND_BYTES } from '../../limits.ts';
import type { AckSample } from '../ack-sample.ts';
import type { CongestionController } from '../controller.ts';
import {
  adoptCwnd,
  initPacingRate,
  restoreCwnd,
  saveCwnd,
  setCwnd,
  setMss,
  setPacingRate,
  setSendQuantum,
} from './control.ts';
import {
  checkDrainDone,
  checkFullBwReached,
  checkStartupDone,
  handleInflightTooHigh,
  leaveStartup,
  startProbeBwRefill,
  updateProbeBwCyclePhase,
} from './machine.ts';
import {
  advanceLatestDeliverySignals,
  boundBwForModel,
  isInflightTooHigh,
  resetFullBw,
  takeSample,
  updateAckAggregation,
  updateCongestionSignals,
  updateLatestDeliverySignals,
} from './model.ts';
import { checkProbeRtt, checkProbeRttDone, updateMinRtt } from './probe-rtt.ts';
import { type Bbr, createBbrState, enter, isInProbeBw } from './state.ts';

/** BBR of one connection. Its state is readable for tests and for whoever asks how the path is seen. */
export class BbrController implements CongestionController {
  readonly name = 'bbr';
  readonly ownsRecovery = true;
  readonly state: Bbr;
  cwndBytes: number;
  readonly ssthreshBytes = MAX_CWND_BYTES;
  pacingBytesPerMs: number;

  constructor(mssBytes: number, seed: number) {
    this.state = createBbrState(mssBytes, seed);
    this.cwndBytes = this.state.cwndBytes;
    this.pacingBytesPerMs = this.state.pacingBytesPerMs;
  }

  /** HandleRestartFromIdle (§5.4.1) */
  onSent(nowMs: number, _bytes: number, flightBytes: number, isAppLimited: boolean): void {
    const b = this.state;
    begin(b, nowMs);
    if (flightBytes > 0 || !isAppLimited) return;
    b.isIdleRestart = true;
    b.extraAckedStartMs = nowMs;
    if (isInProbeBw(b)) setPacingRate(b, 1);
    else if (b.state === 'ProbeRTT') checkProbeRttDone(b, nowMs);
    this.#publish();
  }

  /** UpdateOnACK (§5.2.3) */
  onAck(s: AckSample): void {
    const b = this.state;
    begin(b, s.nowMs);
    // The end of what followed a time-out; that of fast recovery has its own event.
    if (b.isInRecovery && s.mode === 'open') leaveRecovery(b);
    takeSample(b, s);
    if (s.lostBytes > 0) handleLoss(b, s);
    if (s.deliveredBytes > 0) updateOnAck(b, s);
    this.#publish();
  }

  /** OnEnterFastRecovery (§5.6.4.4) */
  onLoss(nowMs: number): void {
    enterRecovery(this.state, nowMs);
  }

  onCongestionMark(nowMs: number, flightBytes: number): void {
    const b = this.state;
    begin(b, nowMs);
    // "the congestion controller response MUST treat any CE marks as congestion" (§3.7): as if the losses of the round
    // were too many.
    noteLoss(b);
    if (b.state === 'Startup' && !b.isFullBwReached) leaveStartup(b);
    else if (b.isBwProbeSample) handleInflightTooHigh(b, nowMs, flightBytes);
    this.#publish();
  }

  /** OnEnterRTO: all that was in flight counts as lost, and one segment may leave. */
  onRto(nowMs: number): void {
    const b = this.state;
    enterRecovery(b, nowMs);
    b.cwndBytes = b.mssBytes;
    this.#publish();
  }

  onRecoveryExit(): void {
    leaveRecovery(this.state);
    this.#publish();
  }

  /** HandleSpuriousLossDetection (§5.5.11.2) */
  onUndo(): void {
    const b = this.state;
    leaveRecovery(b);
    b.isLossInRound = false;
    resetFullBw(b, 0);
    b.bwShortterm = Math.max(b.bwShortterm, b.undoBwShortterm);
    b.inflightShortterm = Math.max(b.inflightShortterm, b.undoInflightShortterm);
    b.inflightLongterm = Math.max(b.inflightLongterm, b.undoInflightLongterm);
    if (b.undoState === 'Startup' && b.state !== 'Startup') {
      b.isFullBwReached = false;
      if (b.state !== 'ProbeRTT') enter(b, 'Startup');
    } else if (b.undoState === 'ProbeBW_UP' && b.state !== 'ProbeBW_UP' && b.state !== 'ProbeRTT') {
      startProbeBwRefill(b);
    }
    b.undoState = 'None';
    this.#publish();
  }

  /** "BBR leaves C.cwnd as-is and paces packets at exactly BBR.bw" (§5.4.1): see `onSent`. */
  onIdle(): void {}

  adopt(nowMs: number, cwndBytes: number, _ssthreshBytes: number, srttMs: number): void {
    begin(this.state, nowMs);
    adoptCwnd(this.state, cwndBytes, srttMs);
    this.#publish();
  }

  onMss(mssBytes: number): void {
    setMss(this.state, mssBytes);
    this.#publish();
  }

  #publish(): void {
    this.cwndBytes = this.state.cwndBytes;
    this.pacingBytesPerMs = this.state.pacingBytesPerMs;
  }
}

function begin(b: Bbr, nowMs: number): void {
  if (b.hasBegun) return;
  b.hasBegun = true;
  b.minRttStampMs = nowMs;
  b.extraAckedStartMs = nowMs;
}

/** UpdateModelAndState and UpdateControlParameters */
function updateOnAck(b: Bbr, s: AckSample): void {
  if (!b.hasSeenRtt && s.srttMs >= 0) initPacingRate(b, s.srttMs);
  updateLatestDeliverySignals(b, s);
  updateCongestionSignals(b, s);
  updateAckAggregation(b, s);
  checkFullBwReached(b);
  checkStartupDone(b, s);
  checkDrainDone(b, s);
  updateProbeBwCyclePhase(b, s);
  updateMinRtt(b, s);
  checkProbeRtt(b, s);
  advanceLatestDeliverySignals(b, s);
  boundBwForModel(b);
  setPacingRate(b, b.pacingGain);
  setSendQuantum(b);
  setCwnd(b, s);
}

/** NoteLoss and SaveStateUponLoss */
function noteLoss(b: Bbr): void {
  if (!b.isLossInRound) {
    b.lossRoundDelivered = b.delivered;
    saveCwnd(b);
    b.undoState = 'None';
    b.undoBwShortterm = b.bwShortterm;
    b.undoInflightShortterm = b.inflightShortterm;
    b.undoInflightLongterm = b.inflightLongterm;
  }
  b.isLossInRound = true;
}

/**
 * HandleLostPacket. Deviation: the draft looks at each lost segment and what was in flight when it was sent; we look at
 * the segment whose delivery told of the losses, as version 2 of the draft did.
 */
function handleLoss(b: Bbr, s: AckSample): void {
  noteLoss(b);
  if (b.isBwProbeSample && isInflightTooHigh(s)) handleInflightTooHigh(b, s.nowMs, s.txInFlightBytes);
}

function enterRecovery(b: Bbr, nowMs: number): void {
  begin(b, nowMs);
  saveCwnd(b);
  noteLoss(b);
  b.isInRecovery = true;
}

/** "Upon exiting loss recovery ... either by repairing all losses or undoing recovery" (§5.6.4.4) */
function leaveRecovery(b: Bbr): void {
  b.isInRecovery = false;
  restoreCwnd(b);
}

/** BBR for a connection with this effective send MSS. */
export function createBbr(mssBytes: number, seed: number): BbrController {
  return new BbrController(mssBytes, seed);
}
