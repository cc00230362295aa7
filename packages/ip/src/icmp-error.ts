/** ICMP error messages (RFC 792): which there are, and what they quote of the packet that caused them. */

import { checkIcmp, code, ICMP_HEADER_BYTES, nextHopMtu, type } from '@tcpstack/wire/icmp';
import { IpAddress, readIpv4Address, setAddress } from '@tcpstack/wire/ip-address';
import { fragment, headerBytes, IPV4_HEADER_BYTES, protocol, totalLength } from '@tcpstack/wire/ipv4';
import type { IpCounters } from './counters.ts';
import type { IpPacket } from './packet.ts';

export const ICMP_UNREACHABLE = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;
/** Code of `ICMP_UNREACHABLE`: "fragmentation needed and DF set". */
export const CODE_FRAGMENTATION_NEEDED = 4;

/** Codes that there are of each type, from 0 on (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1 and §4.3.3.5). */
const CODES: ReadonlyMap<number, number> = new Map([
  [ICMP_UNREACHABLE, 16],
  [ICMP_TIME_EXCEEDED, 2],
  [ICMP_PARAMETER_PROBLEM, 3],
]);

/** "the internet header plus the first 64 bits of the original datagram's data" — RFC 792. */
const QUOTED_TRANSPORT_BYTES = 8;

/** One error message. Reused: read it before the next one. */
export interface IcmpError {
  type: number;
  code: number;
  /** Of "fragmentation needed": the limit of the next link, 0 from a router that does not know RFC 1191. */
  nextHopMtuBytes: number;
  /** Who sent the message. */
  readonly offender: IpAddress;
  /** Of the quoted packet; all of it is a stranger's word. */
  protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  totalBytes: number;
  /** Where the quoted transport header begins; at least 8 bytes of it are there. */
  transportAt: number;
}

/** A record to be filled. */
export function createIcmpError(): IcmpError {
  return {
    type: 0,
    code: 0,
    nextHopMtuBytes: 0,
    offender: new IpAddress(),
    protocol: 0,
    source: new IpAddress(),
    destination: new IpAddress(),
    totalBytes: 0,
    transportAt: 0,
  };
}

/**
 * Reads the ICMP message of a packet. What is dropped is counted.
 *
 * @returns 'other' when it is no error message, and 'error' when `into` is filled.
 */
export function readIcmpError(packet: IpPacket, counters: IpCounters, into: IcmpError): 'other' | 'drop' | 'error' {
  const { bytes, transportAt: icmpAt, end } = packet;
  if (end - icmpAt < ICMP_HEADER_BYTES) return 'other';
  const kind = type(bytes, icmpAt);
  if (kind !== ICMP_SOURCE_QUENCH && !CODES.has(kind)) return 'other';
  if (checkIcmp(bytes, icmpAt, end) !== null) {
    counters.icmpErrors++;
    return 'drop';
  }
  // "TCP implementations MUST silently discard any received ICMP Source Quench messages" — RFC 9293 §3.9.2.2 [MUST-55]
  if (kind === ICMP_SOURCE_QUENCH) {
    counters.sourceQuenches++;
    return 'drop';
  }
  into.type = kind;
  into.code = code(bytes, icmpAt);
  into.nextHopMtuBytes = nextHopMtu(bytes, icmpAt);
  setAddress(into.offender, packet.source);
  if (into.code < (CODES.get(kind) ?? 0) && readQuote(bytes, icmpAt + ICMP_HEADER_BYTES, end, into)) return 'error';
  counters.icmpBadQuotes++;
  return 'drop';
}

/** False when this is not the beginning of an IPv4 packet. Its checksum says nothing: routers change the header. */
function readQuote(bytes: Uint8Array, at: number, end: number, into: IcmpError): boolean {
  if (end - at < IPV4_HEADER_BYTES || (bytes[at] as number) >> 4 !== 4) return false;
  const header = headerBytes(bytes, at);
  if (header < IPV4_HEADER_BYTES || at + header + QUOTED_TRANSPORT_BYTES > end) return false;
  // Only the first fragment has the ports: errors are sent for no other (RFC 1122 §3.2.2).
  if ((fragment(bytes, at) & 0x1fff) !== 0) return false;
  into.protocol = protocol(bytes, at);
  readIpv4Address(bytes, at + 12, into.source);
  readIpv4Address(bytes, at + 16, into.destination);
  into.totalBytes = totalLength(bytes, at);
  into.transportAt = at + header;
  return true;
}
