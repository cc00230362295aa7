/** TLS over our sockets: `tls.connect` that opens one of ours, and what a `TLSSocket` tells of the one below it. */

import type { TLSSocket } from 'node:tls';
import type { Socket } from '../socket.ts';
import { hiding } from './hiding.ts';
import { NodeTlsSocket, nodeTlsConnect, normalizeArguments, type OldClass } from './node-net.ts';

/** Node's wrapper of a stream that is not its own: what a `TLSSocket` asks of the connection, it asks of this. */
interface Wire {
  getsockname(into: Record<string, unknown>): number;
  getpeername(into: Record<string, unknown>): number;
  setNoDelay(enable: boolean): number;
  setKeepAlive(enable: boolean, delaySeconds: number): number;
  ref(): void;
  unref(): void;
}

/** The handle of a `TLSSocket` with a stream below it that is not Node's own. */
interface TlsHandle {
  readonly _parent?: Partial<Wire>;
  readonly _parentWrap?: { readonly stream?: unknown };
}

/**
 * Lets a new `TLSSocket` tell of our socket below it what it tells of Node's own.
 *
 * @param isOurs Whether a stream is a socket of ours.
 */
export function lendConnection(socket: object, options: unknown, isOurs: (stream: unknown) => boolean): void {
  const handle = (options as { handle?: TlsHandle } | undefined)?.handle;
  const below = handle?._parentWrap?.stream;
  if (!isOurs(below) || handle?._parent === undefined) return;
  const ours = below as Socket;
  Object.assign(handle._parent, wireOf(ours));
  // When both ends have ended is for the TLSSocket to know, which took our socket's word for it just now.
  ours.allowHalfOpen = true;
  if (!ours.pending) return;
  ours.once('connect', () => (socket as TLSSocket).emit('connect'));
  // TLS begins when the connection is there.
  Object.defineProperty(socket, 'connecting', {
    configurable: true,
    enumerable: true,
    get: () => ours.pending && !ours.destroyed,
    set: () => {},
  });
}

const ENOTCONN = -107;

function wireOf(ours: Socket): Wire {
  return {
    getsockname: (into) => fill(into, ours.localAddress, ours.localPort, ours.localFamily),
    getpeername: (into) => fill(into, ours.remoteAddress, ours.remotePort, ours.remoteFamily),
    setNoDelay(enable) {
      ours.setNoDelay(enable);
      return 0;
    },
    setKeepAlive(enable, delaySeconds) {
      ours.setKeepAlive(enable, delaySeconds * 1000);
      return 0;
    },
    ref: () => void ours.ref(),
    unref: () => void ours.unref(),
  };
}

function fill(into: Record<string, unknown>, address: unknown, port: unknown, family: unknown): number {
  if (address === undefined) return ENOTCONN;
  Object.assign(into, { address, port, family });
  return 0;
}

/** `tls.TLSSocket` that may be given a socket of ours. */
export function tlsSocketOver(): OldClass {
  function TLSSocket(this: unknown, ...args: unknown[]): unknown {
    return hiding(args[0], () =>
      new.target === undefined
        ? Reflect.apply(NodeTlsSocket as unknown as () => void, this, args)
        : Reflect.construct(NodeTlsSocket, args, (new.target as unknown) === TLSSocket ? NodeTlsSocket : new.target),
    );
  }
  Object.defineProperty(TLSSocket, 'prototype', { value: NodeTlsSocket.prototype });
  Object.setPrototypeOf(TLSSocket, Object.getPrototypeOf(NodeTlsSocket));
  return TLSSocket as unknown as OldClass;
}

/** What Node's `tls.Server` does with a connection, for one of ours. */
export function tlsListener(listener: (socket: unknown) => void): (this: unknown, socket: unknown) => void {
  return function (socket) {
    hiding(socket, () => listener.call(this, socket));
  };
}

/** Events of the connection that `tls.connect` of Node tells as its own; 'connect' is told already. */
const FORWARDED = ['lookup', 'ready', 'connectionAttempt', 'connectionAttemptFailed', 'connectionAttemptTimeout'];

/**
 * `tls.connect` that opens a socket of ours, unless it is given one, or a path.
 *
 * @param makeSocket Makes an unconnected socket of ours.
 */
export function tlsConnectOver(makeSocket: (options: object) => Socket): typeof nodeTlsConnect {
  return function connect(...args) {
    const [read, listener] = normalizeArguments(args);
    const more = typeof args[1] === 'object' && args[1] !== null ? args[1] : args[2];
    const options: Record<string, unknown> = { ...read, ...(typeof more === 'object' ? more : {}) };
    if (options['socket'] || options['path']) return hiding(options['socket'], () => nodeTlsConnect(...args));
    const ours = makeSocket(socketOptions(options));
    const given = [{ ...options, socket: ours }, ...(listener === null ? [] : [listener])];
    const socket = hiding(ours, () => nodeTlsConnect(...given));
    if (typeof options['timeout'] === 'number') socket.setTimeout(options['timeout']);
    for (const event of FORWARDED) ours.on(event, (...told: unknown[]) => socket.emit(event, ...told));
    open(ours, socket, options);
    return socket;
  };
}

/** What the connection is told; the rest is TLS's, the time-out and the signal too. */
function socketOptions(options: Record<string, unknown>): object {
  const { allowHalfOpen, noDelay, keepAlive, keepAliveInitialDelay } = options;
  return { allowHalfOpen, noDelay, keepAlive, keepAliveInitialDelay };
}

function open(ours: Socket, socket: TLSSocket, options: Record<string, unknown>): void {
  try {
    ours.connect(options as never);
  } catch (error) {
    // Not a good port, for one: the caller gets the error, and nobody the socket.
    socket.destroy();
    throw error;
  }
}
