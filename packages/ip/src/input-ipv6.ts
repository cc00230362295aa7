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
import { type ExtensionFault, isExtension, walkExtensions } from '@tcpstack/wire/ipv6-extensions';
import type { IpCounters } from './counters.ts';
import type { IpInput } from './input.ts';
import { joinIpv6 } from './join.ts';
import type { IpPacket } from './packet.ts';
import { setChainProblem } from './trouble.ts';

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

/** Whether a packet for us goes on; `packet` then says what stands behind its extension headers. */
export function passesIpv6(input: IpInput, packet: IpPacket): boolean {
  if (!packet.hasOptions) return true;
  const { chain } = input;
  const fault = walkExtensions(packet.bytes, packet.at, chain);
  if (fault !== null) return refuse(input, packet, fault);
  if (chain.fragmentAt !== 0) {
    const verdict = joinIpv6(input, packet);
    if (verdict === 'held') {
      input.counters.fragmentsHeld++;
      return false;
    }
    if (verdict === 'refused') return refuse(input, packet, 'bad-option');
    if (verdict === 'whole') return passesWhole(input, packet);
  }
  packet.protocol = chain.protocol;
  packet.transportAt = chain.transportAt;
  return true;
}

/** All fragments are there: `packet` becomes the whole, which is looked at like any other; but it is no fragment again. */
function passesWhole(input: IpInput, packet: IpPacket): boolean {
  const { fragments, chain, counters } = input;
  if (!readIpv6Packet(fragments.whole, 0, fragments.whole.length, counters, packet)) return false;
  const fault = walkExtensions(packet.bytes, packet.at, chain);
  if (fault !== null || chain.fragmentAt !== 0) return refuse(input, packet, fault ?? 'bad-option');
  packet.protocol = chain.protocol;
  packet.transportAt = chain.transportAt;
  return true;
}

/** The sender is told of some faults (RFC 8200 §4). */
function refuse({ counters, chain, trouble }: IpInput, packet: IpPacket, fault: ExtensionFault): boolean {
  // Type 0 and others with segments left: as with IPv4, who writes a route chooses where the answers go (RFC 5095).
  if (fault === 'source-route') counters.sourceRoutesDropped++;
  else counters.badOptions++;
  setChainProblem(trouble, chain, packet);
  return false;
}
