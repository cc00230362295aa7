/** The course of loss recovery: how it begins, what each ACK and each timer means for it, how it ends. */

import { diff } from '@tcpstack/seq/seq';
import { stopTiming } from '../rtt.ts';
import type { Tcb } from '../tcb.ts';
import { ownTimers, restartRetransmitTimer } from '../timers.ts';
import { ownTraffic } from '../traffic.ts';
import { detectByDuplicates, detectBySackedAbove } from './by-segments.ts';
import { beginAck, measureRate } from './delivery.ts';
import { beginFRto, judgeTimeout } from './f-rto.ts';
import { facts } from './facts.ts';
import { flightBytes, forgetSacked, markAllLost, nxtOffset } from './marks.ts';
import { beginPrr, reduceOnAck } from './prr.ts';
import { detectByTime, markOnTimeout, narrowWindow, widenWindow } from './rack.ts';
import { resendLostProbe } from './resend.ts';
import { SACKED } from './sent-log.ts';
import { probeRepairedLoss, scheduleTailProbe } from './tail-probe.ts';
import { noteDsack, rememberForUndo, undo, wasSpurious } from './undo.ts';

/**
 * Draws the conclusions of one ACK, after `beginAck`, `deliverBelow` and `takeSackBlocks` took it in.
 *
 * @param duplicate Nothing new in it, while something is outstanding (RFC 5681 §2).
 */
export function recoverOnAck(tcb: Tcb, nowMs: number, duplicate: boolean): void {
  const { recovery, congestion } = tcb;
  const { sample } = facts;
  measureRate(tcb, nowMs);
  if (facts.dsackBytes > 0) {
    noteDsack(tcb);
    ownTraffic(tcb).duplicatesTold++;
    widenWindow(tcb, nxtOffset(tcb));
  }
  if (!recovery.sackEnabled) countDuplicates(tcb, duplicate);
  if (probeRepairedLoss(tcb, duplicate) && recovery.mode === 'open') repairedByProbe(tcb, nowMs);
  if (recovery.mode !== 'open') goOn(tcb, nowMs, duplicate);
  detectLosses(tcb, nowMs);
  let lostBytes = tcb.rate.lostBytes - sample.lostBytes;
  if (lostBytes > 0 && recovery.mode === 'open' && resendLostProbe(tcb, nowMs, lostBytes)) lostBytes = 0;
  if (lostBytes > 0 && recovery.mode === 'open') enterRecovery(tcb, nowMs, sizeOfFlight(tcb, sample.ackedBytes));
  fillSample(tcb, lostBytes);
  if (recovery.mode === 'recovery') reduceOnAck(tcb, duplicate);
  if (sample.deliveredBytes > 0 || sample.ackedBytes > 0) congestion.onAck(sample);
  if (sample.ackedBytes > 0) scheduleTailProbe(tcb, nowMs);
}

/** The retransmission timer expired (RFC 6298 §5.4): what is outstanding counts as lost and is sent again. */
export function recoverOnTimeout(tcb: Tcb, nowMs: number): void {
  const { recovery, snd, congestion, rtt } = tcb;
  const timers = ownTimers(tcb);
  const { log } = recovery;
  const isFirst = recovery.mode !== 'loss';
  // Linux's sign of a peer that took back what it had sacked: it would have acknowledged it by now.
  if (log !== null && log.count > 0 && (log.flagsAt(0) & SACKED) !== 0) {
    forgetSacked(tcb);
    tcb.shared.counters.sackRenegings++;
  }
  if (isFirst) rememberForUndo(tcb);
  congestion.onRto(nowMs, sizeOfFlight(tcb, 0), rtt.tries === 1);
  if (isFirst && rtt.tries === 1 && tcb.shared.fRto) beginFRto(tcb);
  else recovery.fRto = false;
  recovery.fRtoNewData = false;
  recovery.mode = 'loss';
  recovery.pointOffset = nxtOffset(tcb);
  recovery.dupAcks = 0;
  recovery.prrOutBytes = 0;
  recovery.tailProbeEnd = -1;
  recovery.tailProbeDue = false;
  timers.reorderAtMs = Infinity;
  timers.tailProbeAtMs = Infinity;
  if (recovery.detection === 'rack') markOnTimeout(tcb, nowMs);
  else markAllLost(tcb);
  // Whatever is still in flight, the first retransmission has room.
  if (!congestion.ownsRecovery) congestion.cwndBytes = Math.max(congestion.cwndBytes, flightBytes(tcb) + snd.mssBytes);
  stopTiming(tcb, nowMs);
}

/** What might still have been on its way is late by more than reordering explains (RFC 8985 §6.2 step 5). */
export function reorderTimeout(tcb: Tcb, nowMs: number): void {
  const { recovery } = tcb;
  beginAck(tcb, nowMs, flightBytes(tcb), Infinity);
  const size = sizeOfFlight(tcb, 0);
  detectByTime(tcb, nowMs);
  const lostBytes = tcb.rate.lostBytes - facts.sample.lostBytes;
  if (lostBytes === 0 || recovery.mode !== 'open' || resendLostProbe(tcb, nowMs, lostBytes)) return;
  enterRecovery(tcb, nowMs, size);
  reduceOnAck(tcb, false);
}

/** FlightSize of RFC 5681 §3.1 before this ACK, without what limited transmit added to it. */
function sizeOfFlight(tcb: Tcb, ackedBytes: number): number {
  const outstanding = diff(tcb.snd.nxt, tcb.snd.una) + ackedBytes;
  return Math.min(outstanding, Math.max(tcb.congestion.cwndBytes, tcb.snd.mssBytes));
}

function countDuplicates(tcb: Tcb, duplicate: boolean): void {
  const { recovery, snd } = tcb;
  const { ackedBytes } = facts.sample;
  facts.creditedBytes = recovery.dupAcks * snd.mssBytes;
  if (duplicate) recovery.dupAcks++;
  else if (ackedBytes > 0) {
    const left = recovery.mode === 'recovery' ? recovery.dupAcks - Math.ceil(ackedBytes / snd.mssBytes) : 0;
    recovery.dupAcks = Math.max(0, left);
  }
}

/** An ACK during recovery, or after a time-out. */
function goOn(tcb: Tcb, nowMs: number, duplicate: boolean): void {
  const { recovery, snd, congestion } = tcb;
  const timeout =
    recovery.mode === 'loss' ? judgeTimeout(tcb, duplicate, unsentBytes(tcb) >= snd.mssBytes) : 'undecided';
  if (timeout === 'spurious' || wasSpurious(tcb)) {
    if (timeout === 'spurious') tcb.shared.counters.spuriousTimeouts++;
    undo(tcb, nowMs);
    return;
  }
  if (snd.unaOffset < recovery.pointOffset) return;
  if (recovery.mode === 'recovery') congestion.onRecoveryExit(nowMs, flightBytes(tcb));
  recovery.mode = 'open';
  recovery.dupAcks = 0;
  recovery.undoOffset = -1;
  recovery.fRto = false;
  narrowWindow(tcb);
}

/** Bytes that were never sent and that the peer's window takes. */
function unsentBytes(tcb: Tcb): number {
  const outstanding = diff(tcb.snd.nxt, tcb.snd.una);
  return Math.min(tcb.sendRing.readable, tcb.snd.wnd) - outstanding;
}

function detectLosses(tcb: Tcb, nowMs: number): void {
  switch (tcb.recovery.detection) {
    case 'rack':
      detectByTime(tcb, nowMs);
      return;
    case 'sack':
      detectBySackedAbove(tcb);
      return;
    case 'new-reno':
      detectByDuplicates(tcb, facts.sample.ackedBytes);
      return;
  }
}

function enterRecovery(tcb: Tcb, nowMs: number, sizeBytes: number): void {
  const { recovery } = tcb;
  const timers = ownTimers(tcb);
  tcb.shared.counters.fastRecoveries++;
  if (!recovery.sackEnabled) tcb.shared.counters.renoRecoveries++;
  rememberForUndo(tcb);
  recovery.mode = 'recovery';
  recovery.pointOffset = nxtOffset(tcb);
  recovery.tailProbeEnd = -1;
  recovery.tailProbeDue = false;
  timers.tailProbeAtMs = Infinity;
  beginPrr(tcb, sizeBytes);
  tcb.congestion.onLoss(nowMs, sizeBytes);
  stopTiming(tcb, nowMs);
  restartRetransmitTimer(tcb, nowMs);
}

/** One segment was lost and the probe put it right: congestion control reacts all the same (RFC 8985 §7.4). */
function repairedByProbe(tcb: Tcb, nowMs: number): void {
  tcb.congestion.onLoss(nowMs, sizeOfFlight(tcb, facts.sample.ackedBytes));
  tcb.congestion.onRecoveryExit(nowMs, flightBytes(tcb));
  tcb.shared.counters.tailProbeRecoveries++;
}

function fillSample(tcb: Tcb, lostBytes: number): void {
  const { recovery, snd, rtt, rate, congestion } = tcb;
  const { sample } = facts;
  sample.mode = recovery.mode;
  sample.ceBytes = tcb.ecn.ceBytes;
  sample.lostBytes = lostBytes;
  sample.flightBytes = flightBytes(tcb);
  sample.unaOffset = snd.unaOffset;
  sample.nxtOffset = nxtOffset(tcb);
  sample.srttMs = rtt.srttMs;
  sample.totalDeliveredBytes = rate.deliveredBytes;
  sample.lostSinceSentBytes = Math.max(0, rate.lostBytes - sample.lostSinceSentBytes);
  // Like Linux, slow start goes on while more than half of cwnd is in use.
  sample.isCwndLimited ||=
    congestion.cwndBytes < congestion.ssthreshBytes && sample.priorFlightBytes * 2 > congestion.cwndBytes;
}
