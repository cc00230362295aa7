/** Tail loss probe: when no ACK comes for two round trips, one segment is sent to provoke one (RFC 8985 §7). */

import { diff, type Seq } from '@tcpstack/seq/seq';
import { INITIAL_RTO_MS, TAIL_PROBE_ACK_DELAY_MS, TAIL_PROBE_FLOOR_MS } from '../limits.ts';
import { stopTiming } from '../rtt.ts';
import type { Tcb } from '../tcb.ts';
import { ownTimers } from '../timers.ts';
import { facts } from './facts.ts';
import { flightBytes } from './marks.ts';

/**
 * "A sender SHOULD start or restart a loss probe PTO timer after transmitting new data ... or receiving an ACK that
 * cumulatively acknowledges new data, unless it is already in fast recovery, RTO recovery, or the sender has segments
 * delivered out of order" — RFC 8985 §7.2
 */
export function scheduleTailProbe(tcb: Tcb, nowMs: number): void {
  const { recovery, snd, rtt } = tcb;
  const timers = ownTimers(tcb);
  timers.tailProbeAtMs = Infinity;
  if (recovery.log === null || !tcb.shared.tailProbes) return;
  // Like Linux: before the handshake ends only the SYN-ACK is sent again.
  if (tcb.state === 'SYN-RECEIVED') return;
  if (recovery.detection !== 'rack' || recovery.mode !== 'open' || recovery.sackedBytes > 0) return;
  if (recovery.tailProbeEnd >= 0 || timers.reorderAtMs !== Infinity) return;
  // "If FlightSize is one segment, additionally inflate PTO by WCDelAckT"
  // A peer that counts bytes may delay its ACK for anything short of two (RFC 9293 §3.8.6.3).
  const single = flightBytes(tcb) < 2 * snd.mssBytes;
  const waitMs =
    rtt.srttMs < 0
      ? INITIAL_RTO_MS
      : 2 * rtt.srttMs + (single ? Math.max(TAIL_PROBE_ACK_DELAY_MS, TAIL_PROBE_FLOOR_MS) : TAIL_PROBE_FLOOR_MS);
  // "If Now() + PTO > TLP_RTO_expiration(), PTO = TLP_RTO_expiration() - Now()"
  timers.tailProbeAtMs = Math.min(nowMs + waitMs, timers.retransmitAtMs);
}

/** The timer fired: a segment leaves whatever cwnd says, new if there is any, else the last one again (§7.3). */
export function tailProbeTimeout(tcb: Tcb): void {
  const { recovery } = tcb;
  if (recovery.log === null || recovery.tailProbeEnd >= 0) return;
  recovery.tailProbeDue = true;
  tcb.shared.counters.tailProbes++;
}

/** The probe left; `end` is SND.NXT with it. */
export function tailProbeSent(tcb: Tcb, nowMs: number, resent: boolean, end: Seq): void {
  const { recovery } = tcb;
  // From here on an echo may be of either copy.
  if (resent) stopTiming(tcb, nowMs);
  recovery.tailProbeDue = false;
  recovery.tailProbeEnd = tcb.snd.unaOffset + diff(end, tcb.snd.una);
  recovery.tailProbeResent = resent;
}

/**
 * "TLP_process_ack": whether the probe repaired the loss of a segment, which congestion control would otherwise never
 * hear of (§7.4.2).
 */
export function probeRepairedLoss(tcb: Tcb, duplicate: boolean): boolean {
  const { recovery, snd } = tcb;
  const { tailProbeEnd } = recovery;
  if (tailProbeEnd < 0 || snd.unaOffset < tailProbeEnd) return false;
  const isBeyond = snd.unaOffset > tailProbeEnd;
  // New data, or a copy that the peer reports as such (by D-SACK, or by a duplicate ACK): nothing was lost.
  const isAnswered = !recovery.tailProbeResent || facts.dsackBytes > 0 || isBeyond || duplicate;
  if (isAnswered) recovery.tailProbeEnd = -1;
  return recovery.tailProbeResent && isBeyond && facts.dsackBytes === 0;
}
