/** Urgent data as the user sends and reads it (RFC 9293 §3.8.5; POSIX's out-of-band data). */

import { diff, type Seq } from '@tcpstack/seq/seq';
import { isSynchronized } from './state.ts';
import type { Tcb } from './tcb.ts';
import { ownUrgent } from './urgent-state.ts';

/** The urgent pointer is a field of 16 bits. */
const POINTER_MAX = 0xffff;

/** What was queued up to now is urgent: "If the URGENT flag is set, then ... set the urgent pointer" — §3.10.2. */
export function markUrgent(tcb: Tcb): void {
  ownUrgent(tcb).sendUp = tcb.snd.unaOffset + tcb.sendRing.readable;
  // A closed window keeps the data back, but not the news of it.
  if (isSynchronized(tcb.state)) tcb.out.ackNow = true;
}

/** Urgent data of ours is not acknowledged yet. */
export function sendsUrgent(tcb: Tcb): boolean {
  return tcb.urgent.sendUp > tcb.snd.unaOffset;
}

/**
 * The urgent pointer of a segment that begins at `at`; 0 when it has none: "The urgent pointer MUST point to the sequence
 * number of the octet following the urgent data" [MUST-62]. An end that is too far for the field is told by what follows.
 */
export function urgentPointerAt(tcb: Tcb, at: Seq): number {
  const { sendUp } = tcb.urgent;
  if (sendUp === 0 || !isSynchronized(tcb.state)) return 0;
  return Math.min(Math.max(0, sendUp - tcb.snd.unaOffset - diff(at, tcb.snd.una)), POINTER_MAX);
}

/**
 * How much urgent data is still to be read, whether it has arrived or not: "The TCP implementation MUST provide a way for
 * the application to learn how much urgent data remains to be read from the connection" [MUST-33].
 */
export function urgentBytes(tcb: Tcb): number {
  const { urgent } = tcb;
  const remaining = urgent.receiveUp - consumedOffset(tcb);
  if (remaining <= 0) return 0;
  // Nothing follows the FIN: a pointer beyond it was wrong.
  return tcb.rcv.finReceived ? Math.min(remaining, tcb.receiveRing.readable) : remaining;
}

/** Stream offset of the next byte that the user reads. */
function consumedOffset(tcb: Tcb): number {
  return tcb.rcv.nxtOffset - tcb.receiveRing.readable;
}

/** Bytes to the mark, which stands before the last urgent byte; -1 when there is none ahead. */
export function bytesToMark(tcb: Tcb): number {
  const { receiveUp } = tcb.urgent;
  return receiveUp === 0 ? -1 : Math.max(-1, receiveUp - 1 - consumedOffset(tcb));
}

/** Bytes of the stream that can be read now: all but one that is kept out of it. */
export function readableBytes(tcb: Tcb): number {
  const { readable } = tcb.receiveRing;
  return readable > 0 && !tcb.urgentInline && bytesToMark(tcb) === 0 ? readable - 1 : readable;
}

/**
 * How many of `most` bytes one RECEIVE may take: "data following the urgent pointer (non-urgent data) cannot be delivered
 * to the user in the same buffer with preceding urgent data" — §3.9.1.3. It stops at the mark, too.
 */
export function bytesInOneRead(tcb: Tcb, most: number): number {
  const toMark = bytesToMark(tcb);
  if (toMark < 0) return most;
  return Math.min(most, toMark === 0 ? 1 : toMark);
}

/** Like RECEIVE, but the bytes stay. */
export function peek(tcb: Tcb, into: Uint8Array, at: number, end: number): number {
  const { receiveRing } = tcb;
  const n = peekableBytes(tcb, end - at);
  receiveRing.peek(receiveRing.readable - readableBytes(tcb), into, at, n);
  return n;
}

/** How many of `most` bytes `peek` gives. */
export function peekableBytes(tcb: Tcb, most: number): number {
  const readable = readableBytes(tcb);
  const isPastMark = tcb.receiveRing.readable > readable;
  return Math.min(isPastMark ? most : bytesInOneRead(tcb, most), readable);
}

/** Steps over the byte that is kept out of the stream; true when there was one. */
export function skipOutOfBand(tcb: Tcb): boolean {
  if (tcb.urgentInline || tcb.receiveRing.readable === 0 || bytesToMark(tcb) !== 0) return false;
  tcb.receiveRing.discard(1);
  return true;
}

/**
 * Reads the byte out of band to `into[at]`.
 *
 * @returns 'none' when there is none, or it was read, or it stays in the stream; 'awaited' when it has not arrived.
 */
export function receiveUrgent(tcb: Tcb, into: Uint8Array, at: number, keeps: boolean): 'read' | 'awaited' | 'none' {
  const { urgent } = tcb;
  const ahead = bytesToMark(tcb);
  if (ahead < 0 || tcb.urgentInline || urgent.taken) return 'none';
  if (ahead >= tcb.receiveRing.readable) return 'awaited';
  tcb.receiveRing.peek(ahead, into, at, 1);
  if (!keeps) ownUrgent(tcb).taken = true;
  return 'read';
}

/** The user is in "urgent mode", and has not taken the byte that it is about. */
export function hasUrgent(tcb: Tcb): boolean {
  return !tcb.urgent.taken && urgentBytes(tcb) > 0;
}
