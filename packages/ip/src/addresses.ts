/** Which addresses a host may have or talk to (RFC 1122 §3.2.1.3). */

import {
  ANY_IPV4,
  type IpAddress,
  ipv4Address,
  isAny,
  isIpv4,
  isMulticast,
  sameAddress,
} from '@tcpstack/wire/ip-address';

/** An address that is ours, and the broadcast address of its subnet: `0.0.0.0` when there is none or it is not known. */
export interface OwnAddress {
  readonly address: Readonly<IpAddress>;
  readonly broadcast: Readonly<IpAddress>;
}

/** Whether a host may call this its own: no multicast and no broadcast address, and not zero. */
export function isUsableOwn({ address, broadcast }: OwnAddress): boolean {
  return isOneHosts(address) && !sameAddress(address, broadcast);
}

/**
 * Whether it can name one host: not zero, no multicast, and of IPv4 neither "this network" nor class E. "A host MUST
 * silently discard an incoming datagram containing an IP source address that is invalid by the rules of this section" —
 * RFC 1122 §3.2.1.3; "an IPv6 multicast address MUST NOT be used as a source address", nor may `::` but to learn one's own —
 * RFC 4291 §2.7, §2.5.2
 */
export function isOneHosts(address: Readonly<IpAddress>): boolean {
  if (!isIpv4(address)) return !isAny(address) && !isMulticast(address);
  const top = address.w3 >>> 24;
  return top !== 0 && top < 224;
}

/** Whether it is `255.255.255.255`, everybody on the link (RFC 1122 §3.2.1.3 (c)). */
export function isLimitedBroadcast(address: Readonly<IpAddress>): boolean {
  return address.w3 === -1 && isIpv4(address);
}

/**
 * The address of all hosts of the subnet, its host part all ones: "directed broadcast to the specified subnet" —
 * RFC 1122 §3.2.1.3 (e). `0.0.0.0` when there is none: the family has none, the prefix is not known (32), or the link
 * joins two ends (RFC 3021).
 */
export function subnetBroadcast(address: Readonly<IpAddress>, prefixBits: number): Readonly<IpAddress> {
  if (!isIpv4(address) || prefixBits > 30) return ANY_IPV4;
  return ipv4Address(address.w3 | (0xffff_ffff >>> prefixBits));
}
