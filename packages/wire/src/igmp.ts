/** IGMP (RFC 3376, RFC 2236, RFC 1112), as much of it as a host needs: queries read, reports written. */

import { complement, onesSum } from './checksum.ts';
import { type IpAddress, readIpv4Address } from './ip-address.ts';
import { IPV4_HEADER_BYTES } from './ipv4.ts';
import { putI32, putU16 } from './octets.ts';

export const PROTOCOL_IGMP = 2;
export const IGMP_QUERY = 0x11;
export const IGMP_V1_REPORT = 0x12;
export const IGMP_V2_REPORT = 0x16;
export const IGMP_V2_LEAVE = 0x17;
export const IGMP_V3_REPORT = 0x22;

/** Bytes of every message of versions 1 and 2; queries of version 3 have 12 at least. */
export const IGMP_MESSAGE_BYTES = 8;
const V3_QUERY_BYTES = 12;
/** Of a record without sources. */
const RECORD_BYTES = 8;
/** The router alert option (RFC 2113) that every message travels with. */
export const ROUTER_ALERT_IPV4_BYTES = 4;
/** "Internetwork Control" (RFC 3376 §4). */
const TOS = 0xc0;
const TENTH_MS = 100;
/** "Max Resp Time" of version 1, which says none (RFC 3376 §7.2.1 by RFC 2236 §4). */
const V1_RESPONSE_MS = 10_000;

/** Whether `bytes[at, end)` is a message with a right checksum. */
export function checkIgmp(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= IGMP_MESSAGE_BYTES && onesSum(bytes, at, end) === 0xffff;
}

/** The type, by IANA's number. */
export function messageType(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

/** Version of the query `bytes[at, end)`; 0 for a length that is none's (RFC 3376 §7.1). */
export function queryVersion(bytes: Uint8Array, at: number, end: number): 0 | 1 | 2 | 3 {
  if (end - at >= V3_QUERY_BYTES) return 3;
  if (end - at !== IGMP_MESSAGE_BYTES) return 0;
  return bytes[at + 1] === 0 ? 1 : 2;
}

/** Milliseconds within which to answer. */
export function maximumResponseMs(bytes: Uint8Array, at: number, version: 1 | 2 | 3): number {
  const code = bytes[at + 1] as number;
  if (version === 1) return V1_RESPONSE_MS;
  if (version === 2 || code < 128) return code * TENTH_MS;
  // "If Max Resp Code >= 128 ... Max Resp Time = (mant | 0x10) << (exp + 3)" — RFC 3376 §4.1.1
  return (((code & 0x0f) | 0x10) << (((code >> 4) & 7) + 3)) * TENTH_MS;
}

/** The group asked for; `0.0.0.0` in a general query. */
export function readGroup(bytes: Uint8Array, at: number, into: IpAddress): void {
  readIpv4Address(bytes, at + 4, into);
}

/** Writes a message of version 1 or 2, without its checksum; returns its end. */
export function writeMessage(bytes: Uint8Array, at: number, type: number, group: Readonly<IpAddress>): number {
  bytes[at] = type;
  bytes.fill(0, at + 1, at + 4);
  putI32(bytes, at + 4, group.w3);
  return at + IGMP_MESSAGE_BYTES;
}

/** Writes a report of version 3 with `records` records to come, without its checksum; returns where they go. */
export function writeReport(bytes: Uint8Array, at: number, records: number): number {
  bytes[at] = IGMP_V3_REPORT;
  bytes.fill(0, at + 1, at + 6);
  putU16(bytes, at + 6, records);
  return at + IGMP_MESSAGE_BYTES;
}

/** Writes a record without sources, of one of MLD's kinds, which are the same; returns the next offset. */
export function writeRecord(bytes: Uint8Array, at: number, type: number, group: Readonly<IpAddress>): number {
  bytes[at] = type;
  bytes.fill(0, at + 1, at + 4);
  putI32(bytes, at + 4, group.w3);
  return at + RECORD_BYTES;
}

/** Writes the checksum of the message `bytes[at, end)`. */
export function finishIgmp(bytes: Uint8Array, at: number, end: number): void {
  putU16(bytes, at + 2, 0);
  putU16(bytes, at + 2, complement(onesSum(bytes, at, end)));
}

/** Writes the header of a packet of `totalBytes` that carries a message: "an IP TTL of 1 ... and a Router Alert option". */
export function writeIgmpIpv4(
  bytes: Uint8Array,
  at: number,
  totalBytes: number,
  source: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
): void {
  const end = at + IPV4_HEADER_BYTES + ROUTER_ALERT_IPV4_BYTES;
  bytes[at] = 0x46;
  bytes[at + 1] = TOS;
  putU16(bytes, at + 2, totalBytes);
  // Not cut on the way, so the identification says nothing (RFC 6864 §4.1).
  putU16(bytes, at + 4, 0);
  putU16(bytes, at + 6, 0x4000);
  bytes[at + 8] = 1;
  bytes[at + 9] = PROTOCOL_IGMP;
  putU16(bytes, at + 10, 0);
  putI32(bytes, at + 12, source.w3);
  putI32(bytes, at + 16, destination.w3);
  putI32(bytes, at + 20, 0x9404_0000);
  putU16(bytes, at + 10, complement(onesSum(bytes, at, end)));
}
