/** The UDP header (RFC 768), read and written in place. */

import { complement, fold, onesSum } from './checksum.ts';
import { putU16, u16 } from './octets.ts';

export const UDP_HEADER_BYTES = 8;

/** Why a header was refused; the name under which the drop is counted. */
export type UdpFault = 'short-datagram' | 'bad-udp-length';

/**
 * Checks lengths only. After `null` no accessor can fail, and the datagram is `bytes[at, at + lengthBytes)`: what
 * follows it in the IP packet is not its data.
 */
export function checkUdp(bytes: Uint8Array, at: number, end: number): UdpFault | null {
  if (end - at < UDP_HEADER_BYTES) return 'short-datagram';
  const length = lengthBytes(bytes, at);
  if (length < UDP_HEADER_BYTES || at + length > end) return 'bad-udp-length';
  return null;
}

export function sourcePort(bytes: Uint8Array, at: number): number {
  return u16(bytes, at);
}

export function destinationPort(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2);
}

/** Length of header and data. */
export function lengthBytes(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 4);
}

export function checksum(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}

/**
 * Whether the checksum of a checked datagram is right. 0 says that the sender made none (RFC 768): good over IPv4,
 * while "IPv6 receivers must discard UDP packets containing a zero checksum" — RFC 8200 §8.1.
 *
 * @param pseudoSum Of `pseudoHeaderSum` or `pseudoHeaderSum6`, without the length.
 * @param version 4 or 6.
 */
export function checksumValid(bytes: Uint8Array, at: number, pseudoSum: number, version: number): boolean {
  if (checksum(bytes, at) === 0) return version === 4;
  const length = lengthBytes(bytes, at);
  return fold(pseudoSum + length + onesSum(bytes, at, at + length)) === 0xffff;
}

/** Writes the header of a datagram of `datagramBytes`, header and data; the checksum is left zero. */
export function writeUdp(
  bytes: Uint8Array,
  at: number,
  source: number,
  destination: number,
  datagramBytes: number,
): void {
  putU16(bytes, at, source);
  putU16(bytes, at + 2, destination);
  putU16(bytes, at + 4, datagramBytes);
  putU16(bytes, at + 6, 0);
}

/** Fills in the checksum of the datagram `bytes[at, end)`. */
export function finishChecksum(bytes: Uint8Array, at: number, end: number, pseudoSum: number): void {
  putU16(bytes, at + 6, 0);
  const sum = complement(fold(pseudoSum + (end - at) + onesSum(bytes, at, end)));
  // "If the computed checksum is zero, it is transmitted as all ones" — RFC 768
  putU16(bytes, at + 6, sum === 0 ? 0xffff : sum);
}
