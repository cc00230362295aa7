/** How a connection ended, as Linux counts it (`Tcp.AttemptFails`, `Tcp.EstabResets`, `TcpExt.TCPAbortOnTimeout`). */

import type { Tcb, TcpError } from './tcb.ts';

/** Before CLOSED is entered. */
export function countEnd(tcb: Tcb, error: TcpError): void {
  const { counters } = tcb.shared;
  // As in Linux, where what a listener has not yet let in is no connection.
  const isHalfOpen = tcb.state === 'SYN-RECEIVED' && tcb.passive && !tcb.handshake.fastOpen.isOpen;
  if (isHalfOpen) return;
  if (error === 'ETIMEDOUT') counters.abortsOnTimeout++;
  switch (tcb.state) {
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      counters.attemptFails++;
      return;
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      counters.establishedResets++;
      return;
    default:
      return;
  }
}
