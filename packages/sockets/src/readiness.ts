/** When a descriptor is ready, and for what: the levels of poll(2). */

import { canSend, hasReports, hasUrgent, isWritable, readableBytes } from '@tcpstack/tcp/connection';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP } from './constants.ts';
import type { Kernel } from './kernel.ts';
import type { Socket } from './socket.ts';

/** Something happened to `socket`: `pollReady` reports it once. */
export function wake(kernel: Kernel, socket: Socket): void {
  if (socket.readyQueued) return;
  socket.readyQueued = true;
  kernel.ready.push(socket);
}

/** What `socket` is ready for now, as `POLL*` bits. */
export function readinessOf(socket: Socket): number {
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
