/** Multicast Listener Discovery (RFC 3810, RFC 2710), as much of it as a host needs: queries read, reports written. */

import { type IpAddress, readIpv6Address, writeIpv6Address } from './ip-address.ts';
import { putU16, u16 } from './octets.ts';

export const MLD_QUERY = 130;
export const MLDV1_REPORT = 131;
export const MLDV1_DONE = 132;
export const MLDV2_REPORT = 143;

/** Kinds of records: what we listen to; that we begin; that we end (RFC 3810 §5.2.12). */
export const MODE_IS_EXCLUDE = 2;
export const CHANGE_TO_INCLUDE = 3;
export const CHANGE_TO_EXCLUDE = 4;

/** Bytes of a query of version 1; one of version 2 has at least `MLDV2_QUERY_BYTES`. */
export const MLDV1_MESSAGE_BYTES = 24;
export const MLDV2_QUERY_BYTES = 28;
export const MLDV2_REPORT_BYTES = 8;
/** Of a record without sources. */
export const MLDV2_RECORD_BYTES = 20;
/** The hop-by-hop header with a router alert (RFC 2711) that every message of MLD travels with. */
export const ROUTER_ALERT_HEADER_BYTES = 8;

/** Version of a query of so many bytes; 0 for a length that is neither (RFC 3810 §8.1). */
export function queryVersion(lengthBytes: number): 0 | 1 | 2 {
  if (lengthBytes === MLDV1_MESSAGE_BYTES) return 1;
  return lengthBytes >= MLDV2_QUERY_BYTES ? 2 : 0;
}

/** Milliseconds within which to answer. */
export function maximumResponseMs(bytes: Uint8Array, at: number, version: 1 | 2): number {
  const field = u16(bytes, at + 4);
  if (version === 1 || field < 0x8000) return field;
  // "If Maximum Response Code >=32768 ... Maximum Response Delay = (mant | 0x1000) << (exp+3)" — RFC 3810 §5.1.3
  return ((field & 0x0fff) | 0x1000) << (((field >> 12) & 7) + 3);
}

/** The group asked for; `::` in a general query. */
export function readGroup(bytes: Uint8Array, at: number, into: IpAddress): void {
  readIpv6Address(bytes, at + 8, into);
}

/** Writes a report of version 2 with `records` records to come; returns where they go. */
export function writeReport(bytes: Uint8Array, at: number, records: number): number {
  bytes[at] = MLDV2_REPORT;
  bytes.fill(0, at + 1, at + 6);
  putU16(bytes, at + 6, records);
  return at + MLDV2_REPORT_BYTES;
}

/** Writes a record without sources; returns the next offset. */
export function writeRecord(bytes: Uint8Array, at: number, type: number, group: Readonly<IpAddress>): number {
  bytes[at] = type;
  bytes.fill(0, at + 1, at + 4);
  writeIpv6Address(bytes, at + 4, group);
  return at + MLDV2_RECORD_BYTES;
}

/** Writes a report of version 1; returns its end. */
export function writeReportV1(bytes: Uint8Array, at: number, group: Readonly<IpAddress>): number {
  bytes[at] = MLDV1_REPORT;
  bytes.fill(0, at + 1, at + 8);
  writeIpv6Address(bytes, at + 8, group);
  return at + MLDV1_MESSAGE_BYTES;
}

/** Writes a done of version 1: we listen to the group no more; returns its end. */
export function writeDoneV1(bytes: Uint8Array, at: number, group: Readonly<IpAddress>): number {
  const end = writeReportV1(bytes, at, group);
  bytes[at] = MLDV1_DONE;
  return end;
}

/** Writes the hop-by-hop header with a router alert for MLD; returns the next offset. */
export function writeRouterAlert(bytes: Uint8Array, at: number, nextHeader: number): number {
  bytes[at] = nextHeader;
  bytes[at + 1] = 0;
  bytes[at + 2] = 5; // router alert
  bytes[at + 3] = 2;
  bytes[at + 4] = 0; // for MLD
  bytes[at + 5] = 0;
  bytes[at + 6] = 1; // PadN of nothing
  bytes[at + 7] = 0;
  return at + ROUTER_ALERT_HEADER_BYTES;
}
