/** How long an unanswered segment is sent again: R1, R2 and the user's own limit (RFC 9293 §3.8.3). */

import { report } from './error-report.ts';
import { synAckRetriesMax } from './handshake.ts';
import { MAX_RTO_MS, ORPHAN_RETRIES } from './limits.ts';
import { rtoMs } from './rtt.ts';
import { isSynchronized } from './state.ts';
import { type Tcb, WAKE_PATH } from './tcb.ts';
import { ownTimers } from './timers.ts';
import { ownWishes, synRetriesMax } from './wishes.ts';

/**
 * "When the number of transmissions of the same segment reaches a threshold R2 greater than R1, close the connection"
 * [MUST-20]. Called when the retransmission timer expired, before the time-out is counted.
 */
export function reachedR2(tcb: Tcb, nowMs: number): boolean {
  const { rtt, liveness, wishes } = tcb;
  const isOpen = isSynchronized(tcb.state);
  if (wishes.userTimeoutMs > 0) {
    const atMs = liveness.unansweredSinceMs + wishes.userTimeoutMs;
    ownTimers(tcb).userTimeoutAtMs = atMs;
    if (atMs <= nowMs) return true;
    // Like Linux: the user's limit takes the place of our count of data segments, also to wait for longer [MUST-21].
    if (isOpen) return false;
  }
  // A peer that closed its window over what is outstanding is alive as long as it answers: a sender "SHOULD NOT time
  // out the connection if data beyond the right window edge is not acknowledged" — RFC 9293 §3.8.6 [SHLD-17]
  const unanswered = isOpen && tcb.snd.wnd === 0 ? tcb.out.probesUnanswered : rtt.tries;
  return unanswered >= retriesOf(tcb);
}

/** Unanswered retransmissions after which we give up: R2 as a count. */
function retriesOf(tcb: Tcb): number {
  if (isSynchronized(tcb.state)) return dataRetries(tcb);
  // Who asked us to connect can do so again; who was asked to is told in the end [MUST-22].
  return tcb.passive ? synAckRetriesMax(tcb) : synRetriesMax(tcb);
}

/** The same for data, and for probes of a closed window. */
export function dataRetries(tcb: Tcb): number {
  return tcb.orphan ? orphanRetries(tcb) : tcb.shared.dataRetries;
}

/**
 * Retransmissions or probes that nobody answers, after which an orphan ends: as Linux's `tcp_orphan_retries`, 0 for 8 of
 * them, and none once they are two minutes apart; none either then when the network said that the peer is unreachable.
 */
function orphanRetries(tcb: Tcb): number {
  const isPatient = rtoMs(tcb) < MAX_RTO_MS;
  if (tcb.softError !== '' && !isPatient) return 0;
  const { orphanRetries } = tcb.shared;
  return orphanRetries === 0 && isPatient ? ORPHAN_RETRIES : orphanRetries;
}

/** After the time-out was counted: "(b) ... pass negative advice to the IP layer", "(e) ... inform the application". */
export function adviseOfRetries(tcb: Tcb): void {
  const { tries } = tcb.rtt;
  if (tries < tcb.shared.reportedRetries) return;
  tcb.wake |= WAKE_PATH;
  // "when R1 is reached and before R2" [SHLD-9]
  if (tries === tcb.shared.reportedRetries) report(tcb, 'retransmissions', 'ETIMEDOUT', 0, 0, 0);
}

/** The user's limit in milliseconds (TCP_USER_TIMEOUT), 0 for none; it holds for what waits already, too. */
export function setUserTimeout(tcb: Tcb, nowMs: number, userTimeoutMs: number): void {
  if (userTimeoutMs !== tcb.wishes.userTimeoutMs) ownWishes(tcb).userTimeoutMs = userTimeoutMs;
  armUserTimeout(tcb, nowMs);
}

/** A window that keeps us from sending is probed. Like in Linux, the user's limit holds for data that it keeps back. */
export function noteWindowClosed(tcb: Tcb, nowMs: number): void {
  const { liveness } = tcb;
  if (liveness.windowClosedSinceMs === Infinity) liveness.windowClosedSinceMs = nowMs - rtoMs(tcb);
  armUserTimeout(tcb, nowMs);
}

/** The user's limit has passed, unless the peer answered since the timer was set. */
export function userTimeout(tcb: Tcb, nowMs: number): 'over' | 'not-yet' {
  armUserTimeout(tcb, nowMs);
  return tcb.timers.userTimeoutAtMs <= nowMs ? 'over' : 'not-yet';
}

/** The timer runs only while something waits for the peer. */
function armUserTimeout(tcb: Tcb, nowMs: number): void {
  const { liveness, wishes, rtt, state } = tcb;
  const sinceMs = rtt.tries > 0 ? liveness.unansweredSinceMs : liveness.windowClosedSinceMs;
  const runs = wishes.userTimeoutMs > 0 && state !== 'CLOSED' && state !== 'TIME-WAIT';
  ownTimers(tcb).userTimeoutAtMs = runs ? Math.max(nowMs, sinceMs + wishes.userTimeoutMs) : Infinity;
}
