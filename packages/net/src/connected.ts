/** What happens to a Socket when its connection is there. */

import type { Socket } from './socket.ts';
import { kState } from './socket-state.ts';
import type { Handle } from './tcp-handle.ts';

/** Options, 'connect', what waited, 'ready', and the first read: Node's order. */
export function finishConnecting(socket: Socket, handle: Handle): void {
  const state = socket[kState];
  socket.connecting = false;
  state.local = null;
  state.idle.touch();
  if (handle.fd >= 0) state.options.apply(state.context.driver.sys, handle.fd);
  handle.establish();
  try {
    socket.emit('connect');
    runWaiting(socket, handle);
    socket.emit('ready');
  } finally {
    // Also when a listener threw: the connection is there.
    runWaiting(socket, handle);
    if (socket._handle === handle) beginReading(socket, handle);
  }
}

/** Not for a socket that was destroyed: that tells them itself. */
function runWaiting(socket: Socket, handle: Handle): void {
  const state = socket[kState];
  if (socket._handle !== handle) return;
  const { waiting } = state;
  state.waiting = [];
  state.abandon = null;
  for (const run of waiting) if (socket._handle === handle) run();
}

function beginReading(socket: Socket, handle: Handle): void {
  const state = socket[kState];
  if (state.wantsRead) {
    state.wantsRead = false;
    handle.input.want();
  }
  // Begins to read, or learns of the end, before anybody asks.
  if (!socket.isPaused()) socket.read(0);
}
