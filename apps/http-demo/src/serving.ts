/** The site on a port of our stack, and its end in order. */

import http from 'node:http';
import { closeInOrder } from '@tcpstack/app-kit/orderly';
import type { Server, Socket, Stack } from '@tcpstack/net';
import type { Link } from '@tcpstack/runtime/link';
import { createSite } from './site/site.ts';

export interface Serving {
  /** Takes no more connections, lets answers under way finish, closes every connection and stops the stack. */
  close(): Promise<void>;
}

/** How long answers under way may take once we are told to stop. */
const GRACE_MS = 2000;

/** Resolves when the stack listens on `port`. */
export async function serveSite(stack: Stack, link: Link, port: number): Promise<Serving> {
  const app = http.createServer(createSite({ host: stack.host, link }));
  const idle = new Set<Socket>();
  let stopping = false;
  // A connection with no request under way can be closed at once.
  const rest = (socket: Socket): void => {
    if (stopping) socket.end();
    else if (!socket.destroyed) idle.add(socket);
  };
  app.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    const socket = request.socket as unknown as Socket;
    idle.delete(socket);
    response.once('close', () => rest(socket));
  });
  const listener = stack.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
    app.emit('connection', socket);
  });
  await listening(listener, port);
  return {
    close: async () => {
      stopping = true;
      listener.close();
      for (const socket of idle) socket.end();
      await closeInOrder(stack, GRACE_MS);
    },
  };
}

function listening(listener: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject).listen(port, resolve);
  });
}
