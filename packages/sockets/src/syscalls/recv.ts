/** recv(2) on a stream socket: read(2), and with flags a look ahead, or the byte out of band. */

import { peek, receiveUrgent } from '@tcpstack/tcp/connection';
import { MSG_DONTWAIT, MSG_OOB, MSG_PEEK } from '../constants.ts';
import { EINVAL, ENOTCONN, EOPNOTSUPP } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { notSocket } from './descriptor.ts';
import { nothingToRead, sysRead } from './read.ts';

export function sysRecv(kernel: Kernel, fd: number, into: Uint8Array, at: number, end: number, flags: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if ((flags & ~(MSG_OOB | MSG_PEEK | MSG_DONTWAIT)) !== 0) return -EOPNOTSUPP;
  const keeps = (flags & MSG_PEEK) !== 0;
  const isUrgent = (flags & MSG_OOB) !== 0;
  if (!keeps && !isUrgent) return sysRead(kernel, fd, into, at, end);
  if (socket.connection === null) return -ENOTCONN;
  if (!(at >= 0 && at <= end && end <= into.length)) return -EINVAL;
  return isUrgent ? recvUrgent(socket, into, at, end, keeps) : recvPeek(socket, into, at, end);
}

function recvPeek(socket: Socket, into: Uint8Array, at: number, end: number): number {
  const tcb = socket.connection?.tcb;
  if (tcb === undefined || at === end) return 0;
  const n = peek(tcb, into, at, end);
  return n > 0 ? n : nothingToRead(socket, tcb);
}

/** Like Linux: EINVAL when there is none, EAGAIN when it was announced and has not arrived. */
function recvUrgent(socket: Socket, into: Uint8Array, at: number, end: number, keeps: boolean): number {
  const tcb = socket.connection?.tcb;
  if (tcb === undefined || at === end) return -EINVAL;
  switch (receiveUrgent(tcb, into, at, keeps)) {
    case 'read':
      return 1;
    case 'awaited':
      return nothingToRead(socket, tcb);
    case 'none':
      return -EINVAL;
  }
}
