/** ARP for IPv4 over Ethernet (RFC 826), read and written in place. */

import { readMac, writeMac } from './ethernet.ts';
import { i32, putI32, putU16, u16 } from './octets.ts';

/** Bytes of a packet of Ethernet and IPv4. */
export const ARP_BYTES = 28;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

const HARDWARE_ETHERNET = 1;
const PROTOCOL_IPV4 = 0x0800;
const MAC_BYTES = 6;
const IPV4_BYTES = 4;

/** Why a packet was refused; the name under which the drop is counted. */
export type ArpFault = 'short-arp' | 'not-ipv4-over-ethernet' | 'bad-arp-operation';

/**
 * Checks the packet `bytes[at, end)`; what stands behind it is filling. After `null` no accessor can fail.
 *
 * "?Do I have the hardware type in ar$hrd? ... ?Do I speak the protocol in ar$pro?" — RFC 826, "Packet Reception"
 */
export function checkArp(bytes: Uint8Array, at: number, end: number): ArpFault | null {
  if (end - at < ARP_BYTES) return 'short-arp';
  const isOurs = u16(bytes, at) === HARDWARE_ETHERNET && u16(bytes, at + 2) === PROTOCOL_IPV4;
  if (!isOurs || bytes[at + 4] !== MAC_BYTES || bytes[at + 5] !== IPV4_BYTES) return 'not-ipv4-over-ethernet';
  const op = operation(bytes, at);
  return op === ARP_REQUEST || op === ARP_REPLY ? null : 'bad-arp-operation';
}

/** `ARP_REQUEST` or `ARP_REPLY`. */
export function operation(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}

/** Who sent it: 48 bits as a number. */
export function senderMac(bytes: Uint8Array, at: number): number {
  return readMac(bytes, at + 8);
}

/** Who sent it: int32; 0 in a probe (RFC 5227 §1.1). */
export function senderIp(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 14);
}

/** Whom it is for: 48 bits as a number; a request does not know it. */
export function targetMac(bytes: Uint8Array, at: number): number {
  return readMac(bytes, at + 18);
}

/** Whom it is for, or who is looked for: int32. */
export function targetIp(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 24);
}

/** Writes a packet (28 bytes). Hardware addresses are 48-bit numbers, IPv4 addresses int32. */
export function writeArp(
  bytes: Uint8Array,
  at: number,
  op: typeof ARP_REQUEST | typeof ARP_REPLY,
  fromMac: number,
  fromIp: number,
  toMac: number,
  toIp: number,
): void {
  putU16(bytes, at, HARDWARE_ETHERNET);
  putU16(bytes, at + 2, PROTOCOL_IPV4);
  bytes[at + 4] = MAC_BYTES;
  bytes[at + 5] = IPV4_BYTES;
  putU16(bytes, at + 6, op);
  writeMac(bytes, at + 8, fromMac);
  putI32(bytes, at + 14, fromIp);
  writeMac(bytes, at + 18, toMac);
  putI32(bytes, at + 24, toIp);
}
