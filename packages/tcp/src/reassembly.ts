/** Moves RCV.NXT over new bytes and over what waited out of order behind them. */

import { add, lt } from '@tcpstack/seq/seq';
import type { Tcb } from './tcb.ts';

/** `n` bytes were placed at RCV.NXT. Returns whether out-of-order data is, or was, waiting. */
export function fillFromPending(tcb: Tcb, n: number): boolean {
  const { rcv, pending } = tcb;
  let total = n;
  const waiting = pending !== null && pending.size > 0;
  if (waiting) {
    // A large segment may cover several ranges, and reach into the last of them.
    for (let i = 0; i < pending.size && pending.startAt(i) <= rcv.nxtOffset + total; i++) {
      total = Math.max(total, pending.endAt(i) - rcv.nxtOffset);
    }
    pending.removeBelow(rcv.nxtOffset + total);
  }
  tcb.receiveRing.extend(total);
  stepOverText(tcb, total);
  return waiting;
}

/** RCV.NXT steps over `n` bytes that the user can read now. */
export function stepOverText({ rcv }: Tcb, n: number): void {
  rcv.nxt = add(rcv.nxt, n);
  rcv.nxtOffset += n;
}

/** Whether all bytes before the peer's FIN have arrived. */
export function reachedFin(tcb: Tcb): boolean {
  return tcb.rcv.finOffset >= 0 && tcb.rcv.nxtOffset === tcb.rcv.finOffset;
}

/** RCV.NXT steps over the FIN; the offered edge never lies behind it. */
export function stepOverFin(tcb: Tcb): void {
  const { rcv } = tcb;
  rcv.nxt = add(rcv.nxt, 1);
  rcv.finReceived = true;
  if (lt(rcv.edge, rcv.nxt)) rcv.edge = rcv.nxt;
  tcb.pending?.clear();
}
