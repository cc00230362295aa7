/** When small segments wait: Nagle's algorithm (RFC 9293 §3.7.4 [SHLD-7]) with Minshall's variation, and the cork. */

import { diff } from '@tcpstack/seq/seq';
import { CORK_MS } from '../limits.ts';
import type { Tcb } from '../tcb.ts';
import { ownTimers } from '../timers.ts';
import { sendsUrgent } from '../urgent.ts';

/** What keeps small segments back. Offsets are of the sent stream. */
export interface NagleState {
  /** The user says that more will follow at once (`TCP_CORK`). */
  corked: boolean;
  /** The same, said with the last bytes (`MSG_MORE`). */
  more: boolean;
  /** Where the last small segment that was sent ended. */
  smallEndOffset: number;
  /** What lay before this when it was pushed leaves, whatever its size. */
  pushedOffset: number;
}

function createNagle(): NagleState {
  return { corked: false, more: false, smallEndOffset: 0, pushedOffset: 0 };
}

/** That of every connection on which nothing was kept back. */
export const NOTHING_HELD: Readonly<NagleState> = createNagle();

/** To be written: that of this connection alone. */
function ownNagle(tcb: Tcb): NagleState {
  if (tcb.nagle === NOTHING_HELD) tcb.nagle = createNagle();
  return tcb.nagle;
}

/** Whether it remembers a small segment and nothing else; for a connection on which nothing is outstanding. */
export function remembersSmall({ nagle }: Tcb): boolean {
  return nagle !== NOTHING_HELD && !nagle.corked && !nagle.more;
}

/** Of which nothing follows once it is acknowledged. */
export function forgetSmall(tcb: Tcb): void {
  tcb.nagle = NOTHING_HELD;
}

/**
 * Why the last bytes of the queue, less than a full segment, have to wait; '' when they may leave.
 *
 * Without PUSH flags "the TCP implementation MAY aggregate the data internally" [MAY-16], but "MUST NOT buffer data
 * indefinitely" — RFC 9293 §3.9.1.2 [MUST-60]: what waits here leaves with the ACK of what is outstanding, or with the
 * end of the cork. Urgent data does not wait, as in Linux.
 *
 * @param sent Bytes that are outstanding.
 */
export function heldBack(tcb: Tcb, sent: number): '' | 'nagle' | 'corked' {
  const { nagle, snd } = tcb;
  if (tcb.finQueued || sendsUrgent(tcb) || nagle.pushedOffset > snd.unaOffset + sent) return '';
  if (nagle.corked || nagle.more) return 'corked';
  // "there MUST be a way for an application to disable the Nagle algorithm on an individual connection" [MUST-17]
  if (tcb.noDelay) return '';
  // Nagle lets a small segment wait for everything outstanding; Minshall, and Linux, only for an earlier small one. So
  // the last part of a large write need not wait for a delayed ACK of the rest: "some implementations use minor
  // variations of the Nagle algorithm, such as the one described in Appendix A.3" — §3.7.4
  return nagle.smallEndOffset > snd.unaOffset ? 'nagle' : '';
}

/** New data was sent, up to SND.NXT; `isSmall` when its last segment is not full. */
export function noteNewData(tcb: Tcb, isSmall: boolean): void {
  const { snd } = tcb;
  ownTimers(tcb).corkAtMs = Infinity;
  if (isSmall) ownNagle(tcb).smallEndOffset = snd.unaOffset + diff(snd.nxt, snd.una);
}

/** What is queued now leaves, also through the cork. */
export function push(tcb: Tcb): void {
  if (tcb.sendRing.readable > 0) ownNagle(tcb).pushedOffset = tcb.snd.unaOffset + tcb.sendRing.readable;
  ownTimers(tcb).corkAtMs = Infinity;
}

/** `TCP_NODELAY`. Like in Linux the cork is stronger, but what is queued when this is set leaves through it. */
export function setNoDelay(tcb: Tcb, on: boolean): void {
  tcb.noDelay = on;
  if (on) push(tcb);
}

/** `TCP_CORK`. What was kept back is subject to Nagle again once it is off. */
export function setCork(tcb: Tcb, on: boolean): void {
  if (tcb.nagle.corked !== on) ownNagle(tcb).corked = on;
  if (!on) ownTimers(tcb).corkAtMs = Infinity;
}

/** `MSG_MORE`: the cork for what was queued last. */
export function setMore(tcb: Tcb, on: boolean): void {
  if (tcb.nagle.more === on) return;
  ownNagle(tcb).more = on;
  if (!on && !tcb.nagle.corked) ownTimers(tcb).corkAtMs = Infinity;
}

/** Only the cork keeps something back: not for ever. */
export function armCork(tcb: Tcb, nowMs: number): void {
  if (tcb.timers.corkAtMs === Infinity) ownTimers(tcb).corkAtMs = nowMs + CORK_MS;
}
