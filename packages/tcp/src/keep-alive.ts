/** Keep-alives: asking an idle peer whether it is still there (RFC 9293 §3.8.4 [MAY-5]). */

import { isSynchronized } from './state.ts';
import type { Tcb } from './tcb.ts';
import { ownTimers } from './timers.ts';
import { keepIdleMs, keepIntervalMs, keepProbes } from './wishes.ts';

/** A segment of the peer came: whatever it says, the peer is there. */
export function heardFromPeer(tcb: Tcb, nowMs: number): void {
  tcb.liveness.heardAtMs = nowMs;
  tcb.liveness.keepProbesUnanswered = 0;
}

/** Starts or stops the timer, after the user switched keep-alives or changed the time, and when the connection opens. */
export function armKeepAlive(tcb: Tcb, nowMs: number): void {
  const { liveness } = tcb;
  const runs = tcb.wishes.keepAlive && mayProbe(tcb);
  ownTimers(tcb).keepAliveAtMs = runs ? Math.max(nowMs, liveness.heardAtMs + keepIdleMs(tcb)) : Infinity;
  if (!runs) liveness.keepProbeDue = false;
}

/**
 * "Keep-alive packets MUST only be sent when no sent data is outstanding, and no data or acknowledgment packets have
 * been received for the connection within an interval" [MUST-26]. Lazy: what was heard since only shows here.
 *
 * @returns 'dead' when the peer left enough probes unanswered: "it MUST NOT interpret failure to respond to any specific
 * probe as a dead connection" [MUST-29].
 */
export function keepAliveTimeout(tcb: Tcb, nowMs: number): 'dead' | 'alive' {
  const { liveness } = tcb;
  // Data that is to be sent asks the same of the peer, with a timer of its own.
  if (isBusy(tcb)) {
    ownTimers(tcb).keepAliveAtMs = nowMs + keepIdleMs(tcb);
    return 'alive';
  }
  const probeAtMs = liveness.heardAtMs + keepIdleMs(tcb);
  if (probeAtMs > nowMs) {
    ownTimers(tcb).keepAliveAtMs = probeAtMs;
    return 'alive';
  }
  if (leftUnanswered(tcb, nowMs)) return 'dead';
  liveness.keepProbesUnanswered++;
  liveness.keepProbeDue = true;
  ownTimers(tcb).keepAliveAtMs = nowMs + keepIntervalMs(tcb);
  return 'alive';
}

/** Enough probes, or like in Linux, for as long as the user allows (TCP_USER_TIMEOUT). */
function leftUnanswered(tcb: Tcb, nowMs: number): boolean {
  const { liveness, wishes } = tcb;
  const { keepProbesUnanswered } = liveness;
  const { userTimeoutMs } = wishes;
  if (userTimeoutMs === 0) return keepProbesUnanswered >= keepProbes(tcb);
  return keepProbesUnanswered > 0 && nowMs >= liveness.heardAtMs + userTimeoutMs;
}

/** A connection that is open in at least one direction. */
export function mayProbe(tcb: Tcb): boolean {
  return isSynchronized(tcb.state) && tcb.state !== 'TIME-WAIT';
}

/** Something is outstanding, or waits to be sent. */
export function isBusy(tcb: Tcb): boolean {
  return tcb.snd.una !== tcb.snd.nxt || tcb.sendRing.readable > 0 || (tcb.finQueued && !tcb.finSent);
}
