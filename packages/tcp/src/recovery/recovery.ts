/** When data counts as lost, and when that ends: RFC 6675 with SACK, RFC 6582 (NewReno) without. */

import { add, diff, ge, gt, lt, max, type Seq } from '@tcpstack/seq/seq';
import { type AckSample, createAckSample } from '../congestion/ack-sample.ts';
import { DUP_ACK_THRESHOLD } from '../limits.ts';
import { stopTiming } from '../rtt.ts';
import type { Tcb } from '../tcb.ts';
import { restartRetransmitTimer } from '../timers.ts';
import { lostBelow, unsackedBytes } from './scoreboard.ts';

/** As with the first loss, more than DupThresh - 1 segments must have overtaken (RFC 6675 §4). */
const LATER_SEGMENTS = DUP_ACK_THRESHOLD - 1;

const sample = createAckSample();

function sampleOf(tcb: Tcb, nowMs: number, ackedBytes: number, priorFlightBytes: number): AckSample {
  sample.nowMs = nowMs;
  sample.mode = tcb.recovery.mode;
  sample.ackedBytes = ackedBytes;
  sample.priorFlightBytes = priorFlightBytes;
  sample.isCwndLimited = tcb.recovery.mode !== 'open' || priorFlightBytes * 2 >= tcb.congestion.cwndBytes;
  sample.unaOffset = tcb.snd.unaOffset;
  sample.nxtOffset = tcb.snd.unaOffset + diff(tcb.snd.nxt, tcb.snd.una);
  sample.srttMs = tcb.rtt.srttMs;
  sample.ceBytes = tcb.ecn.ceBytes;
  return sample;
}

/** Bytes that we believe are in the network: "pipe" of RFC 6675 §4. */
export function flightBytes(tcb: Tcb): number {
  const { snd, recovery } = tcb;
  const outstanding = diff(snd.nxt, snd.una);
  if (recovery.mode === 'open' && recovery.sacked === null && recovery.dupAcks === 0) return outstanding;
  let bytes = recovery.sackEnabled
    ? unsackedBytes(tcb, snd.unaOffset, snd.unaOffset + outstanding)
    : // Without SACK each duplicate ACK says that one segment has left (RFC 6582 §3.2 step 3).
      Math.max(0, outstanding - recovery.dupAcks * snd.mssBytes);
  if (recovery.mode !== 'open') {
    const from = snd.unaOffset + Math.max(0, diff(recovery.rexmitNxt, snd.una));
    bytes -= unsackedBytes(tcb, from, snd.unaOffset + diff(recovery.lostEnd, snd.una));
  }
  return Math.max(0, bytes);
}

/** Everything outstanding counts as lost, and is sent again from SND.UNA on. */
export function markAllLost(tcb: Tcb, nowMs: number): void {
  const { recovery, snd } = tcb;
  recovery.mode = 'loss';
  recovery.point = snd.nxt;
  recovery.lostEnd = snd.nxt;
  recovery.rexmitNxt = snd.una;
  recovery.dupAcks = 0;
  // "After a retransmit timeout the data sender SHOULD turn off all of the SACKed bits" — RFC 2018 §8
  recovery.sacked?.clear();
  stopTiming(tcb, nowMs);
}

/**
 * What is outstanding up to `end` was lost for its size, not for congestion: it is sent again in segments that fit, and
 * the congestion window stays as it is.
 */
export function resendUpTo(tcb: Tcb, nowMs: number, end: Seq): void {
  const { recovery, snd } = tcb;
  recovery.mode = 'loss';
  recovery.point = snd.nxt;
  recovery.lostEnd = end;
  recovery.rexmitNxt = snd.una;
  recovery.dupAcks = 0;
  stopTiming(tcb, nowMs);
  restartRetransmitTimer(tcb, nowMs);
}

/**
 * Draws the conclusions of one ACK.
 *
 * @param flightBefore Bytes in flight before this ACK was taken.
 */
export function recoverOnAck(
  tcb: Tcb,
  nowMs: number,
  ackedBytes: number,
  duplicate: boolean,
  newlySackedBytes: number,
  flightBefore: number,
): void {
  const { recovery, snd, congestion } = tcb;
  if (recovery.mode !== 'open' && ge(snd.una, recovery.point)) {
    if (recovery.mode === 'recovery') congestion.onRecoveryExit(nowMs, flightBytes(tcb));
    recovery.mode = 'open';
    recovery.dupAcks = 0;
  }
  if (duplicate || (newlySackedBytes > 0 && ackedBytes === 0)) recovery.dupAcks++;
  switch (recovery.mode) {
    case 'open':
      if (ackedBytes > 0) {
        recovery.dupAcks = 0;
        congestion.onAck(sampleOf(tcb, nowMs, ackedBytes, flightBefore));
      }
      if (lossDetected(tcb)) enterRecovery(tcb, nowMs, flightBefore);
      return;
    case 'recovery':
      extendLost(tcb, ackedBytes);
      return;
    case 'loss':
      // Slow start towards ssthresh while what was lost is sent again (RFC 5681 §3.1).
      if (ackedBytes > 0) congestion.onAck(sampleOf(tcb, nowMs, ackedBytes, flightBefore));
      return;
  }
}

/** Sacked bytes of what was sent after resending began at SND.UNA. */
function arrivedLaterBytes(tcb: Tcb): number {
  const { recovery, snd } = tcb;
  const from = snd.unaOffset + diff(recovery.resentAt, snd.una);
  const to = snd.unaOffset + diff(snd.nxt, snd.una);
  return to - from - unsackedBytes(tcb, from, to);
}

/**
 * What was sent after the resent segments has arrived, and they have not: they were lost once more. RFC 6675 would wait
 * for the time-out; RACK (RFC 8985) draws the same conclusion by time.
 */
function resendAgain(tcb: Tcb): void {
  const { recovery, snd } = tcb;
  recovery.rexmitNxt = snd.una;
  recovery.resentAt = snd.nxt;
}

function lossDetected(tcb: Tcb): boolean {
  const { recovery, snd } = tcb;
  if (snd.una === snd.nxt) return false;
  if (recovery.dupAcks >= DUP_ACK_THRESHOLD) return true;
  return recovery.sackEnabled && lostBelow(tcb, -1) > snd.unaOffset;
}

function enterRecovery(tcb: Tcb, nowMs: number, flightBefore: number): void {
  const { recovery, snd } = tcb;
  tcb.shared.counters.fastRecoveries++;
  recovery.mode = 'recovery';
  recovery.point = snd.nxt;
  recovery.rexmitNxt = snd.una;
  recovery.resentAt = snd.nxt;
  recovery.lostEnd = add(snd.una, Math.min(snd.mssBytes, diff(snd.nxt, snd.una)));
  tcb.congestion.onLoss(nowMs, flightBefore);
  stopTiming(tcb, nowMs);
  extendLost(tcb, 0);
  restartRetransmitTimer(tcb, nowMs);
}

/** Moves the edge of what counts as lost. */
function extendLost(tcb: Tcb, ackedBytes: number): void {
  const { recovery, snd } = tcb;
  if (recovery.sackEnabled) {
    const below = lostBelow(tcb, snd.unaOffset);
    recovery.lostEnd = max(recovery.lostEnd, add(snd.una, below - snd.unaOffset));
    if (gt(recovery.rexmitNxt, snd.una) && arrivedLaterBytes(tcb) > LATER_SEGMENTS * snd.mssBytes) resendAgain(tcb);
  }
  if (ackedBytes > 0) {
    // "If this ACK does not acknowledge all of the data up to and including recover, then this is a partial ACK. In
    // this case, retransmit the first unacknowledged segment." — RFC 6582 §3.2 step 3
    if (!recovery.sackEnabled) recovery.dupAcks = Math.max(0, recovery.dupAcks - Math.ceil(ackedBytes / snd.mssBytes));
    const first = add(snd.una, Math.min(snd.mssBytes, diff(snd.nxt, snd.una)));
    if (gt(first, recovery.lostEnd)) recovery.lostEnd = first;
    if (!recovery.sackEnabled) recovery.rexmitNxt = snd.una;
  }
  if (lt(recovery.rexmitNxt, snd.una)) recovery.rexmitNxt = snd.una;
}
