/** TLS over connections of our stack, for a secure server of Node's that is handed what comes out. */

import tls from 'node:tls';
import type { Socket } from '@tcpstack/net';
import type { Identity } from './certificate.ts';

/** A TLS socket that knows the two ends of the connection below it: Node asks a handle, which ours does not have. */
const ENDS = ['remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort'] as const;
/** Most preferred first. */
const PROTOCOLS = ['h2', 'http/1.1'];
/** As Node's own servers have it, but shorter: nobody is far away. */
const HANDSHAKE_MS = 10_000;

/**
 * Makes what takes connections of our stack and emits TLS sockets at `server` once the handshake is done. It could be
 * emitted there as a 'connection', too; but then nobody could tell which connection carries the TLS socket that comes of
 * it. What fails in a handshake is told to the peer only.
 *
 * @throws {Error} From Node, when key and certificate do not belong together.
 */
export function createSecureDoor(identity: Identity, server: tls.Server): (raw: Socket) => void {
  const secureContext = tls.createSecureContext({ ...identity, minVersion: 'TLSv1.2' });
  return (raw) => {
    const socket = new tls.TLSSocket(raw as never, { isServer: true, server, secureContext, ALPNProtocols: PROTOCOLS });
    for (const name of ENDS) Object.defineProperty(socket, name, { get: () => raw[name], configurable: true });
    const late = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => clearTimeout(late));
    socket.once('secure', () => {
      clearTimeout(late);
      // As tls.Server marks a socket before it hands it on: a session of HTTP/2 would wait for it.
      Object.assign(socket, { secureConnecting: false });
      server.emit('secureConnection', socket);
    });
  };
}
