/** The Ethernet II header (RFC 894), read and written in place. */

import { putI32, putU16, u16 } from './octets.ts';

/** Bytes of a header: two addresses and a type. */
export const ETHERNET_HEADER_BYTES = 14;
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_IPV6 = 0x86dd;

/** "FF:FF:FF:FF:FF:FF", as a number. */
export const MAC_BROADCAST = 0xffff_ffff_ffff;

/** Below this the type field is a length (IEEE 802.3) and the frame is not Ethernet II. */
const ETHERTYPE_MIN = 0x0600;

/** Why a frame was refused; the name under which the drop is counted. */
export type EthernetFault = 'short-frame' | 'not-ethernet-ii';

/**
 * Checks the frame `bytes[at, end)`, without its frame check sequence. After `null` no accessor can
 * fail, and what the frame carries begins at `at + ETHERNET_HEADER_BYTES`.
 */
export function checkEthernet(bytes: Uint8Array, at: number, end: number): EthernetFault | null {
  if (end - at < ETHERNET_HEADER_BYTES) return 'short-frame';
  if (etherType(bytes, at) < ETHERTYPE_MIN) return 'not-ethernet-ii';
  return null;
}

/** Destination address: 48 bits as a number, 0 to 2^48 - 1, first byte most significant. */
export function destination(bytes: Uint8Array, at: number): number {
  return readMac(bytes, at);
}

/** Source address: 48 bits as a number. */
export function source(bytes: Uint8Array, at: number): number {
  return readMac(bytes, at + 6);
}

/** What the frame carries, such as `ETHERTYPE_IPV4`. */
export function etherType(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 12);
}

/** Writes a header (14 bytes); returns the next offset. Addresses are 48-bit numbers. */
export function writeEthernet(
  bytes: Uint8Array,
  at: number,
  destinationMac: number,
  sourceMac: number,
  type: number,
): number {
  writeMac(bytes, at, destinationMac);
  writeMac(bytes, at + 6, sourceMac);
  putU16(bytes, at + 12, type);
  return at + ETHERNET_HEADER_BYTES;
}

/** A 48-bit number as "02:60:8c:9e:18:8b". */
export function formatMac(mac: number): string {
  const digits = mac.toString(16).padStart(12, '0');
  return (digits.match(/../g) as string[]).join(':');
}

/** "02:60:8c:9e:18:8b" (either case) as a 48-bit number, or `null` when it is not six such bytes. */
export function parseMac(text: string): number | null {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) ? Number.parseInt(text.replaceAll(':', ''), 16) : null;
}

/** The group bit: broadcast and multicast addresses have it, a sender's own never (IEEE 802 §8.2.2). */
export function isGroupMac(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at] as number) & 1) !== 0;
}

// Bit operations end at 32 bits, so 48-bit addresses are joined and split by arithmetic.

/** The six bytes at `at` as a 48-bit number. */
export function readMac(bytes: Uint8Array, at: number): number {
  const low = u16(bytes, at + 2) * 0x1_0000 + u16(bytes, at + 4);
  return u16(bytes, at) * 0x1_0000_0000 + low;
}

/** Writes a 48-bit number as six bytes. */
export function writeMac(bytes: Uint8Array, at: number, mac: number): void {
  putU16(bytes, at, Math.floor(mac / 0x1_0000_0000));
  putI32(bytes, at + 2, mac | 0);
}
