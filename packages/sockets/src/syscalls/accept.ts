/** accept(2): takes the oldest connection from the accept queue and gives it a descriptor. */

import { EAGAIN, EBADF, EINVAL, EMFILE } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { readinessOf, wake } from '../readiness.ts';
import { createSocket } from '../socket.ts';
import { applyOptions } from './options/tables.ts';

export function sysAccept(kernel: Kernel, fd: number): number {
  const listening = kernel.fds.get(fd);
  if (listening === null) return -EBADF;
  if (listening.listener === null) return -EINVAL;
  const { acceptQueue } = listening.listener;
  if (acceptQueue.length === 0) return -EAGAIN;
  const socket = createSocket(listening.options);
  const accepted = kernel.fds.add(socket);
  // The connection stays in the queue: nothing accepted is lost because a table is full.
  if (accepted < 0) return -EMFILE;
  const connection = acceptQueue.shift();
  if (connection === null) return -EAGAIN;
  connection.listener = null;
  connection.queue = '';
  connection.socket = socket;
  socket.connection = connection;
  socket.localAddress = connection.localAddress;
  socket.localPort = connection.localPort;
  // What the listener was told since the SYN came holds too, so that the socket does what it says.
  applyOptions(connection.tcb, socket.options, true, kernel.nowMs);
  // What arrived before anyone could wait for it is reported now.
  if (readinessOf(socket) !== 0) wake(kernel, socket);
  return accepted;
}
