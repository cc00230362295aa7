/** Challenge ACKs: how a segment that may be forged is answered, at a bounded rate (RFC 5961 §7). */

import type { Tcb } from '../tcb.ts';

/** Owes an ACK of the current state, unless one was sent a moment ago. */
export function challenge(tcb: Tcb, nowMs: number): void {
  if (nowMs - tcb.out.challengedAtMs < tcb.shared.challengeIntervalMs) return;
  if (!tcb.shared.challenges.take(nowMs)) {
    tcb.shared.counters.challengesSuppressed++;
    return;
  }
  tcb.out.challengedAtMs = nowMs;
  tcb.out.ackNow = true;
  tcb.shared.counters.challengeAcks++;
}
