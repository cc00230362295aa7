/** The sender's silly window avoidance (RFC 9293 §3.8.6.2.1 [MUST-38]). */

import type { Tcb } from '../tcb.ts';

/**
 * Whether a segment that is neither full nor the last of the data is worth sending: "(3) or if at least a fraction
 * Fs of the maximum window can be sent, i.e., if: [PUSHed and] min(D,U) >= Fs * Max(SND.WND)", with Fs 1/2.
 */
export function worthSending(tcb: Tcb, payloadBytes: number): boolean {
  return payloadBytes * 2 >= tcb.snd.maxWnd;
}
