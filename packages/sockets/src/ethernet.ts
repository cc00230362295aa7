/** Ethernet interfaces of a Host: what their link layer finds out becomes addresses and routes of the Host. */

import { EthernetPort } from '@tcpstack/ip/ethernet-port';
import type { Interface, InterfaceAddress } from '@tcpstack/ip/interfaces';
import type { LinkAddress, LinkEvents } from '@tcpstack/ip/link-address';
import type { NextHops } from '@tcpstack/ip/next-hops';
import { networkOf } from '@tcpstack/ip/prefix';
import type { Route } from '@tcpstack/ip/routes';
import { type SipKey, sipHash } from '@tcpstack/seq/siphash';
import { ANY_IPV6, copyOf, type IpAddress, isIpv4, sameAddress, setAddress } from '@tcpstack/wire/ip-address';
import { IPV6_MTU_MIN_BYTES } from '@tcpstack/wire/ipv6';
import { parseStation } from './ethernet-options.ts';
import type { InterfaceOptions } from './interface-options.ts';
import type { Kernel } from './kernel.ts';
import { nextHopFailed } from './link-unreachable.ts';
import { addAddress, addRoute, removeAddress, removeRoute, setAddressState } from './network.ts';
import { ipv6MtuChanged, type Outlet } from './outlet.ts';
import { turnFrom } from './path-mtu.ts';
import { spreadSettings } from './shared-settings.ts';

/** Linux's metrics: of prefixes and of routers that were advertised (`IP6_RT_PRIO_ADDRCONF`, `IP6_RT_PRIO_USER`). */
const ADVERTISED_PREFIX_METRIC = 256;
const ADVERTISED_ROUTER_METRIC = 1024;
/** Sets what is made with it apart from other hashes of the same key. */
const LINK_LAYER = 0x6c69_6e6b;

/** Gives the interfaces of kind 'ethernet' their link layer. */
export function attachEthernet(kernel: Kernel, options: readonly InterfaceOptions[]): void {
  for (const one of options) {
    const on = kernel.routing.interfaces.find(one.name);
    if (on?.kind !== 'ethernet') continue;
    const link = new HostLink(kernel, on);
    // As in Linux: on a link that is too narrow for IPv6 there is none.
    const hasIpv6 = on.mtuBytes >= IPV6_MTU_MIN_BYTES;
    const port = new EthernetPort({
      macAddress: parseStation(one.name, one.macAddress),
      mtuBytes: on.mtuBytes,
      random: randomOf(kernel.portKey, on.index),
      events: link,
      nextHops: link,
      neighboursIpv4: kernel.settings.neighboursIpv4,
      neighboursIpv6: kernel.settings.neighboursIpv6,
      probesIpv4: one.probeAddresses,
      dadTransmits: one.dadTransmits,
      linkLocal: hasIpv6 && (one.linkLocal ?? true),
      isRouter: () => kernel.settings.forwardIpv6,
      acceptsRouters: hasIpv6 && (one.acceptRouterAdvertisements ?? true),
    });
    kernel.ethernet[on.index] = port;
    kernel.routing.interfaces.memberships.watch(on.index, (group, joined) =>
      port.groupChanged(kernel.nowMs, group, joined),
    );
    for (const own of [...on.addresses]) {
      const { state } = port.addAddress(kernel.nowMs, own.address, writtenBits(own));
      setAddressState(kernel, own, state);
    }
  }
}

/** What happens on one link. */
class HostLink implements LinkEvents, NextHops {
  readonly #kernel: Kernel;
  readonly #on: Interface;
  #prefixes: Route[] = [];
  #router: Route | null = null;

  constructor(kernel: Kernel, on: Interface) {
    this.#kernel = kernel;
    this.#on = on;
  }

  addressChanged({ address, prefixBits, origin, state }: LinkAddress): void {
    const own = this.#find(address);
    if (own !== null) setAddressState(this.#kernel, own, state);
    else if (origin === 'autoconf') this.#addAlone(address, prefixBits, state);
    else addAddress(this.#kernel, this.#on, address, prefixBits, state);
    turnFrom(this.#kernel, address);
  }

  addressRemoved({ address, origin }: LinkAddress): void {
    const own = this.#find(address);
    if (own === null) return;
    if (origin !== 'autoconf') removeAddress(this.#kernel, own);
    else {
      this.#kernel.routing.interfaces.removeAddress(own);
      this.#kernel.pathMtu.invalidate();
    }
    turnFrom(this.#kernel, address);
  }

  /** Without a route: who else has an advertised prefix is a neighbour only if the router says so, by `prefixChanged`. */
  #addAlone(address: Readonly<IpAddress>, prefixBits: number, state: LinkAddress['state']): void {
    this.#kernel.routing.interfaces.addAddress(this.#on, address, prefixBits, state);
    this.#kernel.pathMtu.invalidate();
  }

  prefixChanged(prefix: Readonly<IpAddress>, bits: number, isOnLink: boolean): void {
    const to = networkOf(prefix, bits);
    const old = this.#prefixes.find((route) => route.prefixBits === bits && sameAddress(route.to, to));
    if (old !== undefined) {
      removeRoute(this.#kernel, old);
      this.#prefixes = this.#prefixes.filter((route) => route !== old);
    }
    if (!isOnLink) return;
    const route = { to, prefixBits: bits, via: null, out: this.#on, metric: ADVERTISED_PREFIX_METRIC };
    this.#prefixes.push(route);
    addRoute(this.#kernel, route);
  }

  routerChanged(router: Readonly<IpAddress> | null): void {
    if (this.#router !== null) removeRoute(this.#kernel, this.#router);
    this.#router = null;
    if (router === null) return;
    const via = copyOf(router);
    this.#router = { to: ANY_IPV6, prefixBits: 0, via, out: this.#on, metric: ADVERTISED_ROUTER_METRIC };
    addRoute(this.#kernel, this.#router);
  }

  mtuChanged(mtuBytes: number): void {
    this.#on.ipv6MtuBytes = mtuBytes;
    ipv6MtuChanged(this.#kernel.outlets[this.#on.index] as Outlet);
    this.#kernel.pathMtu.invalidate();
  }

  /** Deviation: Linux keeps a hop limit for each interface; here what a router says holds for the Host. */
  hopsChanged(hops: number): void {
    this.#kernel.settings.defaultHopLimit = hops;
    spreadSettings(this.#kernel);
  }

  unreachable(bytes: Uint8Array, at: number, end: number): void {
    nextHopFailed(this.#kernel, bytes, at, end, this.#on.index);
  }

  nextHopFor(destination: Readonly<IpAddress>, into: IpAddress): boolean {
    const route = this.#kernel.routing.routes.lookup(destination, this.#on);
    if (route === null) return false;
    setAddress(into, route.via ?? destination);
    return true;
  }

  #find(address: Readonly<IpAddress>): InterfaceAddress | null {
    return this.#on.addresses.find((own) => sameAddress(own.address, address)) ?? null;
  }
}

/** As people write it. */
function writtenBits({ address, prefixBits }: InterfaceAddress): number {
  return isIpv4(address) ? prefixBits - 96 : prefixBits;
}

/** Numbers of 0 to 1 that nobody outside can tell. */
function randomOf(key: SipKey, index: number): () => number {
  const words = new Int32Array([LINK_LAYER, index, 0]);
  return () => {
    words[2] = (words[2] as number) + 1;
    return (sipHash(key, words, words.length) >>> 0) / 0x1_0000_0000;
  };
}
