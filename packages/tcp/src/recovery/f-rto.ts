/** F-RTO: whether a time-out was spurious, judged by the next two ACKs (RFC 5682 §3, with SACK where there is). */

import type { Tcb } from '../tcb.ts';
import { facts } from './facts.ts';
import { nxtOffset } from './marks.ts';

/** The first time-out of what is outstanding: its ACKs are watched. */
export function beginFRto(tcb: Tcb): void {
  tcb.recovery.fRto = true;
  tcb.recovery.fRtoNewData = false;
}

/**
 * Looks at one ACK after a time-out; 'spurious' when something arrived that had not been sent again.
 *
 * @param canSendNew There is new data, and window for it.
 */
export function judgeTimeout(tcb: Tcb, duplicate: boolean, canSendNew: boolean): 'spurious' | 'undecided' {
  const { recovery, snd } = tcb;
  recovery.fRtoNewData = false;
  if (!recovery.fRto) return 'undecided';
  const isSecondAck = nxtOffset(tcb) > recovery.pointOffset;
  // "3.b: If the acknowledgment ... acknowledges data that was not retransmitted after the timeout, declare the
  // timeout spurious". Without SACK the first ACK may be of what had waited behind a hole: only the second tells.
  const arrived = recovery.sackEnabled ? facts.originalArrived : isSecondAck && facts.sample.ackedBytes > 0;
  if (arrived) return 'spurious';
  if (isSecondAck) {
    // "3.a: If a duplicate acknowledgment arrives after new data was sent ... the timeout was not spurious"
    if (duplicate || facts.newlySackedBytes > 0) recovery.fRto = false;
  } else if (facts.sample.ackedBytes > 0 && snd.unaOffset < recovery.pointOffset) {
    // "2.b: ... transmit up to two new segments": the next ACK tells whether the old ones are still arriving.
    recovery.pointOffset = nxtOffset(tcb);
    if (canSendNew) recovery.fRtoNewData = true;
    else recovery.fRto = false;
  } else {
    // "2.a: If ... a duplicate ACK ... revert to the conventional timeout recovery"
    recovery.fRto = false;
  }
  return 'undecided';
}
