/** IPv4 packets on the way in (RFC 1122 §3.2.1): read, and what in them stops them. */

import { unreachable } from '@tcpstack/bytes/assert';
import { readIpv4Address } from '@tcpstack/wire/ip-address';
import { findSourceRoute, isRouteCompleted } from '@tcpstack/wire/ip-options';
import { findOptionFault } from '@tcpstack/wire/ip-options-check';
import {
  checkIpv4,
  headerBytes,
  IPV4_HEADER_BYTES,
  type Ipv4Fault,
  isFragment,
  protocol,
  tos,
  totalLength,
  ttl,
} from '@tcpstack/wire/ipv4';
import { PARAMETER_ERRONEOUS_FIELD } from '@tcpstack/wire/ipv6-extensions';
import type { IpCounters } from './counters.ts';
import type { IpInput } from './input.ts';
import { joinIpv4 } from './join.ts';
import type { IpPacket } from './packet.ts';
import { setProblem } from './trouble.ts';

/** Fills `into` from the header; false when that is damaged, which is counted. */
export function readIpv4Packet(
  bytes: Uint8Array,
  at: number,
  end: number,
  counters: IpCounters,
  into: IpPacket,
): boolean {
  const fault = checkIpv4(bytes, at, end);
  if (fault !== null) {
    countFault(fault, counters);
    return false;
  }
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
  into.hasOptions = header > IPV4_HEADER_BYTES;
  return true;
}

/** Whether a packet for us goes on; when it was the last missing fragment, `packet` then is the whole. */
export function passesIpv4(input: IpInput, packet: IpPacket): boolean {
  if (packet.hasOptions && !optionsPass(input, packet)) return false;
  if (!isFragment(packet.bytes, packet.at)) return true;
  if (!joinIpv4(input, packet)) {
    input.counters.fragmentsHeld++;
    return false;
  }
  const { whole } = input.fragments;
  return readIpv4Packet(whole, 0, whole.length, input.counters, packet);
}

/** Like Linux's `accept_source_route`: who writes a route into a packet chooses where the answers go (RFC 7126 §4.3). */
function optionsPass({ counters, settings, trouble }: IpInput, { bytes, at }: IpPacket): boolean {
  const fault = findOptionFault(bytes, at);
  if (fault > 0) {
    counters.badOptions++;
    setProblem(trouble, PARAMETER_ERRONEOUS_FIELD, fault);
    return false;
  }
  const routeAt = findSourceRoute(bytes, at);
  if (routeAt === 0 || (settings.acceptSourceRoute && isRouteCompleted(bytes, routeAt))) return true;
  counters.sourceRoutesDropped++;
  return false;
}

function countFault(fault: Ipv4Fault, counters: IpCounters): void {
  switch (fault) {
    case 'short-packet':
      counters.shortPackets++;
      return;
    case 'bad-version':
      counters.notIp++;
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
