/** What to send next, how much, and why; or why nothing: every reason has a name. */

import { add, diff, type Seq, seq } from '@tcpstack/seq/seq';
import { nextProbeBytes } from '../mtu-probe.ts';
import { flightBytes, nxtOffset } from '../recovery/marks.ts';
import { LOST, SACKED, type SentLog } from '../recovery/sent-log.ts';
import { isFinAcked } from '../state.ts';
import type { Tcb } from '../tcb.ts';
import { heldBack } from './nagle.ts';
import { burstBytesMax } from './pacing.ts';
import { worthSending } from './sws.ts';

/** Why a segment leaves. */
export type SendReason = 'syn' | 'retransmit' | 'tail-probe' | 'probe' | 'mtu-probe' | 'data' | 'fin' | 'ack';
/** Why nothing leaves. */
export type HoldReason =
  | 'nothing-to-send'
  | 'window-closed'
  | 'cwnd-full'
  | 'nagle'
  | 'corked'
  | 'silly-window'
  | 'paced'
  | 'closed';

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
    reason === 'tail-probe' ||
    reason === 'probe' ||
    reason === 'mtu-probe'
  );
}

/** What leaves instead of a segment whose time has not come. */
export function decidePaced(tcb: Tcb): SendPlan {
  return ackOr(tcb, 'paced');
}

/** Decides for one segment. Changes nothing that was sent or received. */
export function decide(tcb: Tcb): SendPlan {
  const { snd } = tcb;
  switch (tcb.state) {
    case 'CLOSED':
    case 'LISTEN':
      return decideOn('closed', snd.nxt, 0, false);
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      if (tcb.handshake.fastOpen.isDeferred) return decideOn('nothing-to-send', snd.nxt, 0, false);
      if (snd.nxt === snd.iss || tcb.out.resendSyn) return decideOn('syn', snd.iss, 0, false);
      // An answer to the data of the SYN may leave before the handshake ends (RFC 7413 §3.1, step 3).
      if (tcb.handshake.fastOpen.isOpen) return decideInStream(tcb);
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
  const { log } = recovery;
  const sent = diff(snd.nxt, snd.una);
  const queued = tcb.sendRing.readable + (tcb.finQueued && tcb.state !== 'SYN-RECEIVED' && !isFinAcked(tcb) ? 1 : 0);
  if (log !== null && recovery.lostBytes > 0) {
    const fresh = recovery.fRtoNewData ? decideForFRto(tcb, sent, queued - sent) : null;
    const plan = fresh ?? decideRetransmit(tcb, log);
    if (plan !== null) return plan;
  }
  if (recovery.tailProbeDue && log !== null) {
    const probe = decideTailProbe(tcb, log, sent, queued - sent);
    if (probe !== null) return probe;
    recovery.tailProbeDue = false;
  }
  if (tcb.out.probe && queued > 0) return decideProbe(tcb, queued);
  if (queued <= sent) return ackOr(tcb, 'nothing-to-send');
  return decideNew(tcb, sent, queued - sent);
}

/** F-RTO wants new data; where none can leave it gives up, and lost data is sent again (RFC 5682 §2.1 step 2b). */
function decideForFRto(tcb: Tcb, sent: number, unsent: number): SendPlan | null {
  const { recovery } = tcb;
  const plan = unsent > 0 ? decideNew(tcb, sent, unsent) : ackOr(tcb, 'nothing-to-send');
  if (plan.reason === 'data' || nxtOffset(tcb) > recovery.pointOffset) return plan;
  recovery.fRto = false;
  recovery.fRtoNewData = false;
  return null;
}

/**
 * The next run of lost bytes. Of a window that shrank: "SHOULD retransmit normally the old unacknowledged data"
 * [SHLD-16], and "MAY also retransmit old data beyond SND.UNA+SND.WND" — RFC 9293 §3.8.6 [MAY-7].
 */
function decideRetransmit(tcb: Tcb, log: SentLog): SendPlan | null {
  const { snd, recovery, congestion } = tcb;
  let i = log.indexOf(recovery.lostFromOffset);
  while (i < log.count && (log.flagsAt(i) & LOST) === 0) i++;
  if (i === log.count) return null;
  const room = congestion.cwndBytes - flightBytes(tcb);
  const most = Math.min(Math.max(snd.mssBytes, wholeSegments(tcb, room)), largestPayload(tcb));
  const from = log.startAt(i);
  let end = from;
  while (end - from < most && i < log.count && (log.flagsAt(i) & LOST) !== 0) end = log.endAt(i++);
  // A FIN behind the last byte travels with it.
  const bytes =
    tcb.finSent && end - from === most + 1 && end === nxtOffset(tcb) ? most + 1 : Math.min(end - from, most);
  // The first segment of a recovery leaves whatever cwnd says (RFC 6675 §5 (4.3)).
  if (room < Math.min(bytes, snd.mssBytes) && recovery.prrOutBytes > 0 && flightBytes(tcb) > 0) return null;
  return decideAgain(tcb, from, bytes);
}

/** `bytes` from stream offset `from` on leave again, the FIN with them when they reach it. */
function decideAgain(tcb: Tcb, from: number, bytes: number): SendPlan {
  const { snd } = tcb;
  const skip = from - snd.unaOffset;
  const payload = Math.min(bytes, tcb.sendRing.readable - skip);
  return decideOn('retransmit', add(snd.una, skip), payload, payload < bytes);
}

/** Tail loss probe: "send new data if there is any and the window takes it; else the last segment again" (RFC 8985 §7.3). */
function decideTailProbe(tcb: Tcb, log: SentLog, sent: number, unsent: number): SendPlan | null {
  const { snd } = tcb;
  const last = log.count - 1;
  const fresh = Math.min(tcb.sendRing.readable - sent, snd.wnd - sent, snd.mssBytes);
  if (unsent > 0 && fresh > 0) return decideOn('tail-probe', snd.nxt, fresh, false);
  if ((log.flagsAt(last) & SACKED) !== 0) return null;
  const end = log.endAt(last);
  // A FIN travels with the bytes before it.
  const most = snd.mssBytes + (tcb.finSent ? 1 : 0);
  const bytes = Math.min(end - log.startAt(last), most);
  const plan = decideAgain(tcb, end - bytes, bytes);
  plan.reason = 'tail-probe';
  return plan;
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
  const probe = nextProbeBytes(tcb, dataLeft, windowRoom);
  if (probe > 0) {
    const fits = cwndRoom >= probe || flight === 0;
    return fits ? decideOn('mtu-probe', snd.nxt, probe, false) : ackOr(tcb, 'cwnd-full');
  }
  const most = Math.min(dataLeft, windowRoom, largestPayload(tcb), Math.max(cwndRoom, snd.mssBytes));
  let payload = most < dataLeft ? wholeSegments(tcb, most) || most : most;
  // The FIN takes one sequence number of the window too.
  const fin = tcb.finQueued && payload === dataLeft && windowRoom > payload && unsent > payload;
  if (payload === 0 && !fin) return ackOr(tcb, 'window-closed');
  if (payload % snd.mssBytes > 0 && !fin) {
    const held = payload === dataLeft ? heldBack(tcb, sent) : '';
    if (held !== '') {
      // The full segments in front of what has to wait need not.
      payload = wholeSegments(tcb, payload);
      if (payload === 0) return ackOr(tcb, held);
    } else if (payload < dataLeft && !worthSending(tcb, payload)) {
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
  const linkBytes = tcb.link.superSegmentPayloadBytes;
  // Links do not split what has IP options.
  if (linkBytes <= mssBytes || tcb.mss.ipOptionBytes > 0) return mssBytes;
  const superBytes = Math.min(linkBytes, burstBytesMax(tcb));
  return superBytes > mssBytes ? superBytes - (superBytes % mssBytes) : mssBytes;
}

function wholeSegments(tcb: Tcb, bytes: number): number {
  return bytes - (bytes % tcb.snd.mssBytes);
}
