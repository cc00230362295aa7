/**
 * The window we offer: never shrunk, never silly (RFC 9293 §3.8.6). A user who does not read keeps it closed for as long
 * as he likes: "A TCP implementation MAY keep its offered receive window closed indefinitely" — §3.8.6.1 [MAY-8].
 */

import { add, diff } from '@tcpstack/seq/seq';
import type { Tcb } from '../tcb.ts';
import { receiveLimitBytes } from '../user-bounds.ts';

/** The largest window that the field can say. */
export function fieldBytesMax(tcb: Tcb): number {
  return 0xffff * 2 ** tcb.rcv.scale;
}

/**
 * The window that may be offered now, in bytes from RCV.NXT on: what is offered already, or more.
 *
 * "The suggested SWS avoidance algorithm for the receiver is to keep RCV.NXT+RCV.WND fixed until the reduction
 * satisfies: RCV.BUFF - RCV.USER - RCV.WND >= min(Fr * RCV.BUFF, Eff.snd.MSS)" — §3.8.6.2.2
 *
 * @param scale Shift of the window field of the segment that will say it.
 */
export function offerableBytes(tcb: Tcb, scale: number): number {
  const offered = Math.max(0, diff(tcb.rcv.edge, tcb.rcv.nxt));
  // Whole units only: what the field cannot say is not promised.
  const room = (Math.min(tcb.receiveRing.free, tcb.wishes.windowBytes, 0xffff * 2 ** scale) >> scale) << scale;
  const shown = (offered >> scale) << scale;
  const step = Math.min(receiveLimitBytes(tcb) / 2, tcb.link.advertisedMssBytes);
  return room > offered && room - shown >= step ? room : offered;
}

/** Moves the right edge as far as is allowed, never to the left [SHLD-14]; returns the window field, unscaled in a SYN. */
export function advertiseWindow(tcb: Tcb, inSyn: boolean): number {
  const scale = inSyn ? 0 : tcb.rcv.scale;
  const window = offerableBytes(tcb, scale);
  tcb.rcv.edge = add(tcb.rcv.nxt, window);
  // Rounding down may say less than what was offered by up to one unit, which RFC 7323 §2.4 allows.
  return Math.min(0xffff, window >> scale);
}
