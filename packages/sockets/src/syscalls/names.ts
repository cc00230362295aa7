/** getsockname(2) and getpeername(2). */

import type { SockAddr } from '../call-types.ts';
import { ENOTCONN } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { showSockAddr } from '../socket-address.ts';
import { notSocket } from './descriptor.ts';

export function sysGetsockname(kernel: Kernel, fd: number): SockAddr | number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  return showSockAddr(socket, socket.localAddress, socket.localPort);
}

export function sysGetpeername(kernel: Kernel, fd: number): SockAddr | number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  const { datagrams } = socket;
  if (datagrams !== null) {
    const { remoteAddress, remotePort } = datagrams;
    // Like Linux: a port that nobody can have is no peer.
    return remoteAddress === null || remotePort === 0 ? -ENOTCONN : showSockAddr(socket, remoteAddress, remotePort);
  }
  const connection = socket.connection;
  const state = connection?.tcb.state;
  // To Linux's socket TIME-WAIT is the end already.
  if (connection === null || state === 'CLOSED' || state === 'TIME-WAIT' || state === 'SYN-SENT') return -ENOTCONN;
  return showSockAddr(socket, connection.remoteAddress, connection.remotePort);
}
