/** write(2) on a stream socket: SEND of RFC 9293 §3.10.3. May take fewer bytes than it was given. */

import { canSend, send } from '@tcpstack/tcp/connection';
import { markDirty } from '../connections.ts';
import { EAGAIN, EBADF, EINVAL, EPIPE } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { takeError } from './read.ts';

export function sysWrite(kernel: Kernel, fd: number, from: Uint8Array, at: number, end: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return -EBADF;
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
  const n = send(tcb, from, at, end);
  if (n === 0) return -EAGAIN;
  markDirty(kernel, connection);
  return n;
}
