/** The way in: is this packet well formed, and is it for us? (RFC 1122 §3.2.1) */

import { unreachable } from '@tcpstack/bytes/assert';
import { isIpv4, readIpv4Address, sameAddress } from '@tcpstack/wire/ip-address';
import { findSourceRoute, isRouteCompleted } from '@tcpstack/wire/ip-options';
import {
  checkIpv4,
  headerBytes,
  IPV4_HEADER_BYTES,
  type Ipv4Fault,
  isFragment,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  protocol,
  tos,
  totalLength,
  ttl,
} from '@tcpstack/wire/ipv4';
import { isUsableSource, type OwnAddress } from './addresses.ts';
import type { IpCounters } from './counters.ts';
import type { IpPacket } from './packet.ts';

/** What the way in must know of the host. */
export interface IpInput {
  readonly own: OwnAddress;
  /** Linux's `accept_source_route`. */
  acceptSourceRoute: boolean;
  readonly counters: IpCounters;
}

/**
 * Reads the packet `bytes[at, end)` that came in over an interface into `into`; false when it goes no further, which is
 * counted.
 */
export function receive(
  input: IpInput,
  bytes: Uint8Array,
  at: number,
  end: number,
  interfaceIndex: number,
  into: IpPacket,
): boolean {
  const { counters } = input;
  counters.received++;
  const fault = checkIpv4(bytes, at, end);
  if (fault !== null) {
    countFault(fault, counters);
    return false;
  }
  readHeader(bytes, at, interfaceIndex, into);
  if (!isForUs(input, into)) return false;
  if (into.hasOptions && !optionsPass(input, into)) return false;
  if (isFragment(bytes, at)) {
    counters.fragmentsDropped++;
    return false;
  }
  if (into.protocol !== PROTOCOL_TCP && into.protocol !== PROTOCOL_ICMP) {
    counters.unknownProtocols++;
    return false;
  }
  counters.delivered++;
  return true;
}

function readHeader(bytes: Uint8Array, at: number, interfaceIndex: number, into: IpPacket): void {
  const header = headerBytes(bytes, at);
  into.version = 4;
  into.bytes = bytes;
  into.at = at;
  // Link padding after it is not data.
  into.end = at + totalLength(bytes, at);
  into.transportAt = at + header;
  into.protocol = protocol(bytes, at);
  readIpv4Address(bytes, at + 12, into.source);
  readIpv4Address(bytes, at + 16, into.destination);
  into.ttlHops = ttl(bytes, at);
  into.tosByte = tos(bytes, at);
  into.interfaceIndex = interfaceIndex;
  into.hasOptions = header > IPV4_HEADER_BYTES;
}

function isForUs({ own, counters }: IpInput, { source, destination }: IpPacket): boolean {
  // "A host MUST silently discard an incoming datagram that is not destined for the host." — RFC 1122 §3.2.1.3
  // Broadcasts and multicasts would be, and nobody here listens to them: TCP "MUST silently discard an incoming SYN
  // segment that is addressed to a broadcast or multicast address", and any other — RFC 9293 §3.9.2.3 [MUST-57]
  if (!sameAddress(destination, own.address)) {
    counters.notForUs++;
    return false;
  }
  // "An incoming SYN with an invalid source address MUST be ignored either by TCP or by the IP layer" — RFC 9293
  // §3.9.2.3 [MUST-63]
  if (!isIpv4(source) || !isUsableSource(source, own)) {
    counters.badSources++;
    return false;
  }
  return true;
}

/** Like Linux's `accept_source_route`: who writes a route into a packet chooses where the answers go (RFC 7126 §4.3). */
function optionsPass({ counters, acceptSourceRoute }: IpInput, { bytes, at }: IpPacket): boolean {
  const routeAt = findSourceRoute(bytes, at);
  if (routeAt < 0) counters.badOptions++;
  else if (routeAt > 0 && !(acceptSourceRoute && isRouteCompleted(bytes, routeAt))) counters.sourceRoutesDropped++;
  else return true;
  return false;
}

function countFault(fault: Ipv4Fault, counters: IpCounters): void {
  switch (fault) {
    case 'short-packet':
      counters.shortPackets++;
      return;
    case 'bad-version':
      counters.notIpv4++;
      return;
    case 'bad-header-length':
    case 'bad-total-length':
      counters.badHeaders++;
      return;
    case 'bad-header-checksum':
      counters.badHeaderChecksums++;
      return;
    default:
      unreachable(fault);
  }
}
