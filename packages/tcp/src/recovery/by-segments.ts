/** Loss inferred from what overtook it: sacked bytes (RFC 6675 §4), or duplicate ACKs (RFC 5681 §3.2, RFC 6582). */

import { DUP_ACK_THRESHOLD } from '../limits.ts';
import type { Tcb } from '../tcb.ts';
import { markFirstLost, markLost } from './marks.ts';
import { LOST, RESENT, SACKED } from './sent-log.ts';

/**
 * IsLost: "the number of octets that have been SACKed ... greater than (DupThresh - 1) * SMSS" above it — RFC 6675 §4.
 * What was sent again is not judged by what overtook its first copy: only the timer finds its loss.
 */
export function detectBySackedAbove(tcb: Tcb): void {
  const { recovery, snd } = tcb;
  const { log } = recovery;
  const threshold = (DUP_ACK_THRESHOLD - 1) * snd.mssBytes;
  if (log === null || recovery.sackedBytes <= threshold) return;
  let sackedAbove = 0;
  for (let i = log.count - 1; i >= 0; i--) {
    const flags = log.flagsAt(i);
    if ((flags & SACKED) !== 0) sackedAbove += log.endAt(i) - log.startAt(i);
    else if (sackedAbove > threshold && (flags & (LOST | RESENT)) === 0) markLost(tcb, log, i);
  }
}

/**
 * Without SACK: the third duplicate means that the first segment is lost; a partial ACK, that the next one is: "In
 * this case, retransmit the first unacknowledged segment." — RFC 6582 §3.2 step 3
 */
export function detectByDuplicates(tcb: Tcb, ackedBytes: number): void {
  const { recovery } = tcb;
  const begins = recovery.mode === 'open' && recovery.dupAcks >= DUP_ACK_THRESHOLD;
  // "the Cumulative Acknowledgment field covers more than recover": else the duplicates are of resent segments (§4.1)
  if (begins && tcb.snd.unaOffset > recovery.pointOffset) markFirstLost(tcb);
  if (recovery.mode === 'recovery' && ackedBytes > 0) markFirstLost(tcb);
}
