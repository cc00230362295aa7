/** What a stream socket is ready for: the levels of poll(2), as Linux's `tcp_poll` has them. */

import { canSend, hasReports, hasUrgent, isWritable, readableBytes } from '@tcpstack/tcp/connection';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP } from './constants.ts';
import type { Socket } from './socket.ts';

/** `POLL*` bits. */
export function streamLevel(socket: Socket): number {
  if (socket.listener !== null) return socket.listener.acceptQueue.length > 0 ? POLLIN : 0;
  const tcb = socket.connection?.tcb;
  if (tcb === undefined) return POLLOUT | POLLHUP;
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') return hasReports(tcb) ? POLLERR : 0;
  let bits = 0;
  const closed = tcb.state === 'CLOSED';
  const peerDone = tcb.rcv.finReceived || socket.shutRead;
  if (hasUrgent(tcb)) bits |= POLLPRI;
  if (readableBytes(tcb) > 0 || peerDone || closed) bits |= POLLIN;
  if (peerDone || closed) bits |= POLLRDHUP;
  if (!canSend(tcb) || isWritable(tcb)) bits |= POLLOUT;
  if (tcb.error !== '' || hasReports(tcb)) bits |= POLLERR;
  if (closed || (peerDone && tcb.finQueued)) bits |= POLLHUP;
  return bits;
}
