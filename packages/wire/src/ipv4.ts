/** The IPv4 header (RFC 791 §3.1), read and written in place. */

import { complement, onesSum } from './checksum.ts';
import { i32, putI32, putU16, u16 } from './octets.ts';

/** Bytes of a header without options. */
export const IPV4_HEADER_BYTES = 20;
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
/** "Don't Fragment", as a bit of `fragment()`. */
export const IPV4_DF = 0x4000;
/** "More Fragments", as a bit of `fragment()`. */
export const IPV4_MF = 0x2000;

/** Why a header was refused; the name under which the drop is counted. */
export type Ipv4Fault =
  | 'short-packet'
  | 'bad-version'
  | 'bad-header-length'
  | 'bad-total-length'
  | 'bad-header-checksum';

/**
 * Checks the header at `bytes[at, end)`. After `null` no accessor can fail, and the packet is
 * `bytes[at, at + totalLength)`: anything after it is link padding, not data.
 */
export function checkIpv4(bytes: Uint8Array, at: number, end: number): Ipv4Fault | null {
  if (end - at < IPV4_HEADER_BYTES) return 'short-packet';
  if ((bytes[at] as number) >> 4 !== 4) return 'bad-version';
  const headerEnd = at + headerBytes(bytes, at);
  if (headerEnd - at < IPV4_HEADER_BYTES || headerEnd > end) return 'bad-header-length';
  const total = totalLength(bytes, at);
  if (at + total < headerEnd || at + total > end) return 'bad-total-length';
  if (onesSum(bytes, at, headerEnd) !== 0xffff) return 'bad-header-checksum';
  return null;
}

/** Header length in bytes, 20 to 60 (IHL x 4). */
export function headerBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) & 0x0f) << 2;
}

/** The DS field and ECN bits (once "type of service"). */
export function tos(bytes: Uint8Array, at: number): number {
  return bytes[at + 1] as number;
}

/** Total length in bytes, header included. */
export function totalLength(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2);
}

/** Identification field. */
export function identification(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 4);
}

/** The flags and the fragment offset as one 16-bit word: `IPV4_DF`, `IPV4_MF`, and the low 13 bits. */
export function fragment(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}

/** Whether the packet is a fragment: more follow, or its offset is not zero. */
export function isFragment(bytes: Uint8Array, at: number): boolean {
  return (fragment(bytes, at) & ~IPV4_DF & 0x3fff) !== 0;
}

/** Time to live, 0 to 255. */
export function ttl(bytes: Uint8Array, at: number): number {
  return bytes[at + 8] as number;
}

/** Protocol number. */
export function protocol(bytes: Uint8Array, at: number): number {
  return bytes[at + 9] as number;
}

/** Header checksum field. */
export function headerChecksum(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 10);
}

/** Source address as an int32, most significant byte first. */
export function source(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 12);
}

/** Destination address as an int32. */
export function destination(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 16);
}

/** Writes a 20-byte header with a right checksum. Addresses are int32. */
export function writeIpv4(
  bytes: Uint8Array,
  at: number,
  totalLengthBytes: number,
  protocolNumber: number,
  sourceAddress: number,
  destinationAddress: number,
  id: number,
  fragmentWord: number,
  ttlHops: number,
  tosByte: number,
): void {
  bytes[at] = 0x45;
  bytes[at + 1] = tosByte;
  putU16(bytes, at + 2, totalLengthBytes);
  putU16(bytes, at + 4, id);
  putU16(bytes, at + 6, fragmentWord);
  bytes[at + 8] = ttlHops;
  bytes[at + 9] = protocolNumber;
  putU16(bytes, at + 10, 0);
  putI32(bytes, at + 12, sourceAddress);
  putI32(bytes, at + 16, destinationAddress);
  putU16(bytes, at + 10, complement(onesSum(bytes, at, at + IPV4_HEADER_BYTES)));
}

/**
 * Unfolded sum of the address and protocol words of the pseudo-header (RFC 9293 §3.1); add the TCP
 * length to it. The same for each packet of a connection.
 */
export function pseudoHeaderSum(sourceAddress: number, destinationAddress: number, protocolNumber: number): number {
  return (
    (sourceAddress >>> 16) +
    (sourceAddress & 0xffff) +
    (destinationAddress >>> 16) +
    (destinationAddress & 0xffff) +
    protocolNumber
  );
}
