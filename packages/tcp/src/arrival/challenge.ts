/** Challenge ACKs: how a segment that may be forged is answered, at a bounded rate (RFC 5961 §7). */

import { CHALLENGE_ACK_INTERVAL_MS } from '../limits.ts';
import type { Tcb } from '../tcb.ts';

/** Owes an ACK of the current state, unless one was sent a moment ago. */
export function challenge(tcb: Tcb, nowMs: number): void {
  if (nowMs - tcb.out.challengedAtMs < CHALLENGE_ACK_INTERVAL_MS) return;
  if (!tcb.shared.challenges.take(nowMs)) {
    tcb.shared.counters.challengesSuppressed++;
    return;
  }
  tcb.out.challengedAtMs = nowMs;
  tcb.out.ackNow = true;
  tcb.shared.counters.challengeAcks++;
}
