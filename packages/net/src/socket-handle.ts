/** Makes the handle of a Socket, with what moves its bytes. */

import { CallerReading } from './caller-reading.ts';
import type { Socket } from './socket.ts';
import { Reading } from './socket-reading.ts';
import { kState } from './socket-state.ts';
import { Writing } from './socket-writing.ts';
import { TcpHandle } from './tcp-handle.ts';

/** The handle of a socket that is about to connect; a socket that was destroyed is none any more. */
export function newHandle(socket: Socket): TcpHandle {
  const { context, idle, onread } = socket[kState];
  (socket as unknown as { _undestroy(): void })._undestroy();
  const input = onread === null ? new Reading(context, socket, idle) : new CallerReading(context, socket, idle, onread);
  const handle = new TcpHandle(context, socket, idle, input, new Writing(context.driver));
  socket._handle = handle;
  return handle;
}

/** `null` also when something else carries the socket's bytes. */
export function tcpHandleOf(socket: Socket): TcpHandle | null {
  return socket._handle instanceof TcpHandle ? socket._handle : null;
}
