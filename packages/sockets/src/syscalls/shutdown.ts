/** shutdown(2): closes one direction or both, the descriptor stays. */

import { closeSend, endConnection } from '@tcpstack/tcp/connection';
import type { Connection } from '../connection.ts';
import { afterActivity } from '../connections.ts';
import { SHUT_RD, SHUT_RDWR, SHUT_WR } from '../constants.ts';
import type { Datagrams } from '../datagrams.ts';
import { ECONNRESET, EINVAL, ENOTCONN } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { wake } from '../readiness.ts';
import type { Socket } from '../socket.ts';
import { closeListener } from './close.ts';
import { notSocket } from './descriptor.ts';
import { disconnect } from './disconnect.ts';

export function sysShutdown(kernel: Kernel, fd: number, how: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -EINVAL;
  const outcome = shut(kernel, socket, how);
  // Like Linux: "Wake up anyone sleeping in poll", whatever came of it.
  wake(kernel, socket);
  return outcome;
}

function shut(kernel: Kernel, socket: Socket, how: number): number {
  const { listener, connection, datagrams } = socket;
  if (datagrams !== null) return shutDatagrams(socket, datagrams, how);
  if (listener !== null) {
    // There is nothing to send; and who does not receive does not listen.
    if (how !== SHUT_WR) closeListener(kernel, listener);
    if (how !== SHUT_WR) socket.listener = null;
    return 0;
  }
  const state = connection?.tcb.state;
  if (connection !== null && state === 'SYN-SENT') {
    giveUp(kernel, socket, connection);
    return 0;
  }
  if (socket.stage === 'connecting' && state !== 'SYN-RECEIVED') socket.stage = 'connected';
  if (how !== SHUT_WR) socket.shutRead = true;
  if (connection === null || state === 'CLOSED' || state === 'TIME-WAIT') return -ENOTCONN;
  if (how !== SHUT_RD) {
    closeSend(connection.tcb);
    afterActivity(kernel, connection);
  }
  return 0;
}

/** As in Linux: ENOTCONN says that there is nobody to tell, and both directions are shut all the same. */
function shutDatagrams(socket: Socket, datagrams: Datagrams, how: number): number {
  if (how !== SHUT_WR) socket.shutRead = true;
  if (how !== SHUT_RD) datagrams.shutWrite = true;
  return datagrams.remoteAddress === null ? -ENOTCONN : 0;
}

/** The attempt ends without a word to the peer, as in Linux also by SHUT_RD; connect() may be tried again. */
function giveUp(kernel: Kernel, socket: Socket, connection: Connection): void {
  endConnection(connection.tcb, '');
  afterActivity(kernel, connection);
  disconnect(socket);
  socket.pendingErrno = ECONNRESET;
}
