/** The window we offer: never shrunk, never silly (RFC 9293 §3.8.6). */

import { add, diff } from '@tcpstack/seq/seq';
import type { Tcb } from '../tcb.ts';

/** The largest window that the field can say. */
export function fieldBytesMax(tcb: Tcb): number {
  return 0xffff * 2 ** tcb.rcv.scale;
}

/** Bytes beyond RCV.NXT that the receive buffer could take now and the window field can say. */
export function offerableBytes(tcb: Tcb): number {
  return Math.min(tcb.receiveRing.free, fieldBytesMax(tcb));
}

/**
 * Moves the right edge as far as is allowed and returns the window field, unscaled in a SYN.
 *
 * "The suggested SWS avoidance algorithm for the receiver is to keep RCV.NXT+RCV.WND fixed until the reduction
 * satisfies: RCV.BUFF - RCV.USER - RCV.WND >= min(Fr * RCV.BUFF, Eff.snd.MSS)" — §3.8.6.2.2
 */
export function advertiseWindow(tcb: Tcb, inSyn: boolean): number {
  const { rcv } = tcb;
  const scale = inSyn ? 0 : rcv.scale;
  const room = Math.min(offerableBytes(tcb), 0xffff * 2 ** scale);
  const offered = diff(rcv.edge, rcv.nxt);
  const step = Math.min(tcb.receiveRing.limitBytes / 2, tcb.shared.advertisedMssBytes);
  if (room - offered >= step) {
    // Whole units only: what the field cannot say was not promised.
    rcv.edge = add(rcv.nxt, (room >> scale) << scale);
  }
  // Rounding down may take back less than one unit, which RFC 7323 §2.4 allows; `edge` itself never moves left.
  return Math.min(0xffff, Math.max(0, diff(rcv.edge, rcv.nxt)) >> scale);
}
