/** close(2): the descriptor is gone; the connection ends in order, or by a reset where data would be lost. */

import { armFinWait2, closeSend } from '@tcpstack/tcp/connection';
import type { Connection } from '../connection.ts';
import { abortConnection, afterActivity } from '../connections.ts';
import { removeWatch } from '../epoll.ts';
import { EBADF } from '../errno.ts';
import type { File } from '../file.ts';
import type { Kernel } from '../kernel.ts';
import type { Listener } from '../listener.ts';
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
  if (socket.bound) kernel.ports.release(socket);
  if (socket.listener !== null) closeListener(kernel, socket.listener);
  const connection = socket.connection;
  socket.listener = null;
  socket.connection = null;
  if (connection !== null) letGo(kernel, socket, connection);
}

/** Connections that no one accepted are reset, so that their peers know. */
function closeListener(kernel: Kernel, listener: Listener): void {
  for (const connection of [...listener.synQueue.values(), ...listener.acceptQueue.values()]) {
    abortConnection(kernel, connection);
  }
}

function letGo(kernel: Kernel, socket: Socket, connection: Connection): void {
  const { tcb } = connection;
  connection.socket = null;
  if (!connection.listed) {
    tcb.receiveRing.release();
    return;
  }
  // "If the application closes ... while received data is still pending in TCP, ... its TCP SHOULD send a RST to
  // show that data was lost" — RFC 9293 §3.6.1 [SHLD-3]; SO_LINGER with 0 seconds asks for the same.
  if (tcb.receiveRing.readable > 0 || (socket.options.lingers && socket.options.lingerSeconds === 0)) {
    abortConnection(kernel, connection);
    return;
  }
  // "A host MAY implement a 'half-duplex' TCP close sequence, so that an application that has called CLOSE cannot
  // continue to read" — §3.6.1 [MAY-1]: shutdown(2) is the other one.
  tcb.orphan = true;
  tcb.noReader = true;
  closeSend(tcb);
  if (tcb.state === 'FIN-WAIT-2') armFinWait2(tcb, kernel.nowMs);
  afterActivity(kernel, connection);
}
