/** All that `node:net` exports, for one stack. */

import net from 'node:net';
import { type ConnectOptions, type Normalized, normalizeArguments } from './arguments.ts';
import { connectBuiltIn } from './built-in.ts';
import type { StackContext } from './context.ts';
import type { Server } from './server.ts';
import { type ConnectionListener, type ServerConstructor, type ServerOptions, serverClass } from './server-class.ts';
import type { Socket } from './socket.ts';
import { type SocketConstructor, socketClass } from './socket-class.ts';
import type { SocketOptions } from './socket-init.ts';
import { checkBoolean, checkInt32 } from './validate.ts';

/** What `connect` takes: for the socket, and where to. */
export type ConnectAndSocketOptions = ConnectOptions & SocketOptions & { readonly timeout?: number | undefined };

/** How `connect` may be called. */
export interface Connect {
  (options: ConnectAndSocketOptions, listener?: () => void): Socket;
  (port: number | string, listener?: () => void): Socket;
  (port: number | string, host?: string, listener?: () => void): Socket;
  (path: string, listener?: () => void): Socket;
}

/** How `createServer` may be called. */
export interface CreateServer {
  (listener?: ConnectionListener): Server;
  (options?: ServerOptions, listener?: ConnectionListener): Server;
}

/** Everything that `node:net` exports, over one stack. Its functions need no `this`. */
export interface Net {
  readonly createServer: CreateServer;
  readonly connect: Connect;
  /** The same as `connect`. */
  readonly createConnection: Connect;
  readonly Server: ServerConstructor;
  readonly Socket: SocketConstructor;
  /** The same as `Socket`. */
  readonly Stream: SocketConstructor;
  readonly BlockList: typeof net.BlockList;
  readonly SocketAddress: typeof net.SocketAddress;
  readonly isIP: typeof net.isIP;
  readonly isIPv4: typeof net.isIPv4;
  readonly isIPv6: typeof net.isIPv6;
  /** Until they are set, these are those of Node; then the stack's own. */
  readonly getDefaultAutoSelectFamily: () => boolean;
  readonly setDefaultAutoSelectFamily: (value: boolean) => void;
  readonly getDefaultAutoSelectFamilyAttemptTimeout: () => number;
  readonly setDefaultAutoSelectFamilyAttemptTimeout: (value: number) => void;
  /** Not documented by Node, but used. */
  readonly _normalizeArgs: (args: readonly unknown[]) => Normalized;
}

const ATTEMPT_TIMEOUT_MS_MIN = 10;

export function netOf(context: StackContext): Net {
  const sockets = socketClass(context);
  const { Socket } = sockets;
  const Server = serverClass(context, sockets);
  const connect = connectBy(Socket);
  const { autoSelect } = context;
  return {
    _normalizeArgs: normalizeArguments,
    BlockList: net.BlockList,
    SocketAddress: net.SocketAddress,
    connect,
    createConnection: connect,
    createServer: (options?: ServerOptions | ConnectionListener, listener?: ConnectionListener) =>
      new Server(options, listener),
    isIP: net.isIP,
    isIPv4: net.isIPv4,
    isIPv6: net.isIPv6,
    Server,
    Socket,
    Stream: Socket,
    getDefaultAutoSelectFamily: () => autoSelect.family,
    setDefaultAutoSelectFamily: (value) => {
      checkBoolean(value, 'value');
      autoSelect.family = value;
    },
    getDefaultAutoSelectFamilyAttemptTimeout: () => autoSelect.attemptTimeoutMs,
    setDefaultAutoSelectFamilyAttemptTimeout: (value) => {
      checkInt32(value, 'value', 1);
      autoSelect.attemptTimeoutMs = Math.max(value, ATTEMPT_TIMEOUT_MS_MIN);
    },
  };
}

function connectBy(Socket: SocketConstructor): Connect {
  const connect = (...args: unknown[]): Socket => {
    const normalized = normalizeArguments(args);
    const options = normalized[0] as ConnectAndSocketOptions;
    // A local socket is not TCP: the built-in has it whole.
    if (options.path) return connectBuiltIn(...args) as unknown as Socket;
    const socket = new Socket(options);
    if (options.timeout) socket.setTimeout(options.timeout);
    return (socket.connect as (call: unknown) => Socket).call(socket, normalized);
  };
  return connect as Connect;
}
