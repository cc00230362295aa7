/** The two urgent pointers of a connection (RFC 9293 §3.8.5), as stream offsets: those do not wrap. */

import type { Tcb } from './tcb.ts';

/** Part of the TCB. */
export interface UrgentState {
  /** SND.UP: one past the last byte that the user sent as urgent; 0 before the first. */
  sendUp: number;
  /** RCV.UP: one past the last byte that the peer called urgent; 0 before the first. */
  receiveUp: number;
  /** The byte out of band was read already. */
  taken: boolean;
}

function createUrgent(): UrgentState {
  return { sendUp: 0, receiveUp: 0, taken: false };
}

/** That of every connection on which nothing was urgent. */
export const NOTHING_URGENT: Readonly<UrgentState> = createUrgent();

/** To be written: that of this connection alone. */
export function ownUrgent(tcb: Tcb): UrgentState {
  if (tcb.urgent === NOTHING_URGENT) tcb.urgent = createUrgent();
  return tcb.urgent;
}
