/** write(2), send(2) and sendto(2) on a stream socket: SEND of RFC 9293 §3.10.3. May take fewer bytes than it was given. */

import { canSend, earlyRoomBytes, endDeferral, send, sendUrgent, setMore } from '@tcpstack/tcp/connection';
import type { Connection } from '../connection.ts';
import { markDirty } from '../connections.ts';
import { MSG_MORE, MSG_OOB } from '../constants.ts';
import { EAGAIN, EINVAL, EPIPE } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { sendTo } from './datagram-send.ts';
import { notReadable, notSocket } from './descriptor.ts';
import { takeError } from './errors.ts';

export function sysWrite(kernel: Kernel, fd: number, from: Uint8Array, at: number, end: number): number {
  return kernel.fds.get(fd) === null ? notReadable(kernel, fd) : sysSend(kernel, fd, from, at, end, 0);
}

/** Also sendto(): like Linux, a stream has its destination, and passes over another and over flags that it does not know. */
export function sysSend(kernel: Kernel, fd: number, from: Uint8Array, at: number, end: number, flags: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (!(at >= 0 && at <= end && end <= from.length)) return -EINVAL;
  const { datagrams } = socket;
  if (datagrams !== null) return sendTo(kernel, socket, datagrams, [from.subarray(at, end)], flags, null);
  return writeStream(kernel, socket, from, at, end, flags);
}

/** Takes bytes of `from[at, end)`: how many, or a negative errno. */
export function writeStream(
  kernel: Kernel,
  socket: Socket,
  from: Uint8Array,
  at: number,
  end: number,
  flags: number,
): number {
  const error = takeError(socket);
  if (error !== 0) return -error;
  const { connection } = socket;
  // Like Linux: a socket that cannot send, a listener too, is a broken pipe.
  if (connection === null || !canSend(connection.tcb)) return -EPIPE;
  const { tcb } = connection;
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') {
    return writeEarly(kernel, connection, from, at, end);
  }
  if (at === end) return 0;
  const n = (flags & MSG_OOB) !== 0 ? sendUrgent(tcb, from, at, end) : send(tcb, from, at, end);
  if (n === 0) return -EAGAIN;
  setMore(tcb, (flags & MSG_MORE) !== 0);
  markDirty(kernel, connection);
  return n;
}

/** Before the handshake ends only Fast Open lets bytes out: on the SYN, or as the answer to what came on one. */
function writeEarly(kernel: Kernel, connection: Connection, from: Uint8Array, at: number, end: number): number {
  const { tcb } = connection;
  const room = earlyRoomBytes(tcb);
  const n = send(tcb, from, at, Math.min(end, at + room));
  // Without it even no bytes at all have to wait, as in Linux.
  if (n === 0 && (at < end || room === 0)) {
    tcb.awaitsSpace = true;
    return -EAGAIN;
  }
  endDeferral(tcb);
  markDirty(kernel, connection);
  return n;
}
