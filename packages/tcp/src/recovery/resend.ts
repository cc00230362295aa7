/** What was lost for its size, not for congestion, is sent again in segments that fit (RFC 1191 §6.5). */

import { diff, type Seq } from '@tcpstack/seq/seq';
import { takeLostProbe } from '../mtu-probe.ts';
import { stopTiming } from '../rtt.ts';
import type { Tcb } from '../tcb.ts';
import { restartRetransmitTimer } from '../timers.ts';
import { markLost } from './marks.ts';
import { LOST, SACKED } from './sent-log.ts';
import { ownRate } from './state.ts';

/** Everything outstanding below `end` waits to be sent again; the congestion window stays as it is. */
export function resendUpTo(tcb: Tcb, nowMs: number, end: Seq): void {
  const { recovery, snd } = tcb;
  const rate = ownRate(tcb);
  const { log } = recovery;
  if (log === null) return;
  const endOffset = snd.unaOffset + diff(end, snd.una);
  const lostBefore = rate.lostBytes;
  for (let i = 0; i < log.count && log.startAt(i) < endOffset; i++) {
    if ((log.flagsAt(i) & (SACKED | LOST)) === 0) markLost(tcb, log, i);
  }
  // It says nothing about congestion.
  rate.lostBytes = lostBefore;
  stopTiming(tcb, nowMs);
  restartRetransmitTimer(tcb, nowMs);
}

/** False when what was just found lost was more than a probe of the path. Otherwise it is sent again, and that is all. */
export function resendLostProbe(tcb: Tcb, nowMs: number, lostBytes: number): boolean {
  const end = takeLostProbe(tcb, nowMs, lostBytes);
  if (end === null) return false;
  resendUpTo(tcb, nowMs, end);
  ownRate(tcb).lostBytes -= lostBytes;
  tcb.recovery.dupAcks = 0;
  return true;
}
