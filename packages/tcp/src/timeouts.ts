/** What happens when a deadline of a connection passes (RFC 9293 §3.10.8; RFC 6298 §5). */

import { countEnd } from './end-counts.ts';
import { awaitsThirdSegment } from './fast-open.ts';
import { adviseOfRetries, dataRetries, noteWindowClosed, reachedR2, userTimeout } from './give-up.ts';
import { awaitsData } from './handshake.ts';
import { keepAliveTimeout } from './keep-alive.ts';
import { DATA_RETRIES } from './limits.ts';
import { suspectBlackHole } from './mtu-probe.ts';
import { push } from './output/nagle.ts';
import { forgivePace } from './output/pacing.ts';
import { dropLog } from './recovery/marks.ts';
import { recoverOnTimeout, reorderTimeout } from './recovery/recovery.ts';
import { tailProbeTimeout } from './recovery/tail-probe.ts';
import { stopTiming } from './rtt.ts';
import { enter, isSynchronized } from './state.ts';
import { type Tcb, type TcpError, WAKE_READ, WAKE_STATE, WAKE_WRITE } from './tcb.ts';
import { ownTimers, restartRetransmitTimer, stopTimers } from './timers.ts';
import { ownTraffic } from './traffic.ts';

/** Handles every deadline of `tcb` that lies at or before `nowMs`. */
export function handleTimeouts(tcb: Tcb, nowMs: number): void {
  const t = ownTimers(tcb);
  if (t.delayedAckAtMs <= nowMs) {
    t.delayedAckAtMs = Infinity;
    tcb.out.ackNow = true;
    tcb.shared.counters.delayedAcks++;
  }
  t.paceAtMs = t.paceAtMs <= nowMs ? Infinity : t.paceAtMs;
  if (t.reorderAtMs <= nowMs) {
    t.reorderAtMs = Infinity;
    reorderTimeout(tcb, nowMs);
  }
  if (t.tailProbeAtMs <= nowMs) {
    t.tailProbeAtMs = Infinity;
    tailProbeTimeout(tcb);
    // "TLP_send_probe ... Re-arm RTO timer": the probe has its round trip before anything counts as lost.
    restartRetransmitTimer(tcb, nowMs);
  }
  if (t.retransmitAtMs <= nowMs) {
    t.retransmitAtMs = Infinity;
    retransmissionTimeout(tcb, nowMs);
  }
  if (t.persistAtMs <= nowMs) {
    t.persistAtMs = Infinity;
    persistTimeout(tcb, nowMs);
  }
  if (t.keepAliveAtMs <= nowMs && keepAliveTimeout(tcb, nowMs) === 'dead') endConnection(tcb, 'ETIMEDOUT');
  if (t.userTimeoutAtMs <= nowMs && userTimeout(tcb, nowMs) === 'over') endConnection(tcb, 'ETIMEDOUT');
  if (t.corkAtMs <= nowMs) push(tcb);
  // TIME-WAIT TIMEOUT: "delete the TCB, enter the CLOSED state"; the same for an ownerless FIN-WAIT-2.
  if (t.lingerAtMs <= nowMs) {
    if (tcb.state === 'TIME-WAIT') tcb.shared.counters.timeWaitsExpired++;
    endConnection(tcb, '');
  }
}

function retransmissionTimeout(tcb: Tcb, nowMs: number): void {
  const { rtt, snd } = tcb;
  if (tcb.state === 'CLOSED' || (snd.una === snd.nxt && !awaitsThirdSegment(tcb))) return;
  tcb.shared.counters.timeouts++;
  if (reachedR2(tcb, nowMs)) {
    endConnection(tcb, 'ETIMEDOUT');
    return;
  }
  if (isSynchronized(tcb.state) && snd.wnd === 0) tcb.out.probesUnanswered++;
  // "(5.5) The host MUST set RTO <- RTO * 2 ("back off the timer")"
  rtt.backoff++;
  rtt.tries++;
  ownTraffic(tcb).timeouts++;
  adviseOfRetries(tcb);
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') {
    stopTiming(tcb, nowMs);
    if (awaitsData(tcb)) restartRetransmitTimer(tcb, nowMs);
    else tcb.out.resendSyn = true;
    return;
  }
  // "(5.4) Retransmit the earliest segment": now, whatever the pace; then the timer runs again (5.6).
  forgivePace(tcb, nowMs);
  suspectBlackHole(tcb, nowMs);
  recoverOnTimeout(tcb, nowMs);
  // "(5.6) Start the retransmission timer": now, since what is to leave may be paced, or prove needless before it does.
  restartRetransmitTimer(tcb, nowMs);
}

/** "The sending TCP peer must regularly transmit at least one octet of new data" — RFC 9293 §3.8.6.1 [MUST-36]. */
function persistTimeout(tcb: Tcb, nowMs: number): void {
  noteWindowClosed(tcb, nowMs);
  // [MUST-37]: as long as the peer acknowledges, the connection stays open; silence counts as a dead peer.
  if (tcb.out.probesUnanswered >= dataRetries(tcb)) {
    endConnection(tcb, 'ETIMEDOUT');
    return;
  }
  tcb.out.probesUnanswered++;
  // "SHOULD increase exponentially the interval between successive probes" — §3.8.6.1 [SHLD-30]
  tcb.rtt.backoff = Math.min(tcb.rtt.backoff + 1, DATA_RETRIES);
  tcb.out.probe = true;
}

/** Enters CLOSED. `error` is what the user's next call reports; '' for an orderly end. */
export function endConnection(tcb: Tcb, error: TcpError): void {
  countEnd(tcb, error);
  enter(tcb, 'CLOSED');
  // Like Linux: what the network said says more than that nobody answered.
  if (error !== '') tcb.error = error === 'ETIMEDOUT' && tcb.softError !== '' ? tcb.softError : error;
  stopTimers(tcb);
  tcb.sendRing.release();
  dropLog(tcb);
  tcb.pending?.clear();
  if (tcb.receiveRing.readable === 0) tcb.receiveRing.release();
  tcb.wake |= WAKE_READ | WAKE_WRITE | WAKE_STATE;
}

/**
 * "enter TIME-WAIT, start the time-wait timer, turn off the other timers": "When a connection is closed actively, it
 * MUST linger in the TIME-WAIT state for a time 2xMSL" — RFC 9293 §3.6.1 [MUST-13].
 */
export function enterTimeWait(tcb: Tcb, nowMs: number): void {
  enter(tcb, 'TIME-WAIT');
  stopTimers(tcb);
  tcb.sendRing.release();
  dropLog(tcb);
  ownTimers(tcb).lingerAtMs = nowMs + tcb.shared.timeWaitMs;
  tcb.wake |= WAKE_STATE;
}
