/** getsockopt(2) and setsockopt(2), for options whose value is one number. */

import { markDirty } from '../connections.ts';
import {
  IPPROTO_TCP,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_LINGER,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_MAXSEG,
  TCP_NODELAY,
} from '../constants.ts';
import { EBADF, EINVAL, ENOPROTOOPT } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { takeError } from './read.ts';

/** Smallest buffers, Linux's `SOCK_MIN_SNDBUF` and `SOCK_MIN_RCVBUF`, rounded. */
const BUFFER_MIN_BYTES = 4096;
/** Largest buffers: what a window scale of 14 can offer is more, but memory is not. */
const BUFFER_MAX_BYTES = 32 * 1024 * 1024;

export function sysGetsockopt(kernel: Kernel, fd: number, level: number, name: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return -EBADF;
  if (level === SOL_SOCKET) return getSocketOption(socket, name);
  if (level === IPPROTO_TCP && name === TCP_NODELAY) return socket.noDelay ? 1 : 0;
  if (level === IPPROTO_TCP && name === TCP_MAXSEG)
    return socket.connection?.tcb.snd.mssBytes ?? kernel.shared.advertisedMssBytes;
  return -ENOPROTOOPT;
}

function getSocketOption(socket: Socket, name: number): number {
  switch (name) {
    case SO_ERROR:
      return takeError(socket);
    case SO_TYPE:
      return SOCK_STREAM;
    case SO_ACCEPTCONN:
      return socket.listener === null ? 0 : 1;
    case SO_REUSEADDR:
      return socket.reuseAddress ? 1 : 0;
    case SO_LINGER:
      return Math.max(socket.lingerSeconds, 0);
    case SO_SNDBUF:
      return socket.connection?.tcb.sendRing.limitBytes ?? socket.sendBufferBytes;
    case SO_RCVBUF:
      return socket.connection?.tcb.receiveRing.limitBytes ?? socket.receiveBufferBytes;
    default:
      return -ENOPROTOOPT;
  }
}

export function sysSetsockopt(kernel: Kernel, fd: number, level: number, name: number, value: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return -EBADF;
  if (!Number.isInteger(value)) return -EINVAL;
  if (level === SOL_SOCKET) return setSocketOption(socket, name, value);
  if (level !== IPPROTO_TCP || name !== TCP_NODELAY) return -ENOPROTOOPT;
  socket.noDelay = value !== 0;
  if (socket.connection !== null) {
    socket.connection.tcb.noDelay = socket.noDelay;
    // What Nagle held back may leave now.
    if (socket.connection.listed) markDirty(kernel, socket.connection);
  }
  return 0;
}

function setSocketOption(socket: Socket, name: number, value: number): number {
  switch (name) {
    case SO_REUSEADDR:
      socket.reuseAddress = value !== 0;
      return 0;
    case SO_LINGER:
      if (value < -1) return -EINVAL;
      socket.lingerSeconds = value;
      return 0;
    case SO_SNDBUF:
      socket.sendBufferBytes = bufferBytes(value);
      if (socket.connection !== null) socket.connection.tcb.sendRing.limitBytes = socket.sendBufferBytes;
      return 0;
    case SO_RCVBUF:
      socket.receiveBufferBytes = bufferBytes(value);
      growReceiveBuffer(socket);
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

function bufferBytes(value: number): number {
  return Math.min(Math.max(value, BUFFER_MIN_BYTES), BUFFER_MAX_BYTES);
}

/** "a TCP receiver SHOULD NOT shrink the window" [SHLD-14]: an open connection's buffer only grows. */
function growReceiveBuffer(socket: Socket): void {
  const ring = socket.connection?.tcb.receiveRing;
  if (ring !== undefined && socket.receiveBufferBytes > ring.limitBytes) ring.limitBytes = socket.receiveBufferBytes;
}
