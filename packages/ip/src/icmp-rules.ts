/** About which packets nobody is told (RFC 1122 §3.2.2, RFC 4443 §2.4(e)). */

import { type IpAddress, isAny, isLoopback, isMulticast } from '@tcpstack/wire/ip-address';
import { fragment, PROTOCOL_ICMP } from '@tcpstack/wire/ipv4';
import { PROTOCOL_ICMPV6 } from '@tcpstack/wire/ipv6';
import { createExtensionChain, fragmentOffsetBytes, walkExtensions, walkOn } from '@tcpstack/wire/ipv6-extensions';
import type { IpPacket } from './packet.ts';

/** What the rules must know of the host. */
export interface BroadcastKnower {
  /** Whether it is the broadcast address of a subnet that we are on. */
  isBroadcast(address: Readonly<IpAddress>): boolean;
}

/** Types of ICMP that ask or answer: echo, timestamp, information, address mask. All others complain. */
const QUERIES: ReadonlySet<number> = new Set([0, 8, 13, 14, 15, 16, 17, 18]);
const ICMPV6_REDIRECT = 137;
const LOOPBACK_INTERFACE = 0;

/**
 * "An ICMP error message MUST NOT be sent as the result of receiving: an ICMP error message, or a datagram destined to an
 * IP broadcast or IP multicast address, or a datagram sent as a link-layer broadcast, or a non-initial fragment, or a
 * datagram whose source address does not define a single host -- e.g., a zero address, a loopback address, a broadcast
 * address, a multicast address, or a Class E address." — RFC 1122 §3.2.2
 */
export function mayTellIpv4(packet: IpPacket, host: BroadcastKnower): boolean {
  const { bytes, at, source, destination, interfaceIndex } = packet;
  if (isMulticast(destination) || destination.w3 === -1 || host.isBroadcast(destination)) return false;
  if ((fragment(bytes, at) & 0x1fff) !== 0) return false;
  // Over our own loopback, one host is what that address defines.
  if (isLoopback(source) && interfaceIndex !== LOOPBACK_INTERFACE) return false;
  if (isAny(source) || source.w3 >>> 28 >= 14 || host.isBroadcast(source)) return false;
  if (packet.protocol !== PROTOCOL_ICMP) return true;
  return packet.transportAt < packet.end && QUERIES.has(bytes[packet.transportAt] as number);
}

const chain = createExtensionChain();

/**
 * The same for IPv6.
 *
 * @param evenMulticast For "packet too big", and for "parameter problem" about an option that says so: "(e.3) A packet
 *   destined to an IPv6 multicast address. (There are two exceptions to this rule ...)" — RFC 4443 §2.4
 */
export function mayTellIpv6(packet: IpPacket, evenMulticast: boolean): boolean {
  const { bytes, at, end, source, destination, interfaceIndex } = packet;
  if (isMulticast(destination) && !evenMulticast) return false;
  if (isAny(source) || isMulticast(source)) return false;
  if (isLoopback(source) && interfaceIndex !== LOOPBACK_INTERFACE) return false;
  walkExtensions(bytes, at, chain);
  const { fragmentAt } = chain;
  const isLater = fragmentAt !== 0 && fragmentOffsetBytes(bytes, fragmentAt) !== 0;
  if (fragmentAt !== 0 && !isLater) walkOn(bytes, at, end, chain.protocol, chain.transportAt, chain.namedAt, chain);
  if (chain.protocol !== PROTOCOL_ICMPV6) return true;
  // "(e.1) An ICMPv6 error message. (e.2) An ICMPv6 redirect message." Of a later fragment nobody knows.
  if (isLater || chain.transportAt >= end) return false;
  const type = bytes[chain.transportAt] as number;
  return type >= 128 && type !== ICMPV6_REDIRECT;
}
