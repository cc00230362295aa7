/** Where a packet goes from here: the longest prefix wins, then the smallest metric. */

import { type IpAddress, isIpv4, isLinkLocal, isMulticast, samePrefix } from '@tcpstack/wire/ip-address';
import type { Interface } from './interfaces.ts';

/** One route. */
export interface Route {
  /** The network, and its leading bits of 128. */
  readonly to: Readonly<IpAddress>;
  readonly prefixBits: number;
  /** The router; `null` when the destination itself is on the link. */
  readonly via: Readonly<IpAddress> | null;
  readonly out: Interface;
  /** Of two that match as well, the smaller is taken. */
  readonly metric: number;
}

/** Routes of both families. Looking one up makes nothing. */
export class RouteTable {
  /** Goes up whenever a route came or went: what was looked up before may be wrong. */
  generation = 0;
  /** In the order in which they are tried. */
  #ipv4: Route[] = [];
  #ipv6: Route[] = [];

  /** Adds a route. */
  add(route: Route): void {
    const list = [...this.#family(route.to), route];
    this.#replace(
      route.to,
      list.sort((a, b) => b.prefixBits - a.prefixBits || a.metric - b.metric),
    );
  }

  /** Takes one out; nothing happens when it is not there. */
  remove(route: Route): void {
    this.#replace(
      route.to,
      this.#family(route.to).filter((one) => one !== route),
    );
  }

  /** Every route, IPv4 first. */
  values(): readonly Route[] {
    return [...this.#ipv4, ...this.#ipv6];
  }

  /**
   * The route for `destination`, or `null`.
   *
   * @param out Only routes over this interface; `null` for any.
   */
  lookup(destination: Readonly<IpAddress>, out: Interface | null = null): Route | null {
    const list = this.#family(destination);
    for (let i = 0; i < list.length; i++) {
      const route = list[i] as Route;
      if ((out === null || route.out === out) && samePrefix(route.to, destination, route.prefixBits)) return route;
    }
    return null;
  }

  #family(address: Readonly<IpAddress>): Route[] {
    return isIpv4(address) ? this.#ipv4 : this.#ipv6;
  }

  #replace(member: Readonly<IpAddress>, list: Route[]): void {
    if (isIpv4(member)) this.#ipv4 = list;
    else this.#ipv6 = list;
    this.generation++;
  }
}

/** Whether an address means something on one link only, so that the link must be said: `fe80::/10` and `ff02::/16`. */
export function needsScope(address: Readonly<IpAddress>): boolean {
  if (isIpv4(address)) return false;
  return isLinkLocal(address) || (isMulticast(address) && ((address.w0 >>> 16) & 0xf) <= 2);
}
