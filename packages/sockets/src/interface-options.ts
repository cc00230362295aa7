/** What a user says of interfaces, addresses and routes, made into the tables that the Host works with. */

import { isOneHosts } from '@tcpstack/ip/addresses';
import { type Interface, type InterfaceKind, InterfaceTable } from '@tcpstack/ip/interfaces';
import { PathMtuCache } from '@tcpstack/ip/path-mtu';
import { networkOf, parsePrefix } from '@tcpstack/ip/prefix';
import { Routing } from '@tcpstack/ip/routing';
import { ANY_IPV4, ANY_IPV6, type IpAddress, isIpv4, parseAddress } from '@tcpstack/wire/ip-address';
import { IPV6_MTU_MIN_BYTES } from '@tcpstack/wire/ipv6';
import type { EthernetInterfaceOptions } from './ethernet-options.ts';
import { addAddress, addRoute, type Network } from './network.ts';

/** One interface, as a user describes it. */
export interface InterfaceOptions extends EthernetInterfaceOptions {
  /** "eth0"; no other interface has it. "lo" is taken. */
  readonly name: string;
  /** Default 'ip': a link that carries packets and has two ends. */
  readonly kind?: Exclude<InterfaceKind, 'loopback'>;
  /** Most bytes of an IP packet on the link: 68 to 65535, and 1280 at least where it has an IPv6 address. */
  readonly mtuBytes: number;
  /**
   * What a packet may at least have where `mtuBytes` varies from packet to packet, as with header compression: larger
   * ones are not asked for. Default `mtuBytes`.
   */
  readonly smallestMtuBytes?: number;
  /** "10.0.0.2/24", "fd00::2/64"; without a slash, the subnet is not known. */
  readonly addresses: readonly string[];
  /** Largest packet that the link splits for us, 0 for none. */
  readonly superSegmentBytes?: number;
  /** Who sums payloads; see `Link.checksum`. */
  readonly checksum?: 'software' | 'offload' | 'trusted';
}

/** One route, as a user describes it. The routes to the subnets of our own addresses are there anyway. */
export interface RouteOptions {
  /** "0.0.0.0/0", "::/0", "10.8.0.0/16". */
  readonly to: string;
  /** The router. Without one, who is meant is on the link itself. */
  readonly via?: string;
  /** Name of the interface. Needed without `via`, and when that is a link-local address. */
  readonly interface?: string;
  /** Of two that match as well, the smaller is taken. Default 0. */
  readonly metric?: number;
}

/** The two ways to say it. */
export interface NetworkOptions {
  /** Short form, one interface: our address, "10.77.0.2" or "fd00::2". All other addresses are reached over it. */
  readonly address?: string;
  /** Leading bits of `address` that name the subnet; they tell its broadcast address. Default: all, so it is not known. */
  readonly prefixBits?: number;
  /** Further addresses of ours on the same link, "192.0.2.7/24", "fd00::2/64". */
  readonly moreAddresses?: readonly string[];
  /** As in `InterfaceOptions`. */
  readonly mtuBytes?: number;
  readonly smallestMtuBytes?: number;
  readonly superSegmentBytes?: number;
  readonly checksum?: 'software' | 'offload' | 'trusted';
  /** Long form: the interfaces after the loopback, which is 0. Their indexes begin with 1. */
  readonly interfaces?: readonly InterfaceOptions[];
  readonly routes?: readonly RouteOptions[];
}

const MTU_MIN_BYTES = 68;
const MTU_MAX_BYTES = 65_535;

/** Makes the tables. Throws `RangeError` on what cannot be. */
export function createNetwork(options: NetworkOptions): Network {
  const network: Network = { routing: new Routing(new InterfaceTable()), pathMtu: new PathMtuCache() };
  if (options.interfaces === undefined) addOnly(network, options);
  else for (const one of options.interfaces) addInterface(network, one);
  for (const route of options.routes ?? []) addRoute(network, parseRoute(network, route));
  return network;
}

function addOnly(network: Network, options: NetworkOptions): void {
  const { address = '', prefixBits, mtuBytes = 0, moreAddresses = [] } = options;
  const parsed = parseAddress(address);
  if (parsed === null) throw new RangeError(`not an IP address: ${address}`);
  const most = isIpv4(parsed) ? 32 : 128;
  if (prefixBits !== undefined && !(prefixBits >= 1 && prefixBits <= most)) {
    throw new RangeError(`prefixBits must be 1 to ${most}, not ${prefixBits}`);
  }
  const { smallestMtuBytes, superSegmentBytes, checksum } = options;
  const on = addInterface(network, {
    name: 'eth0',
    mtuBytes,
    addresses: [`${address}/${prefixBits ?? most}`, ...moreAddresses],
    ...(smallestMtuBytes === undefined ? {} : { smallestMtuBytes }),
    ...(superSegmentBytes === undefined ? {} : { superSegmentBytes }),
    ...(checksum === undefined ? {} : { checksum }),
  });
  for (const [to, prefix] of [
    [ANY_IPV4, 96],
    [ANY_IPV6, 0],
  ] as const) {
    const isReachable = on.addresses.some((own) => isIpv4(own.address) === isIpv4(to));
    if (isReachable) addRoute(network, { to, prefixBits: prefix, via: null, out: on, metric: 0 });
  }
}

function addInterface(network: Network, options: InterfaceOptions): Interface {
  const { name, kind = 'ip', mtuBytes, smallestMtuBytes = mtuBytes } = options;
  const { interfaces } = network.routing;
  if (interfaces.find(name) !== null) throw new RangeError(`two interfaces have the name ${name}`);
  const prefixes = options.addresses.map((text) => parseOwn(text));
  const least = prefixes.every(({ address }) => isIpv4(address)) ? MTU_MIN_BYTES : IPV6_MTU_MIN_BYTES;
  if (!(mtuBytes >= least && mtuBytes <= MTU_MAX_BYTES)) {
    throw new RangeError(`mtuBytes must be ${least} to 65535, not ${mtuBytes}`);
  }
  if (!(smallestMtuBytes >= least && smallestMtuBytes <= mtuBytes)) {
    throw new RangeError(`smallestMtuBytes must be ${least} to mtuBytes, not ${smallestMtuBytes}`);
  }
  const added = interfaces.add({ ...options, kind, smallestMtuBytes });
  for (const { address, writtenBits, text } of prefixes) {
    const own = addAddress(network, added, address, writtenBits);
    if (interfaces.isBroadcast(own.address)) throw new RangeError(`not an address of one host: ${text}`);
  }
  return added;
}

function parseOwn(text: string): { address: IpAddress; writtenBits: number; text: string } {
  const prefix = parsePrefix(text);
  if (prefix === null) throw new RangeError(`not an IP address: ${text}`);
  if (!isOneHosts(prefix.address)) throw new RangeError(`not an address of one host: ${text}`);
  const { address, bits } = prefix;
  return { address, writtenBits: isIpv4(address) ? bits - 96 : bits, text };
}

function parseRoute({ routing }: Network, options: RouteOptions): Parameters<typeof addRoute>[1] {
  const prefix = parsePrefix(options.to);
  if (prefix === null) throw new RangeError(`not a network: ${options.to}`);
  const via = options.via === undefined ? null : parseAddress(options.via);
  if (via === null && options.via !== undefined) throw new RangeError(`not an IP address: ${options.via}`);
  if (via !== null && isIpv4(via) !== isIpv4(prefix.address))
    throw new RangeError(`${options.via} is of the other family`);
  const named = options.interface === undefined ? null : routing.interfaces.find(options.interface);
  if (named === null && options.interface !== undefined) throw new RangeError(`no interface ${options.interface}`);
  const out = named ?? (via === null ? null : (routing.routes.lookup(via)?.out ?? null));
  if (out === null) throw new RangeError(`no interface leads to ${options.via ?? options.to}`);
  const { metric = 0 } = options;
  return { to: networkOf(prefix.address, prefix.bits), prefixBits: prefix.bits, via, out, metric };
}
