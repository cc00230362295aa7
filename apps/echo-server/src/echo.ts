/** The echo protocol (RFC 862): whatever comes is sent back, until the peer has nothing more to say. */

import type { Server, Socket, Stack } from '@tcpstack/net';

/**
 * "Once a connection is established any data received is sent back. This continues until the calling user
 * terminates the connection." — RFC 862. Resolves when the server listens on `port` of the stack's address.
 *
 * @param onConnection Told of each connection.
 */
export function serveEcho(
  stack: Stack,
  port: number,
  onConnection: (socket: Socket) => void = () => {},
): Promise<Server> {
  // Half-open: what the peer sent before its end still goes back.
  const server = stack.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    onConnection(socket);
    socket.on('error', () => {}); // the peer went away; there is nobody to tell
    socket.pipe(socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, () => resolve(server));
  });
}
