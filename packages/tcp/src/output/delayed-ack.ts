/** When received data is acknowledged: counted in bytes, not packets (RFC 9293 §3.8.6.3; RFC 5681 §4.2). */

import { DELAYED_ACK_MS, QUICK_ACKS } from '../limits.ts';
import type { Tcb } from '../tcb.ts';
import { ownTimers } from '../timers.ts';

/** What the way in which the peer and the user talk tells about ACKs. */
export interface DelayedAckState {
  /** When data last came in order; -Infinity before the first. */
  dataAtMs: number;
  /** The user answers what comes: an ACK will soon have data to ride on (Linux's "pingpong mode"). */
  interactive: boolean;
}

function createDelayedAck(): DelayedAckState {
  return { dataAtMs: -Infinity, interactive: false };
}

/** That of every connection to which nothing came yet. */
export const NOTHING_CAME: Readonly<DelayedAckState> = createDelayedAck();

/** To be written: that of this connection alone. */
function ownDelayedAck(tcb: Tcb): DelayedAckState {
  if (tcb.delayedAck === NOTHING_CAME) tcb.delayedAck = createDelayedAck();
  return tcb.delayedAck;
}

/**
 * `n` new bytes arrived in order: owes an ACK now or soon. "A TCP endpoint SHOULD implement a delayed ACK" — RFC 9293
 * §3.8.6.3 [SHLD-18]. It is only owed here and written with the next output: "the processing of received segments MUST
 * be implemented to aggregate ACK segments whenever possible" — §3.10.7.4 [MUST-58].
 */
export function oweAck(tcb: Tcb, nowMs: number, n: number): void {
  const { out } = tcb;
  const delayedAck = ownDelayedAck(tcb);
  delayedAck.dataAtMs = nowMs;
  out.unackedBytes += n;
  const isQuick = out.quickAcks > 0 && !delayedAck.interactive;
  // "an ACK SHOULD be generated for at least every second full-sized segment or 2*RMSS bytes of new data" [SHLD-19]
  if (isQuick || out.unackedBytes >= 2 * tcb.snd.mssBytes) {
    // By bytes as well: a link may have merged several segments into one.
    if (out.quickAcks > 0) out.quickAcks = Math.max(0, out.quickAcks - Math.ceil(n / tcb.snd.mssBytes));
    out.ackNow = true;
  } else if (tcb.timers.delayedAckAtMs === Infinity) {
    // "the delay MUST be less than 0.5 seconds" [MUST-40]
    ownTimers(tcb).delayedAckAtMs = nowMs + DELAYED_ACK_MS;
  }
}

/** The next `segments` are acknowledged at once: the peer starts, or what it sends is lost on the way. */
export function hurryAcks(tcb: Tcb, segments: number): void {
  if (tcb.delayedAck.interactive) ownDelayedAck(tcb).interactive = false;
  tcb.out.quickAcks = Math.max(tcb.out.quickAcks, segments);
}

/** New data left, perhaps as the answer to what came a moment ago. */
export function noteAnswer(tcb: Tcb, nowMs: number): void {
  if (nowMs - tcb.delayedAck.dataAtMs < DELAYED_ACK_MS) ownDelayedAck(tcb).interactive = true;
}

/** `TCP_QUICKACK`, as in Linux no lasting one: how the two sides talk changes it again. */
export function setQuickAck(tcb: Tcb, on: boolean): void {
  if (!on) {
    ownDelayedAck(tcb).interactive = true;
    return;
  }
  hurryAcks(tcb, QUICK_ACKS);
  if (tcb.out.unackedBytes > 0) tcb.out.ackNow = true;
}

/** A segment with ACK left: nothing is owed any more. */
export function ackSent(tcb: Tcb): void {
  tcb.out.ackNow = false;
  tcb.out.unackedBytes = 0;
  ownTimers(tcb).delayedAckAtMs = Infinity;
  tcb.ts.lastAckSent = tcb.rcv.nxt;
}
