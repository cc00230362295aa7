/** RACK: what was sent well before something that has arrived is lost (RFC 8985 §6). */

import { DUP_ACK_THRESHOLD } from '../limits.ts';
import type { Tcb } from '../tcb.ts';
import { ownTimers } from '../timers.ts';
import { ownTraffic } from '../traffic.ts';
import { facts } from './facts.ts';
import { markLost } from './marks.ts';
import { LOST, RESENT, SACKED, type SentLog } from './sent-log.ts';
import { ownRack } from './state.ts';

/** Recoveries for which a window that a D-SACK widened stays wide (RFC 8985 §6.2 step 4). */
const WIDENED_RECOVERIES = 16;

/** "RACK_sent_after": by time, and where several left at once by their place in the stream. */
function sentAfter(aMs: number, aEnd: number, bMs: number, bEnd: number): boolean {
  return aMs > bMs || (aMs === bMs && aEnd > bEnd);
}

/** Steps 1 to 3: entry `i` was delivered now. */
export function noteDelivered(tcb: Tcb, nowMs: number, log: SentLog, i: number): void {
  const rack = ownRack(tcb.recovery);
  const sentMs = log.sentMsAt(i);
  const end = log.endAt(i);
  const resent = (log.flagsAt(i) & RESENT) !== 0;
  // "Step 3: Detect data segment reordering"
  if (end > rack.fackOffset) rack.fackOffset = end;
  else if (end < rack.fackOffset && !resent) {
    rack.reorderingSeen = true;
    ownTraffic(tcb).reorderings++;
    tcb.shared.counters.reorderings++;
  }
  const rttMs = nowMs - sentMs;
  // "Step 2: ... if the Timestamp option ... indicates that the ACK was for the original; or rtt < min_RTT: the
  // retransmitted segment could not have been delivered so soon" — RFC 8985 §6.2
  if (resent && (rttMs < tcb.rtt.minMs || facts.echoMs < Math.floor(sentMs))) return;
  rack.rttMs = rttMs;
  if (sentAfter(sentMs, end, rack.sentMs, rack.endOffset)) {
    rack.sentMs = sentMs;
    rack.endOffset = end;
  }
}

/** Step 4: the reordering window, in milliseconds. */
export function reorderingWindowMs(tcb: Tcb): number {
  const { recovery, rtt } = tcb;
  const { rack } = recovery;
  const threshold = (DUP_ACK_THRESHOLD - 1) * tcb.snd.mssBytes;
  // "If no reordering has been observed, RACK uses DupThresh to ... quickly trigger fast recovery"
  if (!rack.reorderingSeen && (recovery.mode !== 'open' || recovery.sackedBytes > threshold)) return 0;
  return Math.min((rack.windowSteps * Math.max(rtt.minMs, 0)) / 4, Math.max(rtt.srttMs, 0));
}

/** "RACK.reo_wnd_mult": a D-SACK says that something was resent without need (§6.2 step 4). */
export function widenWindow(tcb: Tcb, nxtOffset: number): void {
  const rack = ownRack(tcb.recovery);
  if (tcb.snd.unaOffset < rack.dsackRoundOffset) return;
  rack.dsackRoundOffset = nxtOffset;
  rack.windowSteps++;
  rack.stepsPersist = WIDENED_RECOVERIES;
}

/** A recovery is over. */
export function narrowWindow(tcb: Tcb): void {
  if (tcb.recovery.rack.stepsPersist === 0) return;
  const rack = ownRack(tcb.recovery);
  rack.stepsPersist--;
  if (rack.stepsPersist === 0) rack.windowSteps = 1;
}

/** Step 5: marks what is lost, and sets the timer for what may turn out to be. */
export function detectByTime(tcb: Tcb, nowMs: number): void {
  const { recovery } = tcb;
  const timers = ownTimers(tcb);
  const { rack, log } = recovery;
  timers.reorderAtMs = Infinity;
  if (log === null || rack.sentMs < 0 || (recovery.sackedBytes === 0 && recovery.mode === 'open')) return;
  const allowanceMs = rack.rttMs + reorderingWindowMs(tcb);
  let latestMs = -Infinity;
  for (let i = 0; i < log.count; i++) {
    const flags = log.flagsAt(i);
    const sentMs = log.sentMsAt(i);
    // What follows was sent later still: only what was sent again leaves the order of the stream.
    if ((flags & (RESENT | SACKED)) === 0 && sentMs > rack.sentMs) break;
    if ((flags & (SACKED | LOST)) !== 0 || !sentAfter(rack.sentMs, rack.endOffset, sentMs, log.endAt(i))) continue;
    const dueMs = sentMs + allowanceMs;
    if (dueMs <= nowMs) markLost(tcb, log, i);
    else latestMs = Math.max(latestMs, dueMs);
  }
  if (latestMs !== -Infinity) timers.reorderAtMs = latestMs;
}

/** "RACK_mark_losses_on_RTO": the first, and what should have been heard of by now (§6.3). */
export function markOnTimeout(tcb: Tcb, nowMs: number): void {
  const { recovery } = tcb;
  const { rack, log } = recovery;
  if (log === null) return;
  const allowanceMs = rack.rttMs + reorderingWindowMs(tcb);
  for (let i = 0; i < log.count; i++) {
    if ((log.flagsAt(i) & (SACKED | LOST)) !== 0) continue;
    if (i === 0 || log.sentMsAt(i) + allowanceMs <= nowMs) markLost(tcb, log, i);
  }
}
