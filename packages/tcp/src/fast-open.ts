/** TCP Fast Open (RFC 7413) inside one connection: data on the SYN, and an answer before the handshake ends. */

import { add, diff, type Seq } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { writeFastOpen } from '@tcpstack/wire/tcp-options';
import { ownHandshake } from './handshake.ts';
import { type FastOpenState, NO_FAST_OPEN } from './handshake-state.ts';
import { MIN_SEND_MSS_BYTES } from './limits.ts';
import { fillFromPending } from './reassembly.ts';
import { type Tcb, WAKE_READ } from './tcb.ts';

/** Options may take so much of a SYN; Linux's `MAX_TCP_OPTION_SPACE`. */
const OPTION_BYTES_MAX = 40;

/** To be written: that of this connection alone. */
export function ownFastOpen(tcb: Tcb): FastOpenState {
  const handshake = ownHandshake(tcb);
  if (handshake.fastOpen === NO_FAST_OPEN) handshake.fastOpen = { ...NO_FAST_OPEN };
  return handshake.fastOpen;
}

/**
 * An active open, before its SYN: with this option, and with data of the user if there is any by then.
 *
 * @param mssBytes What the peer last said; 0 when that is not known.
 * @param isDeferred The SYN waits for data.
 */
export function askFastOpen(tcb: Tcb, cookie: Uint8Array | null, mssBytes: number, isDeferred: boolean): void {
  const fastOpen = ownFastOpen(tcb);
  fastOpen.cookie = cookie;
  fastOpen.isDeferred = isDeferred;
  // What the peer said last, or the default, bounds it (RFC 7413 §4.2.1).
  const most = Math.min(mssBytes === 0 ? tcb.link.defaultSendMssBytes : mssBytes, tcb.mss.pathBytes);
  fastOpen.synDataMax = Math.max(0, most - OPTION_BYTES_MAX);
}

/** The user may write in SYN-SENT or SYN-RECEIVED: how many bytes, 0 when it has to wait. */
export function earlyRoomBytes(tcb: Tcb): number {
  if (tcb.handshake.fastOpen.isOpen) return tcb.sendRing.free;
  return tcb.handshake.fastOpen.isDeferred ? tcb.handshake.fastOpen.synDataMax : 0;
}

/** What the user had to say is there: the SYN leaves. */
export function endDeferral(tcb: Tcb): void {
  if (tcb.handshake.fastOpen.isDeferred) ownFastOpen(tcb).isDeferred = false;
}

/** Writes the option that is due behind the others of a SYN or SYN-ACK; returns the next offset. */
export function writeFastOpenOption(tcb: Tcb, bytes: Uint8Array, at: number): number {
  const { cookie } = tcb.handshake.fastOpen;
  if (cookie === null) return at;
  const fastOpen = ownFastOpen(tcb);
  // A SYN or SYN-ACK that is sent again has no such option, in case that is what was in its way.
  fastOpen.cookie = null;
  fastOpen.isAsked = true;
  return writeFastOpen(bytes, at, cookie, fastOpen.isExperiment);
}

/** Copies the payload of the first SYN behind its header; returns its length. */
export function writeSynData(tcb: Tcb, bytes: Uint8Array, at: number): number {
  const n = Math.min(tcb.sendRing.readable, tcb.handshake.fastOpen.synDataMax);
  if (n === 0 || tcb.state !== 'SYN-SENT' || tcb.snd.nxt !== tcb.snd.iss) return 0;
  tcb.sendRing.peek(0, bytes, at, n);
  ownFastOpen(tcb).synDataBytes = n;
  return n;
}

/**
 * The SYN-ACK, or a crossed SYN, says what became of the payload of our SYN. What it does not acknowledge counts as never
 * sent, and leaves with the ACK (RFC 7413 §3.1, step 4).
 */
export function takeSynDataAck(tcb: Tcb, ack: Seq): void {
  if (tcb.handshake.fastOpen.synDataBytes === 0) return;
  const { snd } = tcb;
  const acked = Math.max(0, diff(ack, snd.iss) - 1);
  ownFastOpen(tcb).synDataAcked = acked;
  tcb.sendRing.discard(acked);
  snd.unaOffset += acked;
  snd.nxt = add(snd.iss, 1 + acked);
  tcb.out.probeEnd = snd.nxt;
}

/** A listener accepts the payload of the SYN that made this connection: it is readable, and the SYN-ACK says so. */
export function takeSynData(tcb: Tcb, seg: Segment): void {
  const { rcv, receiveRing, snd } = tcb;
  ownFastOpen(tcb).isOpen = true;
  snd.maxWnd = Math.max(snd.wnd, MIN_SEND_MSS_BYTES);
  const n = Math.min(seg.payloadEnd - seg.payloadAt, receiveRing.free);
  if (n === 0) return;
  rcv.edge = add(rcv.nxt, n);
  receiveRing.place(0, seg.bytes, seg.payloadAt, seg.payloadAt + n);
  fillFromPending(tcb, n);
  tcb.wake |= WAKE_READ;
}

/** The SYN-ACK left: from here on SND.UNA points into the stream, for an answer may follow at once. */
export function synAckSent(tcb: Tcb): void {
  if (tcb.handshake.fastOpen.isOpen) tcb.snd.una = add(tcb.snd.iss, 1);
}

/** The SYN-ACK is not acknowledged although SND.UNA is beyond it. */
export function awaitsThirdSegment(tcb: Tcb): boolean {
  return tcb.state === 'SYN-RECEIVED' && tcb.handshake.fastOpen.isOpen && tcb.snd.nxt !== tcb.snd.iss;
}
