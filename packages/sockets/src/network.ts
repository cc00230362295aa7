/** Addresses and routes of a Host as they come and go. Whoever cached a route asks again afterwards. */

import type { AddressState, Interface, InterfaceAddress } from '@tcpstack/ip/interfaces';
import { networkOf } from '@tcpstack/ip/prefix';
import type { Route } from '@tcpstack/ip/routes';
import { type IpAddress, sameAddress } from '@tcpstack/wire/ip-address';
import type { Kernel } from './kernel.ts';

/** What a change of the network needs of the kernel. */
export type Network = Pick<Kernel, 'routing' | 'pathMtu'>;

/**
 * Gives an interface an address, which is kept, and the route to its subnet.
 *
 * @param prefixBits As people write it: at most 32 for IPv4.
 */
export function addAddress(
  { routing, pathMtu }: Network,
  on: Interface,
  address: Readonly<IpAddress>,
  prefixBits: number,
  state: AddressState = 'preferred',
): InterfaceAddress {
  const own = routing.interfaces.addAddress(on, address, prefixBits, state);
  routing.routes.add(onLinkRoute(own));
  pathMtu.invalidate();
  return own;
}

/** Takes it away, and the route that came with it. */
export function removeAddress({ routing, pathMtu }: Network, own: InterfaceAddress): void {
  routing.interfaces.removeAddress(own);
  const gone = onLinkRoute(own);
  const route = routing.routes.values().find((one) => isSameRoute(one, gone));
  if (route !== undefined) routing.routes.remove(route);
  pathMtu.invalidate();
}

/** Sets what may be done with the address. */
export function setAddressState({ routing, pathMtu }: Network, own: InterfaceAddress, state: AddressState): void {
  routing.interfaces.setState(own, state);
  pathMtu.invalidate();
}

/** Adds a route. */
export function addRoute({ routing, pathMtu }: Network, route: Route): void {
  routing.routes.add(route);
  pathMtu.invalidate();
}

/** Takes a route out. */
export function removeRoute({ routing, pathMtu }: Network, route: Route): void {
  routing.routes.remove(route);
  pathMtu.invalidate();
}

function isSameRoute(a: Route, b: Route): boolean {
  return a.out === b.out && a.via === b.via && a.prefixBits === b.prefixBits && sameAddress(a.to, b.to);
}

function onLinkRoute({ address, prefixBits, on }: InterfaceAddress): Route {
  return { to: networkOf(address, prefixBits), prefixBits, via: null, out: on, metric: 0 };
}
