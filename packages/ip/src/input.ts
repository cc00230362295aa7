/** The way in: is this packet well formed, and is it for us? (RFC 1122 §3.2.1) */

import { unreachable } from '@tcpstack/bytes/assert';
import { findSourceRoute, isRouteCompleted } from '@tcpstack/wire/ip-options';
import {
  checkIpv4,
  destination,
  headerBytes,
  IPV4_HEADER_BYTES,
  type Ipv4Fault,
  isFragment,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  protocol,
  source,
  totalLength,
} from '@tcpstack/wire/ipv4';
import { isUsableSource } from './addresses.ts';
import type { IpCounters } from './counters.ts';

/** What is to be done with a packet that arrived. */
export type IpVerdict = 'drop' | 'tcp' | 'icmp';

/**
 * Checks the packet `bytes[at, end)` for the host with address `ours` (int32). What is dropped is counted.
 * After 'tcp' or 'icmp' the IPv4 accessors cannot fail, and the packet ends at `at + totalLength`.
 *
 * @param broadcast What `subnetBroadcast` gave.
 */
export function classify(
  bytes: Uint8Array,
  at: number,
  end: number,
  ours: number,
  counters: IpCounters,
  broadcast = 0,
  acceptSourceRoute = false,
): IpVerdict {
  counters.received++;
  const fault = checkIpv4(bytes, at, end);
  if (fault !== null) {
    countFault(fault, counters);
    return 'drop';
  }
  // "A host MUST silently discard an incoming datagram that is not destined for the host." — RFC 1122 §3.2.1.3
  // Broadcasts and multicasts would be, and nobody here listens to them: TCP "MUST silently discard an incoming SYN
  // segment that is addressed to a broadcast or multicast address", and any other — RFC 9293 §3.9.2.3 [MUST-57]
  if (destination(bytes, at) !== ours) {
    counters.notForUs++;
    return 'drop';
  }
  // "An incoming SYN with an invalid source address MUST be ignored either by TCP or by the IP layer" — RFC 9293
  // §3.9.2.3 [MUST-63]
  if (!isUsableSource(source(bytes, at), ours, broadcast)) {
    counters.badSources++;
    return 'drop';
  }
  if (headerBytes(bytes, at) > IPV4_HEADER_BYTES && !optionsPass(bytes, at, counters, acceptSourceRoute)) return 'drop';
  if (isFragment(bytes, at)) {
    counters.fragmentsDropped++;
    return 'drop';
  }
  switch (protocol(bytes, at)) {
    case PROTOCOL_TCP:
      counters.delivered++;
      return 'tcp';
    case PROTOCOL_ICMP:
      counters.delivered++;
      return 'icmp';
    default:
      counters.unknownProtocols++;
      return 'drop';
  }
}

/** The end of the packet at `at`: link padding after it is not data. */
export function packetEnd(bytes: Uint8Array, at: number): number {
  return at + totalLength(bytes, at);
}

/** Like Linux's `accept_source_route`: who writes a route into a packet chooses where the answers go (RFC 7126 §4.3). */
function optionsPass(bytes: Uint8Array, at: number, counters: IpCounters, acceptSourceRoute: boolean): boolean {
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
