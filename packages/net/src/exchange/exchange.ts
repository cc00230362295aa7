/** Puts a stack in the place of Node's `net`, however it is imported, and below Node's own modules that use it. */

// Loaded before anything is exchanged: their classes are to extend Node's own.
import 'node:child_process';
import 'node:tty';
import http from 'node:http';
import http2 from 'node:http2';
import 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import type { Socket } from '../socket.ts';
import type { Stack } from '../stack.ts';
import { NodeServer, NodeSocket, type OldClass } from './node-net.ts';
import { exchangedClass, isOf } from './old-class.ts';
import { lendToWrappers } from './stream-wrapper.ts';
import { lendConnection, tlsConnectOver, tlsListener, tlsSocketOver } from './tls-socket.ts';

/** Exchanges for the rest of the process. What a module copied out of `net` before stays what it was. */
export function exchangeNet(stack: Stack): void {
  const isOurs = (stream: unknown): boolean => isOf(stack.Socket as unknown as OldClass, stream);
  lendToWrappers(isOurs);
  const Socket = exchangedSocket(stack, isOurs);
  const Server = exchangedClass({
    ours: stack.Server as unknown as OldClass,
    nodes: NodeServer,
    adapt: (server, args) =>
      server instanceof tls.Server ? [args[0], tlsListener(args[1] as (socket: unknown) => void)] : args,
  });
  Object.assign(net, {
    Socket,
    Stream: Socket,
    Server,
    connect: stack.connect,
    createConnection: stack.connect,
    createServer: (...args: unknown[]) => new Server(...args),
  });
  Object.assign(tls, {
    connect: tlsConnectOver((options) => new Socket(options) as Socket),
    TLSSocket: tlsSocketOver(),
  });
  for (const one of serversOfNode()) reparent(one, Server);
  syncBuiltinESMExports();
}

function exchangedSocket(stack: Stack, isOurs: (stream: unknown) => boolean): OldClass {
  return exchangedClass({
    ours: stack.Socket as unknown as OldClass,
    nodes: NodeSocket,
    onNodes: (socket, [options]) => lendConnection(socket, options, isOurs),
  });
}

/** Those that extend `net.Server` directly; of one of them only an object can be had. */
function serversOfNode(): OldClass[] {
  const plainHttp2 = http2.createServer().constructor;
  return [http.Server, tls.Server, plainHttp2] as unknown[] as OldClass[];
}

function reparent(one: OldClass, above: OldClass): void {
  Object.setPrototypeOf(one, above);
  Object.setPrototypeOf(one.prototype, above.prototype);
}
