/** Second check: the RST bit (RFC 9293 §3.10.7.4; RFC 5961 §3). */

import type { Segment } from '@tcpstack/wire/segment';
import type { Tcb, TcpError } from '../tcb.ts';
import { endConnection } from '../timeouts.ts';
import { challenge } from './challenge.ts';

/**
 * Takes an acceptable segment with RST. Nobody looks at its text: "TCP implementations SHOULD allow a received RST
 * segment to include data" — RFC 9293 §3.5.3 [SHLD-2].
 */
export function arriveReset(tcb: Tcb, seg: Segment, nowMs: number): void {
  // "If the RST bit is set and the sequence number does not exactly match the next expected sequence value, yet is
  // within the current receive window, TCP endpoints MUST send an acknowledgment (challenge ACK)" — RFC 5961 §3.2
  if (seg.seq !== tcb.rcv.nxt) {
    tcb.shared.counters.resetChallenges++;
    challenge(tcb, nowMs);
    return;
  }
  // "Ignore RST segments in TIME-WAIT state": an old duplicate would otherwise end it, by way of the peer's answer to
  // our ACK — RFC 1337 §3 (F1)
  if (tcb.state === 'TIME-WAIT' && tcb.shared.rfc1337) {
    tcb.shared.counters.timeWaitResets++;
    return;
  }
  tcb.shared.counters.resetsReceived++;
  switch (tcb.state) {
    case 'SYN-RECEIVED':
      if (tcb.passive && !tcb.handshake.fastOpen.isOpen) tcb.shared.counters.embryonicResetsReceived++;
      // "If this connection was initiated with a passive OPEN ... return this connection to LISTEN": its own TCB
      // just goes; "active OPEN ... the connection was refused".
      endConnection(tcb, errorInHandshake(tcb));
      return;
    case 'CLOSE-WAIT':
      endConnection(tcb, 'EPIPE');
      return;
    case 'CLOSING':
    case 'LAST-ACK':
    case 'TIME-WAIT':
      // "enter the CLOSED state, delete the TCB, and return": nothing to report.
      endConnection(tcb, '');
      return;
    default:
      endConnection(tcb, 'ECONNRESET');
  }
}

function errorInHandshake(tcb: Tcb): TcpError {
  if (!tcb.passive) return 'ECONNREFUSED';
  // With Fast Open the user has it already.
  return tcb.handshake.fastOpen.isOpen ? 'ECONNRESET' : 'ECONNABORTED';
}
