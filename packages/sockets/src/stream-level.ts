/** What a stream socket is ready for: the levels of poll(2), as Linux's `tcp_poll` has them. */

import { diff } from '@tcpstack/seq/seq';
import { canSend, hasReports, hasUrgent, isWritable, readableBytes } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP } from './constants.ts';
import type { Socket } from './socket.ts';

/** `POLL*` bits. */
export function streamLevel(socket: Socket): number {
  if (socket.listener !== null) return socket.listener.acceptQueue.length > 0 ? POLLIN : 0;
  const tcb = socket.connection?.tcb;
  if (tcb === undefined) {
    const bits = POLLOUT | POLLHUP | (socket.shutRead ? POLLIN | POLLRDHUP : 0);
    return socket.pendingErrno === 0 ? bits : bits | POLLERR;
  }
  if (tcb.state === 'SYN-SENT' || (tcb.state === 'SYN-RECEIVED' && !tcb.handshake.fastOpen.isOpen)) {
    // Like Linux: who may put data on the SYN is not kept waiting.
    if (tcb.handshake.fastOpen.isDeferred) return POLLOUT;
    return (hasReports(tcb) ? POLLERR : 0) | (socket.shutRead ? POLLIN | POLLRDHUP : 0);
  }
  let bits = 0;
  const closed = tcb.state === 'CLOSED';
  const peerDone = tcb.rcv.finReceived || socket.shutRead;
  if (hasUrgent(tcb)) bits |= POLLPRI;
  if (peerDone || closed) bits |= POLLIN | POLLRDHUP;
  else if (isStreamReadable(socket, tcb)) bits |= POLLIN;
  if (!canSend(tcb) || isWritable(tcb)) bits |= POLLOUT;
  // Like Linux: who was told that there is no room is told when there is.
  else tcb.awaitsSpace = true;
  if (tcb.error !== '' || hasReports(tcb)) bits |= POLLERR;
  if (closed || (peerDone && tcb.finQueued)) bits |= POLLHUP;
  return bits;
}

/** Whether enough is there: SO_RCVLOWAT bytes, or what there can be while the peer must not send more. */
export function isStreamReadable(socket: Socket, tcb: Tcb): boolean {
  const readable = readableBytes(tcb);
  if (readable === 0 || readable >= socket.options.receiveLowBytes) return readable > 0;
  return diff(tcb.rcv.edge, tcb.rcv.nxt) <= tcb.shared.advertisedMssBytes;
}
