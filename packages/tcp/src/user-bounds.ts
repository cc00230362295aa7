/** What the user bounds of a connection beside its buffers: `TCP_WINDOW_CLAMP` and `TCP_NOTSENT_LOWAT`. */

import { diff } from '@tcpstack/seq/seq';
import type { Tcb } from './tcb.ts';
import { ownWishes } from './wishes.ts';

/** `TCP_WINDOW_CLAMP`, `Infinity` for none. What was offered already stays so [SHLD-14]. */
export function setWindowClamp(tcb: Tcb, bytes: number): void {
  if (bytes !== tcb.wishes.windowBytes) ownWishes(tcb).windowBytes = bytes;
}

/** The buffer, as far as the user lets the peer see it. */
export function receiveLimitBytes(tcb: Tcb): number {
  return Math.min(tcb.receiveRing.limitBytes, tcb.wishes.windowBytes);
}

/** How many bytes more may wait for their first sending. */
export function notSentRoomBytes(tcb: Tcb): number {
  const most = lowWaterBytes(tcb);
  return most === Infinity ? Infinity : Math.max(0, most - waitingBytes(tcb));
}

/** Enough waits: the user shall come back later. */
export function isFullUnsent(tcb: Tcb): boolean {
  const most = lowWaterBytes(tcb);
  return most !== Infinity && waitingBytes(tcb) >= most;
}

/** It pays to call the user back: as in Linux less than half of what may wait does. */
export function isHalfUnsent(tcb: Tcb): boolean {
  const most = lowWaterBytes(tcb);
  return most === Infinity || waitingBytes(tcb) * 2 < most;
}

function lowWaterBytes(tcb: Tcb): number {
  return tcb.wishes.notSentBytes || tcb.shared.notSentLowBytes;
}

/**
 * Bytes never sent, less what may leave with the next output: Linux, whose writes send, does not see these wait. Negative
 * while more could leave.
 */
function waitingBytes(tcb: Tcb): number {
  const { snd, sendRing, congestion } = tcb;
  const outstanding = diff(snd.nxt, snd.una);
  const leaving = Math.max(0, Math.min(snd.wnd, congestion.cwndBytes) - outstanding);
  return sendRing.readable - outstanding - leaving;
}
