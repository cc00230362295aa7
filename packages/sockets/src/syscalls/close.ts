/** close(2): the descriptor is gone; the connection ends in order, or by a reset where data would be lost. */

import { abortConnection } from '../connections.ts';
import { removeWatch } from '../epoll.ts';
import { EBADF } from '../errno.ts';
import type { File } from '../file.ts';
import { leaveAllGroups } from '../groups.ts';
import type { Kernel } from '../kernel.ts';
import type { Listener } from '../listener.ts';
import { orphan } from '../orphans.ts';
import type { Socket } from '../socket.ts';

export function sysClose(kernel: Kernel, fd: number): number {
  const { fds } = kernel;
  if (fds.file(fd) === null) return -EBADF;
  const file = fds.remove(fd);
  if (file.owner === null) closeFile(kernel, file);
  return 0;
}

/** The last descriptor is gone: so is the file, and every watch on it. */
function closeFile(kernel: Kernel, file: File): void {
  kernel.use.openFiles--;
  kernel.use.epollWatches -= file.watches.length;
  for (const watch of file.watches) removeWatch(watch);
  if (file.kind === 'socket') {
    closeSocket(kernel, file);
    return;
  }
  kernel.use.epollWatches -= file.all.size;
  for (const watch of file.all) removeWatch(watch);
}

function closeSocket(kernel: Kernel, socket: Socket): void {
  const { datagrams } = socket;
  if (socket.bound) (datagrams === null ? kernel.ports : kernel.datagramPorts).release(socket);
  if (datagrams !== null) {
    datagrams.queue.release();
    if (datagrams.groups.length > 0) leaveAllGroups(kernel, datagrams);
  }
  if (socket.listener !== null) closeListener(kernel, socket.listener);
  const connection = socket.connection;
  socket.listener = null;
  socket.connection = null;
  if (connection?.listed === true) orphan(kernel, socket, connection);
  else if (connection !== null) {
    connection.socket = null;
    connection.tcb.receiveRing.release();
  }
}

/** Connections that no one accepted are reset, so that their peers know. */
export function closeListener(kernel: Kernel, listener: Listener): void {
  for (const connection of [...listener.synQueue.values(), ...listener.acceptQueue.values()]) {
    abortConnection(kernel, connection);
  }
}
