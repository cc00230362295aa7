/** Lets a Socket's connection go: what it read and wrote is remembered, and who waits is told in Node's order. */

import type { Socket } from './socket.ts';
import { kState } from './socket-state.ts';
import { type Handle, TcpHandle } from './tcp-handle.ts';

export function closeHandle(socket: Socket, handle: Handle, hadError: boolean): void {
  const state = socket[kState];
  state.bytesRead = handle.bytesRead;
  state.bytesWritten = handle.bytesWritten;
  state.waiting = [];
  if (socket.resetAndClosing) {
    socket.resetAndClosing = false;
    if (handle instanceof TcpHandle) handle.resetOnClose();
  }
  handle.close();
  socket._handle = null;
  state.local = null;
  // After 'error', and late enough that who awaited that one can still wait for this one: Node's order.
  handle.later(() => {
    handle.output.close();
    const { abandon } = state;
    state.abandon = null;
    socket.emit('close', hadError);
    abandon?.();
  });
}
