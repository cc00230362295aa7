/** One segment that meets one connection, and the questions that the rules ask of the two. Plain numbers: no wraps. */

import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import type { TcpState } from '../../src/state.ts';

/** What both sides know of the connection from the segments that they saw. Our ISS is 0, and so is the peer's. */
export interface View {
  readonly passive: boolean;
  state: TcpState;
  una: number;
  nxt: number;
  rcvNxt: number;
  /** One past the last octet that we offered. */
  rcvEdge: number;
  maxWnd: number;
}

/** A segment and what it meets. */
export interface Case {
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly len: number;
  /** SEG.TSval < TS.Recent, where timestamps are agreed. */
  readonly tsOld: boolean;
  readonly view: View;
}

/** SEG.LEN: "the number of octets occupied by the data in the segment (counting SYN and FIN)" — §3.3.1 */
export function segmentLength({ flags, len }: Pick<Case, 'flags' | 'len'>): number {
  return len + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
}

/** RCV.NXT =< number < RCV.NXT+RCV.WND */
export function inWindow({ view }: Case, number: number): boolean {
  return number >= view.rcvNxt && number < view.rcvEdge;
}

/** Table 6: Segment Acceptability Tests. */
export function isTableAcceptable(c: Case): boolean {
  const length = segmentLength(c);
  const window = c.view.rcvEdge - c.view.rcvNxt;
  if (length === 0) return window === 0 ? c.seq === c.view.rcvNxt : inWindow(c, c.seq);
  return window > 0 && (inWindow(c, c.seq) || inWindow(c, c.seq + length - 1));
}

/** The SYN-ACK of a peer that opened at the same time as we did. */
export function isCrossedSynAck({ flags, seq, view }: Case): boolean {
  return !view.passive && (flags & (SYN | ACK | RST)) === (SYN | ACK) && seq === view.rcvNxt - 1;
}

/** The SYN that made us SYN-RECEIVED, once more. */
export function isRepeatedSyn({ flags, seq, view }: Case): boolean {
  return (flags & SYN) !== 0 && seq === view.rcvNxt - 1;
}

/** A segment refused for its text or FIN alone, because the window is closed. */
export function isZeroWindowAck(c: Case): boolean {
  const closed = c.view.rcvEdge === c.view.rcvNxt;
  return closed && !isTableAcceptable(c) && c.seq === c.view.rcvNxt && (c.flags & (SYN | RST | ACK)) === ACK;
}
