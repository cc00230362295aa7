/** Connects a Socket to one address. */

import { openAttempt, startAttempt, type Target } from './connect-attempt.ts';
import { finishConnecting } from './connected.ts';
import { ipBlocked } from './errors.ts';
import type { Socket } from './socket.ts';
import { tcpHandleOf } from './socket-handle.ts';

/** Node's order: bind, 'connectionAttempt', the block list, connect. */
export function connectOne(socket: Socket, target: Target): void {
  const handle = tcpHandleOf(socket);
  if (handle === null || !socket.connecting) return;
  const { address, port, family } = target;
  const unbound = openAttempt(socket, handle, target);
  if (unbound !== null) {
    socket.destroy(unbound);
    return;
  }
  socket.emit('connectionAttempt', address, port, family);
  if (!socket.connecting || socket._handle !== handle) return;
  if (socket.blockList?.check(address, family === 6 ? 'ipv6' : 'ipv4')) {
    socket.destroy(ipBlocked(address));
    return;
  }
  const error = startAttempt(socket, handle, target, (failure) => {
    if (!socket.connecting || socket._handle !== handle) return;
    if (failure === null) {
      finishConnecting(socket, handle);
      return;
    }
    socket.connecting = false;
    socket.emit('connectionAttemptFailed', address, port, family, failure);
    socket.destroy(failure);
  });
  if (error !== null) socket.destroy(error);
}
