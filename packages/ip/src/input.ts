/** The way in: is this packet well formed, and is it for us? (RFC 1122 §3.2.1, RFC 8200 §3) */

import { type IpAddress, isAny, isIpv4, isLoopback } from '@tcpstack/wire/ip-address';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '@tcpstack/wire/ipv4';
import { NO_NEXT_HEADER, PROTOCOL_ICMPV6 } from '@tcpstack/wire/ipv6';
import type { ExtensionChain } from '@tcpstack/wire/ipv6-extensions';
import { isLimitedBroadcast, isOneHosts } from './addresses.ts';
import type { IpCounters } from './counters.ts';
import { NO_PROTOCOL } from './icmp-send.ts';
import { passesIpv4, readIpv4Packet } from './input-ipv4.ts';
import { passesIpv6, readIpv6Packet } from './input-ipv6.ts';
import type { InterfaceTable } from './interfaces.ts';
import type { IpPacket } from './packet.ts';
import type { Reassembly } from './reassembly.ts';
import type { Trouble } from './trouble.ts';

/** Where the header of IPv6 names what follows. */
const NEXT_HEADER_AT = 6;

/** What the way in must know of the host. */
export interface IpInput {
  readonly interfaces: InterfaceTable;
  readonly settings: {
    /** Linux's `accept_source_route`. */
    readonly acceptSourceRoute: boolean;
    /** Linux's `ip_forward` and `forwarding`: packets for others go on. */
    readonly forwardIpv4: boolean;
    readonly forwardIpv6: boolean;
  };
  readonly counters: IpCounters;
  /** Filled for each IPv6 packet. */
  readonly chain: ExtensionChain;
  /** The time of the packets that are taken. */
  nowMs: number;
  readonly fragments: Reassembly;
  /** Whether the sender of the last packet is to be told why it went no further. */
  readonly trouble: Trouble;
  /** The last packet is for another host, and may go on there: who forwards it sets this back. */
  isForOthers: boolean;
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
  const { counters, trouble } = input;
  counters.received++;
  trouble.about = null;
  into.interfaceIndex = interfaceIndex;
  into.isToMany = false;
  const isIpv6 = end > at && (bytes[at] as number) >> 4 === 6;
  const isRead = isIpv6
    ? readIpv6Packet(bytes, at, end, counters, into)
    : readIpv4Packet(bytes, at, end, counters, into);
  if (!isRead || !isForUs(input, into)) return false;
  if (!(isIpv6 ? passesIpv6(input, into) : passesIpv4(input, into))) return false;
  if (into.isToMany && into.protocol !== PROTOCOL_UDP) {
    counters.notForUs++;
    return false;
  }
  if (!isSpoken(into)) {
    refuseProtocol(input, into);
    return false;
  }
  counters.delivered++;
  return true;
}

function isSpoken({ protocol, version }: IpPacket): boolean {
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) return true;
  return protocol === (version === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6);
}

/** Code 2 of "destination unreachable" (RFC 1122 §3.2.2.1); over IPv6 with the place of what named it (RFC 8200 §4). */
function refuseProtocol({ counters, trouble, chain }: IpInput, packet: IpPacket): void {
  counters.unknownProtocols++;
  const isIpv6 = packet.version === 6;
  // "there is nothing following that header" — RFC 8200 §4.7
  if (isIpv6 && packet.protocol === NO_NEXT_HEADER) return;
  trouble.about = NO_PROTOCOL;
  trouble.pointer = isIpv6 && packet.hasOptions ? chain.namedAt - packet.at : NEXT_HEADER_AT;
}

function isForUs(input: IpInput, packet: IpPacket): boolean {
  const { interfaces, counters } = input;
  const { source, destination, version } = packet;
  const isInside = packet.interfaceIndex === 0;
  // "MUST NOT appear outside a host" — RFC 1122 §3.2.1.3 (g); "A packet received on an interface with a destination
  // address of loopback MUST be dropped" — RFC 4291 §2.5.3
  if (!isInside && (isLoopback(destination) || isLoopback(source))) {
    counters.martians++;
    return false;
  }
  // A mapped address in an IPv6 header would pass for an IPv4 peer, whose packets it never was.
  const isMapped = version === 6 && (isIpv4(source) || isIpv4(destination));
  // "A host MUST silently discard an incoming datagram that is not destined for the host." — RFC 1122 §3.2.1.3
  // Broadcasts and groups are for datagrams alone: TCP "MUST silently discard an incoming SYN segment that is addressed
  // to a broadcast or multicast address", and any other — RFC 9293 §3.9.2.3 [MUST-57].
  if (!isMapped && !interfaces.isOwn(destination)) {
    packet.isToMany = interfaces.isToMany(destination, packet.interfaceIndex);
    if (!packet.isToMany) {
      const { forwardIpv4, forwardIpv6 } = input.settings;
      if (!isInside && (version === 4 ? forwardIpv4 : forwardIpv6)) input.isForOthers = true;
      else counters.notForUs++;
      return false;
    }
  }
  // "An incoming SYN with an invalid source address MUST be ignored either by TCP or by the IP layer" — RFC 9293
  // §3.9.2.3 [MUST-63]
  const isSpoofed = !isInside && interfaces.own(source) !== null;
  if (isMapped || isSpoofed || !mayCome(interfaces, source, destination)) {
    counters.badSources++;
    return false;
  }
  return true;
}

/** "0.0.0.0 ... as a source address by a host when it is learning its own IP address": it tells everybody — RFC 1122 §3.2.1.3 (a) */
function mayCome(interfaces: InterfaceTable, source: Readonly<IpAddress>, destination: Readonly<IpAddress>): boolean {
  if (isOneHosts(source)) return !interfaces.isBroadcast(source);
  return isAny(source) && isIpv4(source) && isLimitedBroadcast(destination);
}
