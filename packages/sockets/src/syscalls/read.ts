/** read(2) on a stream socket: RECEIVE of RFC 9293 §3.10.4. */

import { receive } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';
import { markDirty } from '../connections.ts';
import { EAGAIN, EINVAL, ENOTCONN, errnoOf } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { notSocket } from './descriptor.ts';

export function sysRead(kernel: Kernel, fd: number, into: Uint8Array, at: number, end: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  const connection = socket.connection;
  if (connection === null) return -ENOTCONN;
  if (!(at >= 0 && at <= end && end <= into.length)) return -EINVAL;
  if (at === end) return 0;
  const { tcb } = connection;
  if (tcb.receiveRing.readable > 0) {
    const n = receive(tcb, into, at, end);
    if (tcb.out.ackNow && connection.listed) markDirty(kernel, connection);
    // All that was left may be a byte that is kept out of the stream.
    if (n > 0) return n;
  }
  return nothingToRead(socket, tcb);
}

/** Why there is nothing: the error, once; 0 for the end of the stream; or not yet. */
export function nothingToRead(socket: Socket, tcb: Tcb): number {
  // "the local application MUST be informed whether it closed normally or was aborted" — RFC 9293 §3.6 [MUST-12]: 0 for
  // the one, an error for the other.
  const error = takeError(socket);
  if (error !== 0) return -error;
  if (tcb.rcv.finReceived || tcb.state === 'CLOSED' || socket.shutRead) return 0;
  return -EAGAIN;
}

/** What the network said of a connection that is still open, as a positive errno, cleared; 0 when nothing. */
export function takeSoftError(socket: Socket): number {
  const tcb = socket.connection?.tcb;
  if (tcb === undefined || tcb.softError === '') return 0;
  const error = errnoOf(tcb.softError);
  tcb.softError = '';
  return error;
}

/** The pending error of a socket as a positive errno, cleared; 0 when there is none. */
export function takeError(socket: Socket): number {
  const tcb = socket.connection?.tcb;
  if (tcb === undefined || tcb.error === '') return 0;
  const error = errnoOf(tcb.error);
  tcb.error = '';
  return error;
}
