/** Takes out of the sent log what an ACK says has arrived, and gathers what that tells about the path. */

import type { Tcb } from '../tcb.ts';
import { facts } from './facts.ts';
import { noteDelivered as noteForRack } from './rack.ts';
import { APP_LIMITED, giveLogBack, LOST, RESENT, SACKED, type SentLog } from './sent-log.ts';
import { ownRate } from './state.ts';

// Of the most recently sent segment among those that this ACK delivered.
let priorMs = -1;
let sendElapsedMs = 0;

/** An ACK is about to be taken. */
export function beginAck(tcb: Tcb, nowMs: number, priorFlightBytes: number, echoMs: number): void {
  const { sample } = facts;
  sample.nowMs = nowMs;
  sample.ackedBytes = 0;
  sample.deliveredBytes = 0;
  sample.lostBytes = tcb.rate.lostBytes;
  sample.priorFlightBytes = priorFlightBytes;
  sample.rttMs = -1;
  sample.isCwndLimited = tcb.snd.unaOffset <= tcb.rate.cwndLimitedOffset;
  sample.rateDeliveredBytes = 0;
  sample.rateIntervalMs = 0;
  sample.isRateAppLimited = false;
  sample.priorDeliveredBytes = 0;
  sample.txInFlightBytes = 0;
  sample.lostSinceSentBytes = 0;
  sample.ceBytes = 0;
  facts.firstSentMs = -1;
  facts.lastSentMs = -1;
  facts.sackedSentMs = -1;
  facts.resentAcked = false;
  facts.newlySackedBytes = 0;
  facts.creditedBytes = 0;
  facts.originalArrived = false;
  facts.dsackBytes = 0;
  facts.dsackOffset = 0;
  facts.echoMs = echoMs;
  priorMs = -1;
  sendElapsedMs = 0;
}

/** Everything below stream offset `to` is acknowledged. */
export function deliverBelow(tcb: Tcb, nowMs: number, to: number): void {
  const { recovery } = tcb;
  const { log } = recovery;
  if (log === null) return;
  while (log.count > 0 && log.startAt(0) < to) {
    const end = log.endAt(0);
    deliverInOrder(tcb, nowMs, log, Math.min(end, to) - log.startAt(0));
    if (end > to) {
      log.trimFirst(to);
      return;
    }
    log.dropFirst();
  }
  if (log.count === 0) {
    giveLogBack(log);
    recovery.log = null;
  }
}

function deliverInOrder(tcb: Tcb, nowMs: number, log: SentLog, bytes: number): void {
  const { recovery } = tcb;
  const flags = log.flagsAt(0);
  if ((flags & SACKED) !== 0) {
    recovery.sackedBytes -= bytes;
    return;
  }
  if ((flags & LOST) !== 0) recovery.lostBytes -= bytes;
  if ((flags & RESENT) !== 0) {
    facts.resentAcked = true;
  } else {
    const sentMs = log.sentMsAt(0);
    if (facts.firstSentMs < 0) facts.firstSentMs = sentMs;
    facts.lastSentMs = sentMs;
  }
  deliver(tcb, nowMs, log, 0, bytes);
}

/** Entry `i` was sacked just now, wholly; the caller marks it. */
export function deliverSacked(tcb: Tcb, nowMs: number, log: SentLog, i: number): void {
  const { recovery } = tcb;
  const bytes = log.endAt(i) - log.startAt(i);
  const flags = log.flagsAt(i);
  if ((flags & LOST) !== 0) recovery.lostBytes -= bytes;
  // A block may tell late of what came long ago: the latest counts.
  if ((flags & RESENT) === 0) facts.sackedSentMs = Math.max(facts.sackedSentMs, log.sentMsAt(i));
  recovery.sackedBytes += bytes;
  facts.newlySackedBytes += bytes;
  deliver(tcb, nowMs, log, i, bytes);
}

/** "UpdateRateSample": the rate is measured by the most recently sent segment (draft-ietf-ccwg-bbr §4.1.2.3). */
function deliver(tcb: Tcb, nowMs: number, log: SentLog, i: number, bytes: number): void {
  const { recovery } = tcb;
  const rate = ownRate(tcb);
  const { sample } = facts;
  const flags = log.flagsAt(i);
  const sentMs = log.sentMsAt(i);
  sample.deliveredBytes += bytes;
  rate.deliveredBytes += bytes;
  rate.deliveredMs = nowMs;
  if ((flags & RESENT) === 0 && log.endAt(i) <= recovery.pointOffset) facts.originalArrived = true;
  if (priorMs < 0 || log.deliveredAt(i) >= sample.priorDeliveredBytes) {
    sample.priorDeliveredBytes = log.deliveredAt(i);
    sample.isRateAppLimited = (flags & APP_LIMITED) !== 0;
    sample.txInFlightBytes = log.inFlightAt(i);
    sample.lostSinceSentBytes = log.lostTotalAt(i);
    priorMs = log.deliveredMsAt(i);
    sendElapsedMs = sentMs - log.firstSentMsAt(i);
    rate.firstSentMs = sentMs;
  }
  noteForRack(tcb, nowMs, log, i);
}

/** All of the ACK is taken: fills in what follows from it, before losses are looked for. */
export function measureRate(tcb: Tcb, nowMs: number): void {
  const { rate, rtt } = tcb;
  const { sample } = facts;
  if (rate.appLimitedUntil > 0 && rate.deliveredBytes > rate.appLimitedUntil) ownRate(tcb).appLimitedUntil = 0;
  if (priorMs < 0) return;
  const intervalMs = Math.max(sendElapsedMs, nowMs - priorMs);
  // "if (rs.interval < MinRTT(C)) ... no reliable sample": ACKs that come compressed would show more than the path.
  if (intervalMs <= 0 || (rtt.minMs >= 0 && intervalMs < rtt.minMs)) return;
  sample.rateDeliveredBytes = rate.deliveredBytes - sample.priorDeliveredBytes;
  sample.rateIntervalMs = intervalMs;
  // Like Linux, for who asks: what was limited by the user counts only where it shows more.
  const bytesPerMs = sample.rateDeliveredBytes / intervalMs;
  if (sample.isRateAppLimited && bytesPerMs < rate.sampledBytesPerMs) return;
  const own = ownRate(tcb);
  own.sampledBytesPerMs = bytesPerMs;
  own.sampledAppLimited = sample.isRateAppLimited;
}
