/** Local sockets, descriptors of the operating system and handles of a cluster are not TCP: the built-in `net` serves them. */

import type net from 'node:net';
import { createBuiltInServer } from './built-in.ts';
import type { ServerHandle } from './listen-handle.ts';
import type { Server } from './server.ts';
import type { AddressInfo } from './socket-names.ts';

/** @param options For the built-in `listen`. Its sockets are of the built-in class. */
export function listenBuiltIn(server: Server, options: object, backlog: number): void {
  const inner = createBuiltInServer({
    allowHalfOpen: server.allowHalfOpen,
    pauseOnConnect: server.pauseOnConnect,
    highWaterMark: server.highWaterMark,
  });
  inner.on('connection', (socket) => {
    server._connections++;
    Object.assign(socket, { server, _server: server });
    server.emit('connection', socket);
  });
  const handle = new BuiltInServerHandle(inner);
  inner.on('error', (error) => {
    if (server._handle === handle) server._handle = null;
    server.emit('error', error);
  });
  inner.on('listening', () => {
    if (server._handle === handle) server.emit('listening');
  });
  server._handle = handle;
  const { signal: _, ...rest } = options as { signal?: unknown };
  try {
    inner.listen({ ...rest, ...(backlog > 0 ? { backlog } : {}) } as net.ListenOptions);
  } catch (error) {
    server._handle = null;
    throw error;
  }
  // What cannot be served is known at once, though 'error' comes later.
  if ('fd' in options && !inner.listening) server._handle = null;
  if (server._unref) handle.unref();
}

class BuiltInServerHandle implements ServerHandle {
  readonly #inner: net.Server;

  constructor(inner: net.Server) {
    this.#inner = inner;
  }

  address(): AddressInfo | string | null {
    return this.#inner.address() as AddressInfo | string | null;
  }

  close(): void {
    this.#inner.close();
  }

  ref(): void {
    this.#inner.ref();
  }

  unref(): void {
    this.#inner.unref();
  }

  connectionEnded(): void {}
}
