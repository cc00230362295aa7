/** When received data is acknowledged: counted in bytes, not packets (RFC 9293 §3.8.6.3; RFC 5681 §4.2). */

import { DELAYED_ACK_MS } from '../limits.ts';
import type { Tcb } from '../tcb.ts';

/**
 * `n` new bytes arrived in order: owes an ACK now or soon. "A TCP endpoint SHOULD implement a delayed ACK" — RFC 9293
 * §3.8.6.3 [SHLD-18]. It is only owed here and written with the next output: "the processing of received segments MUST
 * be implemented to aggregate ACK segments whenever possible" — §3.10.7.4 [MUST-58].
 */
export function oweAck(tcb: Tcb, nowMs: number, n: number): void {
  const { out } = tcb;
  out.unackedBytes += n;
  // "an ACK SHOULD be generated for at least every second full-sized segment or 2*RMSS bytes of new data" [SHLD-19]
  if (out.quickAcks > 0 || out.unackedBytes >= 2 * tcb.snd.mssBytes) {
    // By bytes as well: a link may have merged several segments into one.
    out.quickAcks = Math.max(0, out.quickAcks - Math.ceil(n / tcb.snd.mssBytes));
    out.ackNow = true;
  } else if (tcb.timers.delayedAckAtMs === Infinity) {
    // "the delay MUST be less than 0.5 seconds" [MUST-40]
    tcb.timers.delayedAckAtMs = nowMs + DELAYED_ACK_MS;
  }
}

/** A segment with ACK left: nothing is owed any more. */
export function ackSent(tcb: Tcb): void {
  tcb.out.ackNow = false;
  tcb.out.unackedBytes = 0;
  tcb.timers.delayedAckAtMs = Infinity;
  tcb.ts.lastAckSent = tcb.rcv.nxt;
}
