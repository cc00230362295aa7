/** A passive open waits for the third segment: when the SYN-ACK leaves again, what is not taken yet, when the wait ends. */

import { add, diff } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { ACK, RST, SYN } from '@tcpstack/wire/tcp';
import { failsPaws, isAcceptable } from './arrival/acceptable.ts';
import { type HandshakeState, NO_HANDSHAKE } from './handshake-state.ts';
import type { Tcb } from './tcb.ts';
import { restartRetransmitTimer } from './timers.ts';

/** To be written: that of this connection alone. */
export function ownHandshake(tcb: Tcb): HandshakeState {
  if (tcb.handshake === NO_HANDSHAKE) tcb.handshake = { ...NO_HANDSHAKE };
  return tcb.handshake;
}

/** Time-outs after which a half-open connection goes: who waits for the data of a peer that has answered waits for it. */
export function synAckRetriesMax(tcb: Tcb): number {
  const { synAckRetries, deferRetries, isAcked } = tcb.handshake;
  return isAcked ? Math.max(synAckRetries, deferRetries) : synAckRetries;
}

/**
 * Whether the time-out that was just counted sends no SYN-ACK: like Linux, a peer that has answered is asked again only
 * when the time is over in which its ACK alone opens nothing, which gives it one more chance to send an ACK, or data.
 */
export function awaitsData(tcb: Tcb): boolean {
  const { deferRetries, isAcked } = tcb.handshake;
  return isAcked && tcb.rtt.tries < deferRetries;
}

/**
 * The peer did not get our SYN-ACK, for it sent its SYN again: like Linux, send that again rather than a bare ACK, but not
 * to every copy of many (`tcp_invalid_ratelimit`); and the timer begins anew.
 */
export function answerSynAgain(tcb: Tcb, nowMs: number): void {
  if (nowMs - tcb.out.challengedAtMs < tcb.shared.challengeIntervalMs) {
    tcb.shared.counters.synAcksSkipped++;
    return;
  }
  tcb.out.challengedAtMs = nowMs;
  tcb.out.resendSyn = true;
  if (tcb.snd.una !== tcb.snd.nxt) restartRetransmitTimer(tcb, nowMs);
}

/** Whether this segment would open the half-open connection: "If SND.UNA < SEG.ACK =< SND.NXT" — RFC 9293 §3.10.7.4 */
export function isThirdSegment(tcb: Tcb, seg: Segment, nowMs: number): boolean {
  const { iss, nxt } = tcb.snd;
  if ((seg.flags & (SYN | RST | ACK)) !== ACK || nxt === iss || diff(seg.ack, add(iss, 1)) !== 0) return false;
  return !failsPaws(tcb, seg, nowMs) && isAcceptable(tcb, seg);
}
