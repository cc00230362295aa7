/** IPv6 packets on the way in (RFC 8200 §3, §4): read, walked over to what they carry, and what in them stops them. */

import {
  checkIpv6,
  hopLimit,
  IPV6_HEADER_BYTES,
  nextHeader,
  readDestination,
  readSource,
  totalLength,
  trafficClass,
} from '@tcpstack/wire/ipv6';
import { isExtension, walkExtensions } from '@tcpstack/wire/ipv6-extensions';
import type { IpCounters } from './counters.ts';
import type { IpInput } from './input.ts';
import type { IpPacket } from './packet.ts';

/** Fills `into` from the header; false when that is damaged, which is counted. */
export function readIpv6Packet(
  bytes: Uint8Array,
  at: number,
  end: number,
  counters: IpCounters,
  into: IpPacket,
): boolean {
  const fault = checkIpv6(bytes, at, end);
  if (fault !== null) {
    if (fault === 'bad-payload-length') counters.badHeaders++;
    else counters.shortPackets++;
    return false;
  }
  into.version = 6;
  into.bytes = bytes;
  into.at = at;
  // Link padding after it is not data.
  into.end = at + totalLength(bytes, at);
  into.transportAt = at + IPV6_HEADER_BYTES;
  into.protocol = nextHeader(bytes, at);
  readSource(bytes, at, into.source);
  readDestination(bytes, at, into.destination);
  into.ttlHops = hopLimit(bytes, at);
  into.tosByte = trafficClass(bytes, at);
  into.hasOptions = isExtension(into.protocol);
  return true;
}

/** Whether the extension headers of a packet for us let it go on; `packet` then says what stands behind them. */
export function passesIpv6({ counters, chain }: IpInput, packet: IpPacket): boolean {
  if (!packet.hasOptions) return true;
  const fault = walkExtensions(packet.bytes, packet.at, chain);
  if (fault !== null) {
    // Type 0 and others with segments left: as with IPv4, who writes a route chooses where the answers go (RFC 5095).
    if (fault === 'source-route') counters.sourceRoutesDropped++;
    else counters.badOptions++;
    return false;
  }
  if (chain.fragmentAt !== 0) {
    counters.fragmentsDropped++;
    return false;
  }
  packet.protocol = chain.protocol;
  packet.transportAt = chain.transportAt;
  return true;
}
