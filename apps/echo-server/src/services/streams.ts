/** A service on a TCP port: its connections, what passed over them, and their end in order. */

import type { Server, Socket, Stack } from '@tcpstack/net';
import type { Service } from './service.ts';

/** What is told of connections. */
export interface ConnectionWatcher {
  onConnected?(remote: string): void;
  onClosed?(remote: string, receivedBytes: number, sentBytes: number): void;
}

export interface StreamServer {
  /** Takes no more connections and ends our side of each. */
  end(): void;
}

/** Resolves when the service listens on `port` of each address of the stack. */
export async function serveStreams(
  stack: Stack,
  service: Service,
  port: number,
  watcher: ConnectionWatcher = {},
): Promise<StreamServer> {
  const stops = new Set<() => void>();
  const server = stack.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const remote = nameOf(socket);
    watcher.onConnected?.(remote);
    const stop = service.serve(socket);
    stops.add(stop);
    socket.on('error', () => {}); // the peer went away; there is nobody to tell
    socket.once('close', () => {
      stops.delete(stop);
      watcher.onClosed?.(remote, socket.bytesRead, socket.bytesWritten);
    });
  });
  await listening(server, port);
  return {
    end: () => {
      server.close();
      for (const stop of stops) stop();
    },
  };
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress?.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, () => resolve());
  });
}
