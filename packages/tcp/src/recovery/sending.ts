/** Notes what leaves, first or again, in the sent log. */

import type { Tcb } from '../tcb.ts';
import { flightBytes, nxtOffset } from './marks.ts';
import { APP_LIMITED, LOST, RESENT, type SendStamp, takeLog } from './sent-log.ts';
import { ownRate } from './state.ts';
import { noteResent } from './undo.ts';

const stamp: SendStamp = {
  nowMs: 0,
  delivered: 0,
  deliveredMs: 0,
  firstSentMs: 0,
  inFlight: 0,
  lostTotal: 0,
  isAppLimited: false,
};

function fillStamp(tcb: Tcb, nowMs: number, bytes: number, priorFlightBytes: number): SendStamp {
  const rate = ownRate(tcb);
  if (priorFlightBytes === 0) {
    rate.firstSentMs = nowMs;
    rate.deliveredMs = nowMs;
  }
  stamp.nowMs = nowMs;
  stamp.delivered = rate.deliveredBytes;
  stamp.deliveredMs = rate.deliveredMs;
  stamp.firstSentMs = rate.firstSentMs;
  stamp.inFlight = priorFlightBytes + bytes;
  stamp.lostTotal = rate.lostBytes;
  stamp.isAppLimited = rate.appLimitedUntil > 0;
  return stamp;
}

/** `bytes` leave for the first time, from SND.NXT on, which the caller moves afterwards. */
export function noteSent(tcb: Tcb, nowMs: number, bytes: number): void {
  const { recovery } = tcb;
  const from = nxtOffset(tcb);
  const prior = flightBytes(tcb);
  const { rate } = tcb;
  const isAppLimited = rate.appLimitedUntil > 0;
  // What leaves in one go fares alike until an ACK parts it: one entry, as for a super-segment.
  const log = recovery.log;
  if (log === null || !log.extend(from + bytes, nowMs, rate.deliveredBytes, isAppLimited ? APP_LIMITED : 0)) {
    recovery.log ??= takeLog();
    recovery.log.append(from, from + bytes, fillStamp(tcb, nowMs, bytes, prior));
  }
  if (recovery.mode === 'recovery') recovery.prrOutBytes += bytes;
  tcb.congestion.onSent(nowMs, bytes, prior, isAppLimited);
}

/** `[from, to)` leaves again. */
export function noteSentAgain(tcb: Tcb, nowMs: number, from: number, to: number): void {
  const { recovery } = tcb;
  const { log } = recovery;
  if (log === null) return;
  const prior = flightBytes(tcb);
  fillStamp(tcb, nowMs, to - from, prior);
  let i = log.indexOf(from);
  if (log.startAt(i) < from && log.split(i, from)) i++;
  for (; i < log.count && log.startAt(i) < to; i++) {
    // A full log counts what lies behind as sent as well: the timer finds it.
    if (log.endAt(i) > to) log.split(i, to);
    if ((log.flagsAt(i) & LOST) !== 0) {
      recovery.lostBytes -= log.endAt(i) - log.startAt(i);
      // A tail probe takes the last, and what was lost before it still waits.
      if (log.startAt(i) <= recovery.lostFromOffset) recovery.lostFromOffset = log.endAt(i);
    }
    log.stamp(i, RESENT, stamp);
  }
  recovery.prrOutBytes += to - from;
  noteResent(tcb, nowMs, to - from);
  tcb.congestion.onSent(nowMs, to - from, prior, stamp.isAppLimited);
}

/** The user has nothing more to send although the path would take it: samples of the rate may be too low from now on. */
export function noteNothingToSend(tcb: Tcb): void {
  const { rate, recovery, congestion } = tcb;
  const flight = flightBytes(tcb);
  if (recovery.lostBytes === 0 && flight < congestion.cwndBytes) {
    const until = Math.max(rate.deliveredBytes + flight, 1);
    if (until !== rate.appLimitedUntil) ownRate(tcb).appLimitedUntil = until;
  }
}

/** cwnd keeps more from being sent: until all of this is acknowledged, its growth is earned (RFC 7661). */
export function noteCwndFull(tcb: Tcb): void {
  ownRate(tcb).cwndLimitedOffset = nxtOffset(tcb);
}
