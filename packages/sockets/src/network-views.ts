/** Views for people and tools: interfaces, routes and neighbours, like `ip address`, `ip route` and `ip neighbour`. */

import type { AddressState, Interface, InterfaceAddress, InterfaceKind } from '@tcpstack/ip/interfaces';
import type { NeighbourState } from '@tcpstack/ip/neighbour';
import { formatMac } from '@tcpstack/wire/ethernet';
import { formatAddress, type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import type { Kernel } from './kernel.ts';

/** One interface. */
export interface InterfaceView {
  readonly index: number;
  readonly name: string;
  readonly kind: InterfaceKind;
  readonly mtuBytes: number;
  /** "02:00:00:00:00:01"; `null` without Ethernet. */
  readonly macAddress: string | null;
  /** "10.0.0.2/24" and what may be done with it. */
  readonly addresses: readonly { readonly address: string; readonly state: AddressState }[];
}

/** One route. */
export interface RouteView {
  /** "10.0.0.0/24". */
  readonly to: string;
  /** The router; `null` when the destination itself is on the link. */
  readonly via: string | null;
  /** Name of the interface. */
  readonly interface: string;
  readonly metric: number;
}

/** One entry of a neighbour cache. */
export interface NeighbourView {
  readonly address: string;
  readonly interface: string;
  /** `null` while not known. */
  readonly macAddress: string | null;
  readonly state: NeighbourState;
  /** It said that it is a router (IPv6). */
  readonly isRouter: boolean;
}

/** All of it. */
export interface NetworkView {
  readonly interfaces: readonly InterfaceView[];
  /** In the order in which they are tried, IPv4 first. */
  readonly routes: readonly RouteView[];
  readonly neighbours: readonly NeighbourView[];
}

export function viewNetwork(kernel: Kernel): NetworkView {
  const { interfaces, routes } = kernel.routing;
  return {
    interfaces: interfaces.list.map((one) => viewInterface(kernel, one)),
    routes: routes.values().map(({ to, prefixBits, via, out, metric }) => ({
      to: prefixText(to, prefixBits),
      via: via === null ? null : formatAddress(via),
      interface: out.name,
      metric,
    })),
    neighbours: interfaces.list.flatMap((one) => viewNeighbours(kernel, one)),
  };
}

function viewInterface({ ethernet }: Kernel, { index, name, kind, mtuBytes, addresses }: Interface): InterfaceView {
  const port = ethernet[index] ?? null;
  const macAddress = port === null ? null : formatMac(port.macAddress);
  return { index, name, kind, mtuBytes, macAddress, addresses: addresses.map(viewAddress) };
}

function viewAddress({ address, prefixBits, state }: InterfaceAddress): InterfaceView['addresses'][number] {
  return { address: prefixText(address, prefixBits), state };
}

function viewNeighbours({ ethernet }: Kernel, { index, name }: Interface): NeighbourView[] {
  const port = ethernet[index] ?? null;
  if (port === null) return [];
  return [...port.ipv4Neighbours.entries, ...port.ipv6Neighbours.entries].map(({ address, mac, state, isRouter }) => ({
    address: formatAddress(address),
    interface: name,
    macAddress: mac < 0 ? null : formatMac(mac),
    state,
    isRouter,
  }));
}

/** With the bits as people write them. */
function prefixText(address: Readonly<IpAddress>, prefixBits: number): string {
  return `${formatAddress(address)}/${isIpv4(address) ? prefixBits - 96 : prefixBits}`;
}
