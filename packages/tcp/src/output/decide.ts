/** What to send next, how much, and why; or why nothing: every reason has a name. */

import { add, diff, lt, type Seq, seq } from '@tcpstack/seq/seq';
import { flightBytes } from '../recovery/recovery.ts';
import { nextUnsacked, unsackedRunEnd } from '../recovery/scoreboard.ts';
import { isFinAcked } from '../state.ts';
import type { Tcb } from '../tcb.ts';
import { nagleAllows } from './nagle.ts';
import { worthSending } from './sws.ts';

/** Why a segment leaves. */
export type SendReason = 'syn' | 'retransmit' | 'probe' | 'data' | 'fin' | 'ack';
/** Why nothing leaves. */
export type HoldReason = 'nothing-to-send' | 'window-closed' | 'cwnd-full' | 'nagle' | 'silly-window' | 'closed';

/** One decision. Reused: read it before the next call. */
export interface SendPlan {
  reason: SendReason | HoldReason;
  /** Sequence number of the first byte (or SYN, or FIN). */
  seq: Seq;
  payloadBytes: number;
  fin: boolean;
}

const plan: SendPlan = { reason: 'nothing-to-send', seq: seq(0), payloadBytes: 0, fin: false };

function decideOn(reason: SendReason | HoldReason, at: Seq, payloadBytes: number, fin: boolean): SendPlan {
  plan.reason = reason;
  plan.seq = at;
  plan.payloadBytes = payloadBytes;
  plan.fin = fin;
  return plan;
}

/** Whether a plan is for sending. */
export function isSend(reason: SendReason | HoldReason): reason is SendReason {
  return (
    reason === 'data' ||
    reason === 'ack' ||
    reason === 'retransmit' ||
    reason === 'syn' ||
    reason === 'fin' ||
    reason === 'probe'
  );
}

/** Decides for one segment. Changes nothing. */
export function decide(tcb: Tcb): SendPlan {
  const { snd } = tcb;
  switch (tcb.state) {
    case 'CLOSED':
    case 'LISTEN':
      return decideOn('closed', snd.nxt, 0, false);
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      if (snd.nxt === snd.iss || tcb.out.resendSyn) return decideOn('syn', snd.iss, 0, false);
      return ackOr(tcb, 'nothing-to-send');
    default:
      return decideInStream(tcb);
  }
}

function ackOr(tcb: Tcb, hold: HoldReason): SendPlan {
  return decideOn(tcb.out.ackNow ? 'ack' : hold, tcb.snd.nxt, 0, false);
}

function decideInStream(tcb: Tcb): SendPlan {
  const { snd, recovery } = tcb;
  if (recovery.mode !== 'open' && lt(recovery.rexmitNxt, recovery.lostEnd)) {
    const again = decideRetransmit(tcb);
    if (again !== null) return again;
  }
  const sent = diff(snd.nxt, snd.una);
  const queued = tcb.sendRing.readable + (tcb.finQueued && !isFinAcked(tcb) ? 1 : 0);
  if (tcb.out.probe && queued > 0) return decideProbe(tcb, queued);
  if (queued <= sent) return ackOr(tcb, 'nothing-to-send');
  return decideNew(tcb, sent, queued - sent);
}

/**
 * The next run of lost bytes that is not sacked and was not sent again yet. Of a window that shrank: "SHOULD retransmit
 * normally the old unacknowledged data" [SHLD-16], and "MAY also retransmit old data beyond SND.UNA+SND.WND" — RFC 9293
 * §3.8.6 [MAY-7].
 */
function decideRetransmit(tcb: Tcb): SendPlan | null {
  const { snd, recovery } = tcb;
  const lostEnd = snd.unaOffset + diff(recovery.lostEnd, snd.una);
  const from = nextUnsacked(tcb, snd.unaOffset + Math.max(0, diff(recovery.rexmitNxt, snd.una)));
  if (from >= lostEnd) return null;
  const flight = flightBytes(tcb);
  const room = tcb.congestion.cwndBytes - flight;
  const first = from === snd.unaOffset;
  // The first segment of a recovery leaves whatever cwnd says (RFC 6675 §5 (4.3)).
  if (room < snd.mssBytes && !first && flight > 0) return null;
  const run = unsackedRunEnd(tcb, from, lostEnd) - from;
  const bytes = Math.min(run, Math.max(snd.mssBytes, wholeSegments(tcb, room)), largestPayload(tcb));
  const at = add(snd.una, from - snd.unaOffset);
  const dataLeft = tcb.sendRing.readable - (from - snd.unaOffset);
  const payload = Math.min(bytes, dataLeft);
  return decideOn('retransmit', at, payload, tcb.finSent && payload === dataLeft && bytes >= payload);
}

/**
 * One byte that the window does not allow, or the FIN: "If the window shrinks to zero, the TCP implementation MUST probe
 * it in the standard way" — RFC 9293 §3.8.6 [MUST-35].
 */
function decideProbe(tcb: Tcb, queued: number): SendPlan {
  const { snd } = tcb;
  const payload = Math.min(tcb.sendRing.readable, Math.max(1, Math.min(snd.wnd, snd.mssBytes)));
  return decideOn('probe', snd.una, payload, tcb.finQueued && payload === tcb.sendRing.readable && payload < queued);
}

function decideNew(tcb: Tcb, sent: number, unsent: number): SendPlan {
  const { snd } = tcb;
  // "a sending TCP peer MUST be robust against window shrinking, which may cause the 'usable window' ... to become
  // negative" [MUST-34]; "If this happens, the sender SHOULD NOT send new data" — RFC 9293 §3.8.6 [SHLD-15]
  const windowRoom = snd.wnd - sent;
  if (windowRoom <= 0) return ackOr(tcb, 'window-closed');
  const dataLeft = tcb.sendRing.readable - sent;
  const flight = flightBytes(tcb);
  const cwndRoom = tcb.congestion.cwndBytes - flight;
  if (dataLeft > 0 && cwndRoom < Math.min(dataLeft, snd.mssBytes) && flight > 0) return ackOr(tcb, 'cwnd-full');
  const most = Math.min(dataLeft, windowRoom, largestPayload(tcb), Math.max(cwndRoom, snd.mssBytes));
  const payload = most < dataLeft ? wholeSegments(tcb, most) || most : most;
  // The FIN takes one sequence number of the window too.
  const fin = tcb.finQueued && payload === dataLeft && windowRoom > payload && unsent > payload;
  if (payload === 0 && !fin) return ackOr(tcb, 'window-closed');
  if (payload > 0 && payload < snd.mssBytes && !fin) {
    if (payload === dataLeft) {
      if (!nagleAllows(tcb)) return ackOr(tcb, 'nagle');
    } else if (!worthSending(tcb, payload)) {
      return ackOr(tcb, 'silly-window');
    }
  }
  return decideOn(payload > 0 ? 'data' : 'fin', snd.nxt, payload, fin);
}

/**
 * The most payload of one segment: the MSS, or a super-segment of whole ones where the link splits them. "The transmitter
 * SHOULD collapse successive bits when it packetizes data, to send the largest possible segment" [SHLD-27]; "SHOULD send
 * a maximum-sized segment whenever possible" — RFC 9293 §3.9.1.2 [SHLD-28].
 */
function largestPayload(tcb: Tcb): number {
  const { mssBytes } = tcb.snd;
  const superBytes = tcb.shared.superSegmentPayloadBytes;
  return superBytes > mssBytes ? superBytes - (superBytes % mssBytes) : mssBytes;
}

function wholeSegments(tcb: Tcb, bytes: number): number {
  return bytes - (bytes % tcb.snd.mssBytes);
}
