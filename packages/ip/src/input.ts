/** The way in: is this packet well formed, and is it for us? (RFC 1122 §3.2.1) */

import { unreachable } from '@tcpstack/bytes/assert';
import {
  checkIpv4,
  destination,
  type Ipv4Fault,
  isFragment,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  protocol,
  source,
  totalLength,
} from '@tcpstack/wire/ipv4';
import type { IpCounters } from './counters.ts';

/** What is to be done with a packet that arrived. */
export type IpVerdict = 'drop' | 'tcp' | 'icmp';

/**
 * Checks the packet `bytes[at, end)` for the host with address `ours` (int32). What is dropped is counted.
 * After 'tcp' or 'icmp' the IPv4 accessors cannot fail, and the packet ends at `at + totalLength`.
 */
export function classify(bytes: Uint8Array, at: number, end: number, ours: number, counters: IpCounters): IpVerdict {
  counters.received++;
  const fault = checkIpv4(bytes, at, end);
  if (fault !== null) {
    countFault(fault, counters);
    return 'drop';
  }
  // "A host MUST silently discard an incoming datagram that is not destined for the host." — RFC 1122 §3.2.1.3
  if (destination(bytes, at) !== ours) {
    counters.notForUs++;
    return 'drop';
  }
  if (!isUsableSource(source(bytes, at), ours)) {
    counters.badSources++;
    return 'drop';
  }
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

/**
 * "A host MUST silently discard an incoming datagram containing an IP source address that is invalid by the rules
 * of this section": no multicast, no broadcast, no loopback, not zero, and here not our own. — RFC 1122 §3.2.1.3
 */
export function isUsableSource(address: number, ours: number): boolean {
  const top = address >>> 24;
  return top !== 0 && top !== 127 && top < 224 && address !== ours;
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
