/** Which way a packet takes: to ourselves, or by a route. */

import { ANY_IPV6, type IpAddress } from '@tcpstack/wire/ip-address';
import type { Interface, InterfaceTable } from './interfaces.ts';
import { type Route, RouteTable } from './routes.ts';

/** Interfaces and routes of a host. */
export class Routing {
  readonly interfaces: InterfaceTable;
  readonly routes = new RouteTable();
  /** The way to every address of our own. */
  readonly inside: Route;

  constructor(interfaces: InterfaceTable) {
    this.interfaces = interfaces;
    this.inside = { to: ANY_IPV6, prefixBits: 0, via: null, out: interfaces.loopback, metric: 0 };
  }

  /**
   * The way to `destination`, or `null`; nothing is made. What is for an address of ours never leaves the host.
   *
   * @param out Only over this interface; `null` for any.
   */
  lookup(destination: Readonly<IpAddress>, out: Interface | null = null): Route | null {
    if (this.interfaces.isOwn(destination)) return this.inside;
    return this.routes.lookup(destination, out);
  }
}
