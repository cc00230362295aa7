/** The constructor `Server` of one stack. */

import { EventEmitter } from 'node:events';
import type net from 'node:net';
import { getDefaultHighWaterMark } from 'node:stream';
import { BuiltInServer } from './built-in.ts';
import type { StackContext } from './context.ts';
import { invalidArgumentType } from './errors.ts';
import { type Server, Server as Shape } from './server.ts';
import { kServer, type ServerState } from './server-state.ts';
import { shapeConstructor } from './shape-constructor.ts';
import type { Socket } from './socket.ts';
import type { SocketClass } from './socket-class.ts';
import { checkedBlockList } from './socket-init.ts';
import { checkNumber } from './validate.ts';

/** What a new server may be given; all but `blockList` say how its sockets are made. */
export interface ServerOptions {
  /** Do not read from a connection until it is resumed. Default false. */
  readonly pauseOnConnect?: boolean | undefined;
  readonly allowHalfOpen?: boolean | undefined;
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
  readonly highWaterMark?: number | undefined;
  /** Addresses whose connections are closed at once. */
  readonly blockList?: net.BlockList | undefined;
}

/** Called with each connection. */
export type ConnectionListener = (socket: Socket) => void;

/** `net.Server`: to be called, constructed, extended, or called on an object that inherits from it. */
export interface ServerConstructor {
  new (options?: ServerOptions | ConnectionListener | null, listener?: ConnectionListener): Server;
  (options?: ServerOptions | ConnectionListener | null, listener?: ConnectionListener): Server;
  readonly prototype: Server;
}

export function serverClass(context: StackContext, { accept }: SocketClass): ServerConstructor {
  const state: ServerState = { context, accept };
  function construct(this: Server, first?: ServerOptions | ConnectionListener | null, second?: unknown): Server {
    initServer(this, state, first, second);
    return this;
  }
  return shapeConstructor<ServerConstructor>({
    shape: Shape,
    base: EventEmitter,
    builtIn: BuiltInServer,
    isOurs: isServer,
    construct,
    name: (enter) =>
      function Server(this: unknown, options?: unknown, listener?: unknown): unknown {
        return enter(this, new.target, [options, listener]);
      },
  });
}

function isServer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && kServer in value;
}

/** Throws what Node throws for options that it cannot mean. */
function initServer(server: Server, state: ServerState, first: unknown, second: unknown): void {
  EventEmitter.call(server as never);
  const isObject = first == null || typeof first === 'object';
  if (!isObject && typeof first !== 'function') throw invalidArgumentType('options', 'of type object', first);
  const listener = isObject ? second : first;
  if (typeof listener === 'function') server.on('connection', listener as ConnectionListener);
  const options = (isObject ? (first ?? {}) : {}) as ServerOptions;
  const { keepAliveInitialDelay: delayMs = 0, highWaterMark = getDefaultHighWaterMark(false) } = options;
  checkNumber(delayMs, 'options.keepAliveInitialDelay');
  checkNumber(highWaterMark, 'options.highWaterMark');
  server._connections = 0;
  server._handle = null;
  server._usingWorkers = false;
  server._workers = [];
  server._unref = false;
  server._listeningId = 1;
  server.allowHalfOpen = options.allowHalfOpen || false;
  server.pauseOnConnect = Boolean(options.pauseOnConnect);
  server.noDelay = Boolean(options.noDelay);
  server.keepAlive = Boolean(options.keepAlive);
  server.keepAliveInitialDelay = Math.max(0, Math.trunc(delayMs / 1000)) || 0;
  server.highWaterMark = highWaterMark < 0 ? getDefaultHighWaterMark(false) : highWaterMark;
  (server as { [kServer]: ServerState })[kServer] = state;
  if (options.blockList) server.blockList = checkedBlockList(options.blockList);
}
