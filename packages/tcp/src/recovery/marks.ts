/** Marks entries of the sent log, and keeps the sums that the flight is counted by. */

import { diff } from '@tcpstack/seq/seq';
import type { Tcb } from '../tcb.ts';
import { giveLogBack, LOST, SACKED, type SentLog } from './sent-log.ts';
import { ownRate } from './state.ts';

/** Stream offset of SND.NXT; a FIN that was sent counts as one byte. */
export function nxtOffset(tcb: Tcb): number {
  return tcb.snd.unaOffset + diff(tcb.snd.nxt, tcb.snd.una);
}

/**
 * Bytes that we believe are in the network: "pipe" of RFC 6675 §4. What is sent again counts again, from then on.
 * Without SACK each duplicate ACK says that one segment has left (RFC 6582 §3.2 step 3).
 */
export function flightBytes(tcb: Tcb): number {
  const { snd, recovery } = tcb;
  const outstanding = diff(snd.nxt, snd.una);
  if (outstanding === 0) return 0;
  const left = recovery.sackEnabled ? recovery.sackedBytes : recovery.dupAcks * snd.mssBytes;
  return Math.max(0, outstanding - left - recovery.lostBytes);
}

/** Nothing that was sent will be sent again. */
export function dropLog(tcb: Tcb): void {
  const { recovery } = tcb;
  if (recovery.log === null) return;
  recovery.log.clear();
  giveLogBack(recovery.log);
  recovery.log = null;
  recovery.sackedBytes = 0;
  recovery.lostBytes = 0;
}

/** Entry `i` is held for lost. */
export function markLost(tcb: Tcb, log: SentLog, i: number): void {
  const { recovery } = tcb;
  const rate = ownRate(tcb);
  const bytes = log.endAt(i) - log.startAt(i);
  log.setFlags(i, log.flagsAt(i) | LOST);
  if (recovery.lostBytes === 0 || log.startAt(i) < recovery.lostFromOffset) recovery.lostFromOffset = log.startAt(i);
  recovery.lostBytes += bytes;
  rate.lostBytes += bytes;
}

/** Everything that is neither sacked nor lost already is held for lost. */
export function markAllLost(tcb: Tcb): void {
  const { log } = tcb.recovery;
  if (log === null) return;
  for (let i = 0; i < log.count; i++) if ((log.flagsAt(i) & (SACKED | LOST)) === 0) markLost(tcb, log, i);
}

/** The first segment is held for lost, unless it is known to have arrived. */
export function markFirstLost(tcb: Tcb): void {
  const { recovery, snd } = tcb;
  const { log } = recovery;
  if (log === null || (log.flagsAt(0) & (SACKED | LOST)) !== 0) return;
  // A FIN behind a full segment travels with it.
  const end = log.startAt(0) + snd.mssBytes + (tcb.finSent ? 1 : 0);
  const parts = end < log.endAt(0) && log.startAt(0) + snd.mssBytes < log.endAt(0);
  if (parts && !log.split(0, log.startAt(0) + snd.mssBytes)) return;
  markLost(tcb, log, 0);
}

/** Nothing is held for lost any more: it had not been. */
export function unmarkLost(tcb: Tcb): void {
  const { recovery } = tcb;
  const rate = ownRate(tcb);
  const { log } = recovery;
  if (log === null) return;
  for (let i = 0; i < log.count; i++) log.setFlags(i, log.flagsAt(i) & ~LOST);
  rate.lostBytes -= recovery.lostBytes;
  recovery.lostBytes = 0;
}

/** The peer took back what it had sacked: "the data receiver is permitted to discard" it — RFC 2018 §8. */
export function forgetSacked(tcb: Tcb): void {
  const { recovery } = tcb;
  const { log } = recovery;
  if (log === null) return;
  for (let i = 0; i < log.count; i++) log.setFlags(i, log.flagsAt(i) & ~SACKED);
  recovery.sackedBytes = 0;
}
