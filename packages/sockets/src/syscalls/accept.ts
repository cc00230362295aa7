/** accept(2) and accept4(2): takes the oldest connection from the accept queue and gives it a descriptor. */

import { SOCK_CLOEXEC, SOCK_NONBLOCK } from '../constants.ts';
import { EAGAIN, EBADF, EINVAL, EOPNOTSUPP } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { readinessOf, wake } from '../readiness.ts';
import { createSocket } from '../socket.ts';
import { mayOpen, notSocket, openFile } from './descriptor.ts';
import { applyOptions } from './options/tables.ts';

export function sysAccept(kernel: Kernel, fd: number, flags: number): number {
  if (kernel.fds.file(fd) === null) return -EBADF;
  if ((flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) !== 0) return -EINVAL;
  // As in Linux a descriptor is looked for first. The connection stays in the queue: nothing accepted is lost because a
  // table is full.
  const refused = mayOpen(kernel);
  if (refused < 0) return refused;
  const listening = kernel.fds.get(fd);
  if (listening === null) return notSocket(kernel, fd);
  if (listening.datagrams !== null) return -EOPNOTSUPP;
  if (listening.listener === null) return -EINVAL;
  const connection = listening.listener.acceptQueue.shift();
  if (connection === null) return -EAGAIN;
  const socket = createSocket(listening.options, listening.domain);
  // Of a listener alone, as in Linux.
  if (socket.options.fastOpenBacklog !== 0) socket.options = { ...socket.options, fastOpenBacklog: 0 };
  socket.statusFlags |= flags & SOCK_NONBLOCK;
  const accepted = openFile(kernel, socket, (flags & SOCK_CLOEXEC) !== 0);
  connection.listener = null;
  connection.queue = '';
  connection.socket = socket;
  socket.connection = connection;
  socket.stage = 'connected';
  socket.localAddress = connection.localAddress;
  socket.localPort = connection.localPort;
  // What the listener was told since the SYN came holds too, so that the socket does what it says.
  applyOptions(connection, socket.options, true, kernel.nowMs);
  // What arrived before anyone could wait for it is reported now.
  if (readinessOf(socket) !== 0) wake(kernel, socket);
  return accepted;
}
