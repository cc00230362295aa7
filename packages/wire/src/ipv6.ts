/** The IPv6 header (RFC 8200 §3), read and written in place. */

import { type IpAddress, readIpv6Address, writeIpv6Address } from './ip-address.ts';
import { putI32, putU16, u16 } from './octets.ts';

/** Bytes of the header, without extension headers. */
export const IPV6_HEADER_BYTES = 40;
/** "IPv6 requires that every link in the Internet have an MTU of 1280 octets or greater" — RFC 8200 §5. */
export const IPV6_MTU_MIN_BYTES = 1280;
export const PROTOCOL_ICMPV6 = 58;
/** Next header of a packet after which nothing follows (RFC 8200 §4.7). */
export const NO_NEXT_HEADER = 59;

/** Why a header was refused; the name under which the drop is counted. */
export type Ipv6Fault = 'short-packet' | 'bad-version' | 'bad-payload-length';

/**
 * Checks the header at `bytes[at, end)`. After `null` no accessor can fail, and the packet is
 * `bytes[at, at + totalLength)`: anything after it is link padding, not data. Jumbograms (RFC 2675), whose payload
 * length is 0, are packets without a payload here.
 */
export function checkIpv6(bytes: Uint8Array, at: number, end: number): Ipv6Fault | null {
  if (end - at < IPV6_HEADER_BYTES) return 'short-packet';
  if ((bytes[at] as number) >> 4 !== 6) return 'bad-version';
  if (at + totalLength(bytes, at) > end) return 'bad-payload-length';
  return null;
}

/** The DS field and ECN bits, as the IPv4 header has them in its second byte. */
export function trafficClass(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) >> 4) & 0xff;
}

/** 20 bits that name a flow (RFC 6437); 0 when the sender gave none. */
export function flowLabel(bytes: Uint8Array, at: number): number {
  return (((bytes[at + 1] as number) & 0x0f) << 16) | u16(bytes, at + 2);
}

/** Bytes behind the 40 of this header, extension headers included. */
export function payloadLength(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 4);
}

/** Total length in bytes, this header included. */
export function totalLength(bytes: Uint8Array, at: number): number {
  return IPV6_HEADER_BYTES + u16(bytes, at + 4);
}

/** Protocol number of the header that follows. */
export function nextHeader(bytes: Uint8Array, at: number): number {
  return bytes[at + 6] as number;
}

/** What IPv4 calls time to live, 0 to 255. */
export function hopLimit(bytes: Uint8Array, at: number): number {
  return bytes[at + 7] as number;
}

/** Reads the source address. */
export function readSource(bytes: Uint8Array, at: number, into: IpAddress): void {
  readIpv6Address(bytes, at + 8, into);
}

/** Reads the destination address. */
export function readDestination(bytes: Uint8Array, at: number, into: IpAddress): void {
  readIpv6Address(bytes, at + 24, into);
}

/** Writes the header of a packet of `totalLengthBytes`, this header included. */
export function writeIpv6(
  bytes: Uint8Array,
  at: number,
  totalLengthBytes: number,
  nextHeaderNumber: number,
  source: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
  hopLimitHops: number,
  trafficClassByte: number,
  flowLabelBits: number,
): void {
  putI32(bytes, at, 0x6000_0000 | ((trafficClassByte & 0xff) << 20) | (flowLabelBits & 0xf_ffff));
  putU16(bytes, at + 4, totalLengthBytes - IPV6_HEADER_BYTES);
  bytes[at + 6] = nextHeaderNumber;
  bytes[at + 7] = hopLimitHops;
  writeIpv6Address(bytes, at + 8, source);
  writeIpv6Address(bytes, at + 24, destination);
}

/**
 * Unfolded sum of the address and protocol words of the pseudo-header (RFC 8200 §8.1); add the upper layer's length to
 * it. The same for each packet of a connection.
 */
export function pseudoHeaderSum6(
  source: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
  protocolNumber: number,
): number {
  return addressSum(source) + addressSum(destination) + protocolNumber;
}

/** The same sum, taken from the header of a checked packet. */
export function pseudoHeaderSumAt(bytes: Uint8Array, at: number, protocolNumber: number): number {
  let sum = protocolNumber;
  for (let i = at + 8; i < at + IPV6_HEADER_BYTES; i += 2) sum += u16(bytes, i);
  return sum;
}

function addressSum({ w0, w1, w2, w3 }: Readonly<IpAddress>): number {
  return (
    (w0 >>> 16) +
    (w0 & 0xffff) +
    (w1 >>> 16) +
    (w1 & 0xffff) +
    (w2 >>> 16) +
    (w2 & 0xffff) +
    (w3 >>> 16) +
    (w3 & 0xffff)
  );
}
