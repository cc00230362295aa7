/** A whole TCP stack with the functions and classes of `node:net`. */

import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Driver } from '@tcpstack/runtime/driver';
import type { Link } from '@tcpstack/runtime/link';
import type { Scheduler } from '@tcpstack/runtime/scheduler';
import { Host, type RouteOptions, type WantedSettings } from '@tcpstack/sockets/host';
import { StackContext } from './context.ts';
import { type Dial, dialBy } from './dial.ts';
import { type Net, netOf } from './net-shape.ts';
import { networkOf } from './network.ts';

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
  readonly settings?: WantedSettings;
  /** Default: Node's clock and timers. */
  readonly scheduler?: Scheduler;
}

/** One stack: `node:net` over our own TCP. */
export interface Stack extends Net {
  readonly host: Host;
  readonly driver: Driver;
  /** `connect` as a promise of a connected socket. */
  readonly dial: Dial;
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
  const shape = netOf(context);
  return { ...shape, host, driver, dial: dialBy(shape.connect), close: () => closeStack(context) };
}

async function closeStack(context: StackContext): Promise<void> {
  for (const server of [...context.servers]) server.close();
  for (const socket of [...context.sockets]) {
    if (socket.connecting) socket.destroy();
    else socket.resetAndDestroy();
  }
  await context.driver.close();
}
