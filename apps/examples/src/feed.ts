/** From a listener of the stack to a server of Node's: each connection is handed over by the documented 'connection' event. */

import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import type { Sockets } from './example.ts';

/** Listens on `port` and feeds `protocol`, which is an http.Server, https.Server, tls.Server or one of http2. */
export async function feed(sockets: Sockets, port: number, protocol: EventEmitter): Promise<void> {
  const listener = sockets.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    protocol.emit('connection', socket);
  });
  await once(listener.listen(port), 'listening');
}
