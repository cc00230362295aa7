/** Node's diagnostics channels for sockets and servers: who subscribes sees ours as well. */

import { channel, tracingChannel } from 'node:diagnostics_channel';

const clientSockets = channel('net.client.socket');
const serverSockets = channel('net.server.socket');
const listens = tracingChannel('net.server.listen');

/** A socket is about to connect. */
export function announceClient(socket: object): void {
  if (clientSockets.hasSubscribers) clientSockets.publish({ socket });
}

/** A server has a connection. */
export function announceAccepted(socket: object): void {
  if (serverSockets.hasSubscribers) serverSockets.publish({ socket });
}

export function announceListen(server: object, options: object): void {
  if (listens.hasSubscribers) listens.asyncStart.publish({ server, options } as never);
}

export function announceListening(server: object): void {
  if (listens.hasSubscribers) listens.asyncEnd.publish({ server } as never);
}

export function announceListenError(server: object, error: Error): void {
  if (listens.hasSubscribers) listens.error.publish({ server, error } as never);
}
