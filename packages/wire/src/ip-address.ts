/** An IPv4 or IPv6 address as four words: one shape for both, in every table and on every path. */

import { formatIpv4, parseIpv4 } from './address.ts';
import { i32, putI32 } from './octets.ts';

/** Third word of `::ffff:0:0/96`, where IPv4 lives (RFC 4291 §2.5.5.2). */
const MAPPED = 0xffff;

/**
 * 128 bits as int32 words, most significant first. An IPv4 address is its v4-mapped IPv6 address: in here there is no
 * other. Those kept in tables are never changed; the fields can be written so that one record is read into again and
 * again (`readIpv4Address`, `readIpv6Address`) without an object for each packet.
 */
export class IpAddress {
  w0: number;
  w1: number;
  w2: number;
  w3: number;

  constructor(w0 = 0, w1 = 0, w2 = 0, w3 = 0) {
    this.w0 = w0;
    this.w1 = w1;
    this.w2 = w2;
    this.w3 = w3;
  }
}

/** `0.0.0.0`. */
export const ANY_IPV4: Readonly<IpAddress> = ipv4Address(0);
/** `::`. */
export const ANY_IPV6: Readonly<IpAddress> = new IpAddress();

/** An IPv4 address, given as int32. */
export function ipv4Address(value: number): IpAddress {
  return new IpAddress(0, 0, MAPPED, value | 0);
}

/** A copy to keep. */
export function copyOf(address: Readonly<IpAddress>): IpAddress {
  return new IpAddress(address.w0, address.w1, address.w2, address.w3);
}

/** Writes `from` into `into`. */
export function setAddress(into: IpAddress, from: Readonly<IpAddress>): void {
  into.w0 = from.w0;
  into.w1 = from.w1;
  into.w2 = from.w2;
  into.w3 = from.w3;
}

/** Whether both are the same 128 bits. */
export function sameAddress(a: Readonly<IpAddress>, b: Readonly<IpAddress>): boolean {
  return a.w3 === b.w3 && a.w2 === b.w2 && a.w1 === b.w1 && a.w0 === b.w0;
}

/** Whether it is an IPv4 address; its int32 is then `w3`. */
export function isIpv4(address: Readonly<IpAddress>): boolean {
  return address.w0 === 0 && address.w1 === 0 && address.w2 === MAPPED;
}

/** Whether it is `0.0.0.0` or `::`. */
export function isAny(address: Readonly<IpAddress>): boolean {
  return address.w3 === 0 && address.w0 === 0 && address.w1 === 0 && (address.w2 === 0 || address.w2 === MAPPED);
}

/** Whether it is in `127.0.0.0/8`, or is `::1`. */
export function isLoopback(address: Readonly<IpAddress>): boolean {
  if (isIpv4(address)) return address.w3 >>> 24 === 127;
  return address.w0 === 0 && address.w1 === 0 && address.w2 === 0 && address.w3 === 1;
}

/** Whether it is in `224.0.0.0/4` or `ff00::/8`. */
export function isMulticast(address: Readonly<IpAddress>): boolean {
  return isIpv4(address) ? address.w3 >>> 28 === 14 : address.w0 >>> 24 === 0xff;
}

/** Whether it is in `169.254.0.0/16` or `fe80::/10`: good on one link only. */
export function isLinkLocal(address: Readonly<IpAddress>): boolean {
  return isIpv4(address) ? address.w3 >>> 16 === 0xa9fe : address.w0 >>> 22 === 0x3fa;
}

/**
 * Whether the first `prefixBits` (0 to 128) of both are the same. A prefix of IPv4 counts from its mapped form: 96 more
 * than what people write behind the slash.
 */
export function samePrefix(a: Readonly<IpAddress>, b: Readonly<IpAddress>, prefixBits: number): boolean {
  return commonPrefixBits(a, b) >= prefixBits;
}

/** Leading bits that both share, 0 to 128 (RFC 6724 §2.2, "CommonPrefixLen" without its limit). */
export function commonPrefixBits(a: Readonly<IpAddress>, b: Readonly<IpAddress>): number {
  if (a.w0 !== b.w0) return Math.clz32(a.w0 ^ b.w0);
  if (a.w1 !== b.w1) return 32 + Math.clz32(a.w1 ^ b.w1);
  if (a.w2 !== b.w2) return 64 + Math.clz32(a.w2 ^ b.w2);
  return 96 + Math.clz32(a.w3 ^ b.w3);
}

/** Reads the 4 bytes at `at`. */
export function readIpv4Address(bytes: Uint8Array, at: number, into: IpAddress): void {
  into.w0 = 0;
  into.w1 = 0;
  into.w2 = MAPPED;
  into.w3 = i32(bytes, at);
}

/** Reads the 16 bytes at `at`. */
export function readIpv6Address(bytes: Uint8Array, at: number, into: IpAddress): void {
  into.w0 = i32(bytes, at);
  into.w1 = i32(bytes, at + 4);
  into.w2 = i32(bytes, at + 8);
  into.w3 = i32(bytes, at + 12);
}

/** Writes all 16 bytes. */
export function writeIpv6Address(bytes: Uint8Array, at: number, address: Readonly<IpAddress>): void {
  putI32(bytes, at, address.w0);
  putI32(bytes, at + 4, address.w1);
  putI32(bytes, at + 8, address.w2);
  putI32(bytes, at + 12, address.w3);
}

/** "192.0.2.1" or "2001:db8::1" (RFC 4291 §2.2), or `null`. Zones ("%eth0") are the caller's to cut off. */
export function parseAddress(text: string): IpAddress | null {
  if (!text.includes(':')) {
    const value = parseIpv4(text);
    return value === null ? null : ipv4Address(value);
  }
  const groups = groupsOf(text);
  if (groups === null) return null;
  const word = (i: number): number => ((groups[i] as number) << 16) | (groups[i + 1] as number);
  return new IpAddress(word(0), word(2), word(4), word(6));
}

/** IPv4 as people write it, IPv6 by RFC 5952: lower case, no leading zeros, the longest run of zeros as "::". */
export function formatAddress(address: Readonly<IpAddress>): string {
  return isIpv4(address) ? formatIpv4(address.w3) : formatIpv6(address);
}

/** The form that an AF_INET6 socket shows: IPv4 as "::ffff:192.0.2.1". */
export function formatIpv6(address: Readonly<IpAddress>): string {
  if (isIpv4(address)) return `::ffff:${formatIpv4(address.w3)}`;
  const groups = [address.w0, address.w1, address.w2, address.w3].flatMap((word) => [word >>> 16, word & 0xffff]);
  const [from, length] = longestZeros(groups);
  const texts = groups.map((group) => group.toString(16));
  // "The symbol "::" MUST NOT be used to shorten just one 16-bit 0 field" — RFC 5952 §4.2.2
  if (length < 2) return texts.join(':');
  return `${texts.slice(0, from).join(':')}::${texts.slice(from + length).join(':')}`;
}

/** The first of the longest runs: where it begins, and how many zeros it has. */
function longestZeros(groups: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best[1]) best = [i + 1 - length, length];
  }
  return best;
}

/** The eight groups of 16 bits, or `null`. */
function groupsOf(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  if (head === null || halves.length === 1) return head?.length === 8 ? head : null;
  const tail = parseGroups(halves[1] as string, true);
  if (tail === null || head.length + tail.length > 7) return null;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Groups between colons; where `mayEndIpv4`, the last may be a dotted IPv4 address, which makes two. */
function parseGroups(text: string, mayEndIpv4: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (mayEndIpv4 && i === parts.length - 1 && part.includes('.')) {
      const value = parseIpv4(part);
      if (value === null) return null;
      groups.push(value >>> 16, value & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}
