/** shutdown(2): closes one direction or both, the descriptor stays. */

import { closeSend } from '@tcpstack/tcp/connection';
import { afterActivity } from '../connections.ts';
import { SHUT_RD, SHUT_RDWR, SHUT_WR } from '../constants.ts';
import { EINVAL, ENOTCONN } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { wake } from '../readiness.ts';
import { notSocket } from './descriptor.ts';

export function sysShutdown(kernel: Kernel, fd: number, how: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -EINVAL;
  const connection = socket.connection;
  if (connection === null || connection.tcb.state === 'CLOSED') return -ENOTCONN;
  if (how !== SHUT_WR) {
    socket.shutRead = true;
    wake(kernel, socket);
  }
  if (how !== SHUT_RD) {
    closeSend(connection.tcb);
    afterActivity(kernel, connection);
  }
  return 0;
}
