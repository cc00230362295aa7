/** write(2) and send(2) on a stream socket: SEND of RFC 9293 §3.10.3. May take fewer bytes than it was given. */

import { canSend, send, sendUrgent } from '@tcpstack/tcp/connection';
import { markDirty } from '../connections.ts';
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB } from '../constants.ts';
import { EAGAIN, EINVAL, EOPNOTSUPP, EPIPE } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { notSocket } from './descriptor.ts';
import { takeError } from './read.ts';

/** Flags that ask for what is so anyway. */
const MEANINGLESS = MSG_DONTWAIT | MSG_NOSIGNAL;

export function sysSend(kernel: Kernel, fd: number, from: Uint8Array, at: number, end: number, flags: number): number {
  if ((flags & ~(MSG_OOB | MEANINGLESS)) !== 0) {
    return kernel.fds.get(fd) === null ? notSocket(kernel, fd) : -EOPNOTSUPP;
  }
  return sysWrite(kernel, fd, from, at, end, (flags & MSG_OOB) !== 0);
}

export function sysWrite(
  kernel: Kernel,
  fd: number,
  from: Uint8Array,
  at: number,
  end: number,
  urgent: boolean,
): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  const connection = socket.connection;
  // Like Linux: a socket that cannot send, a listener too, is a broken pipe.
  if (connection === null) return -EPIPE;
  if (!(at >= 0 && at <= end && end <= from.length)) return -EINVAL;
  const error = takeError(socket);
  if (error !== 0) return -error;
  const { tcb } = connection;
  if (!canSend(tcb)) return -EPIPE;
  if (at === end) return 0;
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') {
    tcb.awaitsSpace = true;
    return -EAGAIN;
  }
  const n = urgent ? sendUrgent(tcb, from, at, end) : send(tcb, from, at, end);
  if (n === 0) return -EAGAIN;
  markDirty(kernel, connection);
  return n;
}
