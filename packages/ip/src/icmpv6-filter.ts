/** Picks out of the IPv6 packets that arrive those that are about the link itself: Neighbor Discovery, and MLD queries. */

import { checkIcmpv6 } from '@tcpstack/wire/icmpv6';
import { IpAddress } from '@tcpstack/wire/ip-address';
import {
  checkIpv6,
  hopLimit,
  IPV6_HEADER_BYTES,
  nextHeader,
  PROTOCOL_ICMPV6,
  pseudoHeaderSumAt,
  readDestination,
  readSource,
  totalLength,
} from '@tcpstack/wire/ipv6';
import { createExtensionChain, isExtension, walkExtensions } from '@tcpstack/wire/ipv6-extensions';
import { MLD_QUERY } from '@tcpstack/wire/mld';
import { isNdpType, REDIRECT, ROUTER_ADVERTISEMENT } from '@tcpstack/wire/ndp';
import type { EthernetCounters } from './ethernet-counters.ts';
import type { ListenerDiscovery } from './mld.ts';
import type { Ndp, NdpMessage } from './ndp.ts';

/** The filter of one interface. */
export class Icmpv6Filter {
  readonly #ndp: Ndp;
  readonly #listeners: ListenerDiscovery;
  readonly #counters: EthernetCounters;
  readonly #acceptsRouters: () => boolean;
  readonly #chain = createExtensionChain();
  readonly #message: NdpMessage = {
    bytes: new Uint8Array(0),
    frameAt: 0,
    at: 0,
    end: 0,
    hops: 0,
    source: new IpAddress(),
    destination: new IpAddress(),
  };

  /** @param acceptsRouters Whether what routers say counts. */
  constructor(ndp: Ndp, listeners: ListenerDiscovery, counters: EthernetCounters, acceptsRouters: () => boolean) {
    this.#ndp = ndp;
    this.#listeners = listeners;
    this.#counters = counters;
    this.#acceptsRouters = acceptsRouters;
  }

  /** Takes the IPv6 packet `bytes[at, end)` in the frame at `frameAt` if it is one of ours. */
  take(nowMs: number, bytes: Uint8Array, frameAt: number, at: number, end: number): boolean {
    if (checkIpv6(bytes, at, end) !== null) return false;
    const packetEnd = at + totalLength(bytes, at);
    const icmpAt = this.#icmpAt(bytes, at);
    if (icmpAt < 0 || icmpAt >= packetEnd) return false;
    const type = bytes[icmpAt] as number;
    if (!isNdpType(type) && type !== MLD_QUERY) return false;
    if (checkIcmpv6(bytes, icmpAt, packetEnd, pseudoHeaderSumAt(bytes, at, PROTOCOL_ICMPV6)) !== null) {
      this.#countDamaged(type);
      return true;
    }
    this.#give(nowMs, bytes, frameAt, at, icmpAt, packetEnd);
    return true;
  }

  /**
   * Where the ICMPv6 header begins, or -1.
   *
   * "A node MUST silently ignore ... [Neighbor Discovery messages] if the packet carrying it includes an IPv6 Fragment
   * header" — RFC 6980 §5: those are left to the IP layer, which knows no such type.
   */
  #icmpAt(bytes: Uint8Array, at: number): number {
    const next = nextHeader(bytes, at);
    if (next === PROTOCOL_ICMPV6) return at + IPV6_HEADER_BYTES;
    if (!isExtension(next)) return -1;
    const chain = this.#chain;
    if (walkExtensions(bytes, at, chain) !== null || chain.fragmentAt !== 0) return -1;
    return chain.protocol === PROTOCOL_ICMPV6 ? chain.transportAt : -1;
  }

  #give(nowMs: number, bytes: Uint8Array, frameAt: number, ipAt: number, icmpAt: number, end: number): void {
    const message = this.#message;
    message.bytes = bytes;
    message.frameAt = frameAt;
    message.at = icmpAt;
    message.end = end;
    message.hops = hopLimit(bytes, ipAt);
    readSource(bytes, ipAt, message.source);
    readDestination(bytes, ipAt, message.destination);
    const type = bytes[icmpAt];
    if (type === MLD_QUERY) this.#listeners.queried(nowMs, message);
    else if (!(type === ROUTER_ADVERTISEMENT || type === REDIRECT) || this.#acceptsRouters())
      this.#ndp.arrive(nowMs, message);
    else this.#counters.routersIgnored++;
  }

  #countDamaged(type: number): void {
    const counters = this.#counters;
    if (type === MLD_QUERY) {
      counters.mldReceived++;
      counters.mldBad++;
    } else {
      counters.ndpReceived++;
      counters.ndpBad++;
    }
  }
}
