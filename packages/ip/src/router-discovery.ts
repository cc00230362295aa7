/** What a host makes of routers' messages (RFC 4861 §6.3, §8.3): default routers, prefixes, the link's values, redirects. */

import { IpAddress, isIpv4, sameAddress } from '@tcpstack/wire/ip-address';
import { IPV6_MTU_MIN_BYTES } from '@tcpstack/wire/ipv6';
import {
  currentHops,
  REDIRECT_BYTES,
  ROUTER_ADVERTISEMENT_BYTES,
  reachableTimeMs,
  readRedirected,
  readTarget,
  retransTimerMs,
  routerFlags,
  routerLifetimeS,
} from '@tcpstack/wire/ndp';
import {
  findNdpOption,
  linkLayerAddress,
  MTU_OPTION,
  mtuOptionBytes,
  SOURCE_LINK_LAYER_ADDRESS,
  TARGET_LINK_LAYER_ADDRESS,
} from '@tcpstack/wire/ndp-options';
import type { EthernetCounters } from './ethernet-counters.ts';
import type { LinkEvents } from './link-address.ts';
import { isStation, type NdpMessage, type RouterMessages } from './ndp.ts';
import type { NeighbourTable } from './neighbours.ts';
import type { NextHops } from './next-hops.ts';
import { Redirects } from './redirects.ts';
import type { RouterSolicitor } from './router-solicitor.ts';
import { DefaultRouters } from './routers.ts';
import type { Autoconfiguration } from './slaac.ts';

/** "MUST be no greater than 3,600,000 milliseconds (1 hour)" — RFC 4861 §6.2.1 */
const REACHABLE_MAX_MS = 3_600_000;
/** Shorter is a flood; Linux takes no less than a hundredth of a second. */
const RETRANS_MIN_MS = 10;

/** The routers of one interface. */
export class RouterDiscovery implements RouterMessages {
  readonly redirects = new Redirects();
  readonly #neighbours: NeighbourTable;
  readonly #list: DefaultRouters;
  readonly #slaac: Autoconfiguration;
  readonly #solicitor: RouterSolicitor;
  readonly #nextHops: NextHops;
  readonly #linkMtuBytes: number;
  readonly #events: LinkEvents;
  readonly #counters: EthernetCounters;
  readonly #target = new IpAddress();
  readonly #destination = new IpAddress();
  readonly #firstHop = new IpAddress();

  constructor(
    neighbours: NeighbourTable,
    slaac: Autoconfiguration,
    solicitor: RouterSolicitor,
    nextHops: NextHops,
    linkMtuBytes: number,
    events: LinkEvents,
    counters: EthernetCounters,
  ) {
    this.#neighbours = neighbours;
    this.#slaac = slaac;
    this.#solicitor = solicitor;
    this.#nextHops = nextHops;
    this.#linkMtuBytes = linkMtuBytes;
    this.#events = events;
    this.#counters = counters;
    this.#list = new DefaultRouters(neighbours, (router) => events.routerChanged(router));
  }

  /** When `handleTimeout` is due. */
  get deadlineMs(): number {
    return Math.min(this.#list.deadlineMs, this.#slaac.deadlineMs, this.#solicitor.deadlineMs);
  }

  /** Does what is due. */
  handleTimeout(nowMs: number): void {
    this.#list.handleTimeout(nowMs);
    this.#slaac.handleTimeout(nowMs);
    this.#solicitor.handleTimeout(nowMs);
  }

  advertised(nowMs: number, { bytes, at, end, source }: NdpMessage): void {
    this.#counters.routerAdvertisements++;
    const lifetimeS = routerLifetimeS(bytes, at);
    const optionsAt = at + ROUTER_ADVERTISEMENT_BYTES;
    this.#learnRouter(nowMs, bytes, optionsAt, end, source);
    if (lifetimeS > 0) this.#solicitor.stop();
    this.#list.update(nowMs, source, lifetimeS, routerFlags(bytes, at));
    this.#adopt(bytes, at, end);
    this.#slaac.advertised(nowMs, bytes, optionsAt, end);
  }

  redirected(nowMs: number, { bytes, at, end, source }: NdpMessage): void {
    readTarget(bytes, at, this.#target);
    readRedirected(bytes, at, this.#destination);
    // "The IP source address of the Redirect is the same as the current first-hop router for the specified ICMP
    // Destination Address." — RFC 4861 §8.1
    if (!this.#isFirstHop(source)) {
      this.#counters.redirectsIgnored++;
      return;
    }
    this.#counters.redirectsTaken++;
    this.redirects.add(this.#destination, this.#target);
    const optionAt = findNdpOption(bytes, at + REDIRECT_BYTES, end, TARGET_LINK_LAYER_ADDRESS);
    if (optionAt < 0) return;
    const mac = linkLayerAddress(bytes, optionAt);
    const entry = isStation(mac) ? this.#neighbours.need(nowMs, this.#target) : null;
    if (entry !== null) this.#neighbours.learn(nowMs, entry, mac, 'STALE', true);
  }

  routerResigned(_nowMs: number, address: Readonly<IpAddress>): void {
    this.#list.remove(address);
    this.redirects.removeVia(address);
  }

  /** A neighbour was found, or was not: perhaps another router is better now. */
  neighbourChanged(address: Readonly<IpAddress>, hasFailed: boolean): void {
    if (isIpv4(address)) return;
    if (hasFailed) this.redirects.removeVia(address);
    this.#list.choose();
  }

  #isFirstHop(source: Readonly<IpAddress>): boolean {
    if (!this.#nextHops.nextHopFor(this.#destination, this.#firstHop)) return false;
    const hop = this.redirects.nextHopFor(this.#destination, this.#firstHop);
    return sameAddress(hop, source);
  }

  /** "If the advertisement contains a Source Link-Layer Address option, the link-layer address SHOULD be recorded" — RFC 4861 §6.3.4 */
  #learnRouter(nowMs: number, bytes: Uint8Array, at: number, end: number, source: Readonly<IpAddress>): void {
    const optionAt = findNdpOption(bytes, at, end, SOURCE_LINK_LAYER_ADDRESS);
    const mac = optionAt < 0 ? 0 : linkLayerAddress(bytes, optionAt);
    const entry = isStation(mac) ? this.#neighbours.need(nowMs, source) : this.#neighbours.find(source);
    if (entry === null) return;
    entry.isRouter = true;
    if (isStation(mac)) this.#neighbours.learn(nowMs, entry, mac, 'STALE', true);
  }

  /** Values for the whole link; a zero says nothing (RFC 4861 §6.3.4). */
  #adopt(bytes: Uint8Array, at: number, end: number): void {
    const { settings } = this.#neighbours;
    const hops = currentHops(bytes, at);
    if (hops > 0) this.#events.hopsChanged(hops);
    const reachableMs = reachableTimeMs(bytes, at);
    if (reachableMs > 0 && reachableMs <= REACHABLE_MAX_MS && reachableMs !== settings.baseReachableMs) {
      // "If the new value differs from the previous value, the host SHOULD re-compute a new random ReachableTime value."
      this.#neighbours.change({ baseReachableMs: reachableMs });
    }
    const retransMs = retransTimerMs(bytes, at);
    if (retransMs > 0) {
      this.#neighbours.change({ retransMs: Math.min(Math.max(retransMs, RETRANS_MIN_MS), REACHABLE_MAX_MS) });
    }
    const mtuAt = findNdpOption(bytes, at + ROUTER_ADVERTISEMENT_BYTES, end, MTU_OPTION);
    const mtuBytes = mtuAt < 0 ? 0 : mtuOptionBytes(bytes, mtuAt);
    // "hosts SHOULD copy the option's value into LinkMTU so long as the value is greater than or equal to the minimum
    // link MTU ... and does not exceed the maximum LinkMTU value" — RFC 4861 §6.3.4
    if (mtuBytes >= IPV6_MTU_MIN_BYTES && mtuBytes <= this.#linkMtuBytes) this.#events.mtuChanged(mtuBytes);
  }
}
