/** Forwarding: a packet for another host goes out again by another link (RFC 1812 §5, RFC 8200 §3). Off by default. */

import { findSourceRoute } from '@tcpstack/wire/ip-options';
import { findOptionFault } from '@tcpstack/wire/ip-options-check';
import { fragment, IPV4_DF } from '@tcpstack/wire/ipv4';
import { PARAMETER_ERRONEOUS_FIELD } from '@tcpstack/wire/ipv6-extensions';
import type { IpCounters } from './counters.ts';
import { isBeyondScope, isKeptHere, isMartian } from './forward-rules.ts';
import { BEYOND_SCOPE, type Complaint, NO_ROUTE, PARAMETER_PROBLEMS, TOO_BIG, TOO_MANY_HOPS } from './icmp-send.ts';
import { type Interface, linkMtuFor } from './interfaces.ts';
import type { IpPacket } from './packet.ts';
import type { Routing } from './routing.ts';
import { longestBytes, passOn, type TransitPlace } from './transit.ts';

/** What became of packets for others, while they are forwarded. */
export interface ForwardCounters {
  forwardedIpv4: number;
  forwardedIpv6: number;
  /** Their time to live, or hop limit, was used up. */
  hopsExceeded: number;
  forwardNoRoute: number;
  /** Larger than the next link, and not to be cut. */
  forwardTooBig: number;
  /** For which there was no room. */
  forwardDrops: number;
}

/** What forwarding needs of the host; one record. */
export interface Forwarder {
  readonly routing: Routing;
  readonly ipCounters: IpCounters;
  readonly counters: ForwardCounters;
  /** What the last complaint says besides its code: the MTU of the next link, or the place of what is wrong. */
  detail: number;
  /** Where packets wait, by the index of their interface. */
  readonly places: readonly TransitPlace[];
}

/** All counters at zero. */
export function createForwarder(routing: Routing, ipCounters: IpCounters, places: readonly TransitPlace[]): Forwarder {
  const counters: ForwardCounters = {
    forwardedIpv4: 0,
    forwardedIpv6: 0,
    hopsExceeded: 0,
    forwardNoRoute: 0,
    forwardTooBig: 0,
    forwardDrops: 0,
  };
  return { routing, ipCounters, counters, detail: 0, places };
}

/**
 * Sends `packet`, whose header is read, by the route that leads on. Both are borrowed.
 *
 * @param flags `PKT_*` bits.
 * @param segmentBytes Payload of each segment, where it is a super-segment.
 * @returns What its sender is to be told, or `null`.
 */
export function forward(forwarder: Forwarder, packet: IpPacket, flags: number, segmentBytes: number): Complaint | null {
  const { routing, ipCounters } = forwarder;
  forwarder.detail = 0;
  if (isMartian(routing.interfaces, packet)) {
    ipCounters.badSources++;
    return null;
  }
  if (isKeptHere(routing.interfaces, packet)) {
    ipCounters.notForUs++;
    return null;
  }
  if (packet.version === 4 && packet.hasOptions) {
    const fault = findOptionFault(packet.bytes, packet.at);
    if (fault > 0) return refuseOptions(forwarder, fault);
    // Deviation: a source route is no way through us, whatever `acceptSourceRoute` says (RFC 7126 §4.3).
    if (findSourceRoute(packet.bytes, packet.at) !== 0) {
      ipCounters.sourceRoutesDropped++;
      return null;
    }
  }
  return passByRoute(forwarder, packet, flags, segmentBytes);
}

function refuseOptions(forwarder: Forwarder, faultAt: number): Complaint | null {
  forwarder.ipCounters.badOptions++;
  forwarder.detail = faultAt;
  return PARAMETER_PROBLEMS[PARAMETER_ERRONEOUS_FIELD] ?? null;
}

function passByRoute(forwarder: Forwarder, packet: IpPacket, flags: number, segmentBytes: number): Complaint | null {
  const { routing, counters, ipCounters } = forwarder;
  const path = routing.routes.lookup(packet.destination);
  if (path === null || path.out === routing.interfaces.loopback) {
    counters.forwardNoRoute++;
    return NO_ROUTE;
  }
  // "If the TTL is reduced to zero (or less), the packet MUST be discarded, and if the destination is not a multicast
  // address the router MUST send an ICMP Time Exceeded message, Code 0" — RFC 1812 §5.3.1; RFC 8200 §3, RFC 4443 §3.3
  if (packet.ttlHops <= 1) {
    counters.hopsExceeded++;
    return TOO_MANY_HOPS;
  }
  // "Routers MUST NOT forward any packets with Link-Local source or destination addresses to other links." — RFC 4291
  // §2.5.6; "beyond scope of source address" — RFC 4443 §3.1
  if (isBeyondScope(packet)) {
    ipCounters.notForUs++;
    return BEYOND_SCOPE;
  }
  return pass(forwarder, packet, path.out, flags, segmentBytes);
}

function pass(
  forwarder: Forwarder,
  packet: IpPacket,
  out: Interface,
  flags: number,
  segmentBytes: number,
): Complaint | null {
  const { counters } = forwarder;
  const place = forwarder.places[out.index] as TransitPlace;
  const mtuBytes = linkMtuFor(out, packet.destination);
  if (longestBytes(packet, segmentBytes) > mtuBytes && !mayCut(packet)) {
    counters.forwardTooBig++;
    forwarder.detail = mtuBytes;
    return TOO_BIG;
  }
  if (!passOn(place, packet, out, mtuBytes, flags, segmentBytes)) counters.forwardDrops++;
  else if (packet.version === 4) counters.forwardedIpv4++;
  else counters.forwardedIpv6++;
  return null;
}

/** "Unlike IPv4, fragmentation in IPv6 is performed only by source nodes, not by routers" — RFC 8200 §4.5. */
function mayCut({ version, bytes, at }: IpPacket): boolean {
  return version === 4 && (fragment(bytes, at) & IPV4_DF) === 0;
}
