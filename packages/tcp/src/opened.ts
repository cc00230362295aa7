/** What a connection does the moment it enters ESTABLISHED. */

import { armKeepAlive } from './keep-alive.ts';
import { RTO_AFTER_LOST_SYN_MS } from './limits.ts';
import type { Tcb } from './tcb.ts';

/** The handshake is complete; what it taught about the path is still in `tcb.rtt`. */
export function connectionOpened(tcb: Tcb, nowMs: number): void {
  armKeepAlive(tcb, nowMs);
  const { rtt } = tcb;
  // A time-out that sent nothing, for it waited for the peer's data, tells of no loss.
  const timedOut = rtt.tries > 0 && tcb.retransmits > 0;
  // A peer that repeats its SYN did not get our SYN-ACK, even when it was faster than our timer.
  if (timedOut || (tcb.passive && tcb.retransmits > 0)) {
    // "if the SYN or SYN/ACK is lost, the initial window used by a sender after a correctly transmitted SYN MUST be one
    // segment consisting of at most SMSS bytes" — RFC 5681 §3.1
    tcb.congestion.cwndBytes = Math.min(tcb.congestion.cwndBytes, tcb.snd.mssBytes);
  }
  // "If the timer expires awaiting the ACK of a SYN segment and the TCP implementation is using an RTO less than 3
  // seconds, the RTO MUST be re-initialized to 3 seconds when data transmission begins" — RFC 6298 (5.7). Like Linux
  // not when the answer's timestamp has told the round trip: that is (2.2).
  if (timedOut && rtt.srttMs < 0) rtt.baseRtoMs = Math.max(rtt.baseRtoMs, RTO_AFTER_LOST_SYN_MS);
}
