/** Whether a packet that came in a frame to many stations is itself for many (RFC 1122 §3.3.6). */

import { IpAddress, isMulticast, readIpv4Address, readIpv6Address } from '@tcpstack/wire/ip-address';
import { isBroadcast, type LinkAddresses } from './link-address.ts';

const scratch = new IpAddress();

/**
 * "A host SHOULD silently discard a datagram that is received via a link-layer broadcast ... but does not specify an IP
 * multicast or broadcast destination address." — RFC 1122 §3.3.6. What is too short to tell is the IP layer's to count.
 */
export function isSentToMany(addresses: LinkAddresses, bytes: Uint8Array, at: number, end: number): boolean {
  const isV6 = (bytes[at] as number) >> 4 === 6;
  if (end - at < (isV6 ? 40 : 20)) return true;
  if (isV6) readIpv6Address(bytes, at + 24, scratch);
  else readIpv4Address(bytes, at + 16, scratch);
  return isMulticast(scratch) || isBroadcast(addresses, scratch);
}
