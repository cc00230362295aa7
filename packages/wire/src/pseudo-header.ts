/** The sum of the pseudo-header of either family (RFC 9293 §3.1, RFC 8200 §8.1). */

import type { IpAddress } from './ip-address.ts';

/**
 * Unfolded sum of both addresses and the protocol number; add the length of the transport's bytes to it. The same for
 * each packet between two addresses. The 0xffff of mapped IPv4 addresses is a zero of this arithmetic, so that one sum
 * serves both families.
 */
export function pseudoHeaderSumOf(
  source: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
  protocolNumber: number,
): number {
  return halvesOf(source) + halvesOf(destination) + protocolNumber;
}

function halvesOf({ w0, w1, w2, w3 }: Readonly<IpAddress>): number {
  const high = (w0 >>> 16) + (w1 >>> 16) + (w2 >>> 16) + (w3 >>> 16);
  return high + (w0 & 0xffff) + (w1 & 0xffff) + (w2 & 0xffff) + (w3 & 0xffff);
}
