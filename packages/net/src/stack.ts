/** A whole TCP stack with the functions and classes of `node:net`. */

import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Driver } from '@tcpstack/runtime/driver';
import type { Link } from '@tcpstack/runtime/link';
import type { Scheduler } from '@tcpstack/runtime/scheduler';
import { Host, type RouteOptions, type Settings } from '@tcpstack/sockets/host';
import type { ConnectOptions } from './arguments.ts';
import { StackContext } from './context.ts';
import { networkOf } from './network.ts';
import { type ConnectionListener, Server, type ServerOptions } from './server.ts';
import { Socket, type SocketOptions } from './socket.ts';

/** What a stack is made of. */
export interface StackOptions {
  /** What carries its packets; the stack owns it from now on. */
  readonly link: Link;
  /** Our address, of either family: "10.77.0.2", "fd00::2". Without one there are 127.0.0.1 and ::1 only. */
  readonly address?: string;
  /**
   * Leading bits of our address that name the subnet; they tell its broadcast address. Default: all, so it is not known.
   * On a link of Ethernet frames they say who is a neighbour, and must be given.
   */
  readonly prefixBits?: number;
  /** Further addresses of ours on the same link, with the length of their prefix: "fd00::2/64". */
  readonly moreAddresses?: readonly string[];
  /** Ways to other networks: `{ to: '0.0.0.0/0', via: '10.77.0.1' }`. Without frames everything is on the link anyway. */
  readonly routes?: readonly RouteOptions[];
  /** 32 bytes that nobody can guess. Default: from the operating system. */
  readonly entropy?: Uint8Array;
  /** Defaults of the host to change, by name. */
  readonly settings?: Partial<Settings>;
  /** Default: Node's clock and timers. */
  readonly scheduler?: Scheduler;
}

/** How `connect` may be called. */
export interface Connect {
  (options: ConnectOptions & SocketOptions & { readonly timeout?: number | undefined }, listener?: () => void): Socket;
  (port: number | string, listener?: () => void): Socket;
  (port: number | string, host: string, listener?: () => void): Socket;
}

/** How `createServer` may be called. */
export interface CreateServer {
  (listener?: ConnectionListener): Server;
  (options: ServerOptions, listener?: ConnectionListener): Server;
}

/** One stack: `node:net` over our own TCP. Its functions need no `this`. */
export interface Stack {
  readonly host: Host;
  readonly driver: Driver;
  readonly createServer: CreateServer;
  readonly connect: Connect;
  /** The same as `connect`. */
  readonly createConnection: Connect;
  readonly Server: new (options?: ServerOptions | ConnectionListener, listener?: ConnectionListener) => Server;
  readonly Socket: new (options?: SocketOptions) => Socket;
  /** Closes servers, resets connections that are still open, and closes the link. */
  close(): Promise<void>;
}

const ENTROPY_BYTES = 32;

/** Makes a stack over `link` and starts it. */
export function createStack(options: StackOptions): Stack {
  const { link, scheduler } = options;
  const host = new Host({
    ...networkOf(options),
    entropy: options.entropy ?? randomBytes(ENTROPY_BYTES),
    settings: options.settings ?? {},
  });
  const driver = new Driver(host, link, scheduler === undefined ? {} : { scheduler });
  // As Node does where there is IPv6: Ethernet brings a link-local address.
  const hasIpv6 =
    link.carries === 'ethernet' ||
    options.address === undefined ||
    [options.address, ...(options.moreAddresses ?? [])].some((text) => isIPv6(text.split('/')[0] ?? ''));
  const context = new StackContext(driver, hasIpv6 ? '::' : '0.0.0.0');

  const connect = (...args: unknown[]): Socket => {
    const first = args[0];
    const given = typeof first === 'object' && first !== null ? (first as SocketOptions & { timeout?: number }) : {};
    const socket = new Socket(context, given);
    if (given.timeout !== undefined) socket.setTimeout(given.timeout);
    return (socket.connect as (...args: unknown[]) => Socket).apply(socket, args);
  };

  return {
    host,
    driver,
    connect: connect as Connect,
    createConnection: connect as Connect,
    createServer: (first?: ServerOptions | ConnectionListener, listener?: ConnectionListener) =>
      new Server(context, first, listener),
    Server: bindClass<Stack['Server']>(Server, context),
    Socket: bindClass<Stack['Socket']>(Socket, context),
    close: () => closeStack(context),
  };
}

/**
 * A class with the stack filled in. `instanceof` holds for all of its kind, also those that a server
 * accepted, and the class can be extended.
 */
function bindClass<C>(Class: { new (...args: never[]): object; prototype: object }, context: StackContext): C {
  const bound = (Class as { bind(self: null, ...args: unknown[]): object }).bind(null, context);
  Object.defineProperty(bound, 'prototype', { value: Class.prototype });
  Object.defineProperty(bound, 'name', { value: Class.name });
  return bound as C;
}

async function closeStack(context: StackContext): Promise<void> {
  for (const server of [...context.servers]) server.close();
  for (const socket of [...context.sockets]) {
    if (socket.connecting) socket.destroy();
    else socket.resetAndDestroy();
  }
  await context.driver.close();
}
