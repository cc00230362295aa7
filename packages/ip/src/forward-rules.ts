/** Packets for others that go no further (RFC 1812 §5.3, RFC 4291 §2.5, RFC 3927 §7). */

import { isLinkLocal } from '@tcpstack/wire/ip-address';
import { isOneHosts } from './addresses.ts';
import type { InterfaceTable } from './interfaces.ts';
import type { IpPacket } from './packet.ts';

/**
 * "A router SHOULD NOT forward any packet that has an invalid IP source address or a source address on network 0" —
 * RFC 1812 §5.3.7; nor one from an address that is our own.
 */
export function isMartian(interfaces: InterfaceTable, { source }: IpPacket): boolean {
  return !isOneHosts(source) || interfaces.own(source) !== null || interfaces.isBroadcast(source);
}

/**
 * Whether its destination is nobody, or on this link only: multicasts are for multicast routers, broadcasts stay where they
 * are (RFC 1812 §5.3.5), and "A router MUST NOT forward a packet with an IPv4 Link-Local source or destination address" —
 * RFC 3927 §7. Sources of IPv6 are told; see `isBeyondScope`.
 */
export function isKeptHere(interfaces: InterfaceTable, { version, source, destination }: IpPacket): boolean {
  if (!isOneHosts(destination) || interfaces.isBroadcast(destination)) return true;
  return isLinkLocal(destination) || (version === 4 && isLinkLocal(source));
}

/** Whether nobody beyond this link could answer it. */
export function isBeyondScope({ version, source }: IpPacket): boolean {
  return version === 6 && isLinkLocal(source);
}
