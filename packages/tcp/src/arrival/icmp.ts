/** An ICMP error about one of our segments (RFC 9293 §3.9.2.2). */

import { le, lt, type Seq } from '@tcpstack/seq/seq';
import { isSynchronized } from '../state.ts';
import type { Tcb, TcpError } from '../tcb.ts';
import { endConnection } from '../timeouts.ts';

/**
 * Whether the segment that an error quotes may still be on its way; the others are counted. Only who sees our segments
 * can name such a number: SND.UNA =< SEG.SEQ < SND.NXT (RFC 5927 §4.1).
 */
export function isOutstanding(tcb: Tcb, quoted: Seq): boolean {
  const { una, nxt } = tcb.snd;
  if (tcb.state !== 'CLOSED' && le(una, quoted) && lt(quoted, nxt)) return true;
  tcb.shared.counters.icmpOutOfWindow++;
  return false;
}

/** Takes an error about a segment that is outstanding. */
export function icmpArrives(tcb: Tcb, isHard: boolean, error: TcpError): void {
  // "These are hard error conditions, so TCP implementations SHOULD abort the connection (SHLD-26). [RFC 5461] notes that
  // some implementations do not abort connections when an ICMP hard error is received for a connection that is in any of
  // the synchronized states."
  // Deviation: we are one of them, as Linux is: a forged or mistaken message must not end what works (RFC 5927 §5.2).
  if (isHard && !isSynchronized(tcb.state)) {
    endConnection(tcb, error);
    return;
  }
  // "Since these Unreachable messages indicate soft error conditions, a TCP implementation MUST NOT abort the connection
  // (MUST-56), and it SHOULD make the information available to the application (SHLD-25)."
  tcb.softError = error;
}
