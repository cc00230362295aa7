/** Nagle: small segments wait while something is outstanding (RFC 9293 §3.7.4 [SHLD-7]). */

import type { Tcb } from '../tcb.ts';
import { sendsUrgent } from '../urgent.ts';

/**
 * "If there is unacknowledged data (i.e., SND.NXT > SND.UNA), then the sending TCP endpoint buffers all user data
 * ... until the outstanding data has been acknowledged or until the TCP endpoint can send a full-sized segment";
 * "A TCP implementation MUST allow ... the Nagle algorithm to be disabled" [MUST-17].
 *
 * Without PUSH flags "the TCP implementation MAY aggregate the data internally" [MAY-16], but "MUST NOT buffer data
 * indefinitely" — RFC 9293 §3.9.1.2 [MUST-60]: what waits here leaves with the ACK of what is outstanding.
 * Urgent data does not wait, as in Linux.
 */
export function nagleAllows(tcb: Tcb): boolean {
  return tcb.noDelay || tcb.finQueued || sendsUrgent(tcb) || tcb.snd.una === tcb.snd.nxt;
}
