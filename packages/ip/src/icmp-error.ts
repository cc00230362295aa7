/** ICMP and ICMPv6 error messages (RFC 792, RFC 4443): which there are, and what they quote of the packet that caused them. */

import { checkIcmp, code, ICMP_HEADER_BYTES, nextHopMtu, type } from '@tcpstack/wire/icmp';
import * as Icmpv6 from '@tcpstack/wire/icmpv6';
import { IpAddress, isIpv4, readIpv4Address, setAddress } from '@tcpstack/wire/ip-address';
import { fragment, headerBytes, IPV4_HEADER_BYTES, protocol, totalLength } from '@tcpstack/wire/ipv4';
import * as Ipv6 from '@tcpstack/wire/ipv6';
import { createExtensionChain, fragmentOffsetBytes, walkOn } from '@tcpstack/wire/ipv6-extensions';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
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

/** The same of ICMPv6 (RFC 4443 §3, RFC 7112, RFC 8883); the code of "packet too big" is "ignored by the receiver". */
const CODES_V6: ReadonlyMap<number, number> = new Map([
  [Icmpv6.ICMPV6_UNREACHABLE, 9],
  [Icmpv6.ICMPV6_PACKET_TOO_BIG, 256],
  [Icmpv6.ICMPV6_TIME_EXCEEDED, 2],
  [Icmpv6.ICMPV6_PARAMETER_PROBLEM, 11],
]);

/** "the internet header plus the first 64 bits of the original datagram's data" — RFC 792. */
const QUOTED_TRANSPORT_BYTES = 8;

/** One error message. Reused: read it before the next one. */
export interface IcmpError {
  /** Of the message and of what it quotes: types and codes mean something else in each. */
  version: 4 | 6;
  type: number;
  code: number;
  /** The packet was larger than the next link, and of how much it takes; 0 from a router that does not know RFC 1191. */
  isTooBig: boolean;
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
    version: 4,
    type: 0,
    code: 0,
    isTooBig: false,
    nextHopMtuBytes: 0,
    offender: new IpAddress(),
    protocol: 0,
    source: new IpAddress(),
    destination: new IpAddress(),
    totalBytes: 0,
    transportAt: 0,
  };
}

const chain = createExtensionChain();

/**
 * Reads the ICMP or ICMPv6 message of a packet. What is dropped is counted.
 *
 * @returns 'other' when it is no error message, and 'error' when `into` is filled.
 */
export function readIcmpError(packet: IpPacket, counters: IpCounters, into: IcmpError): 'other' | 'drop' | 'error' {
  const { bytes, transportAt: icmpAt, end } = packet;
  if (end - icmpAt < ICMP_HEADER_BYTES) return 'other';
  const kind = type(bytes, icmpAt);
  const codes = (packet.version === 4 ? CODES : CODES_V6).get(kind);
  const isQuench = packet.version === 4 && kind === ICMP_SOURCE_QUENCH;
  if (codes === undefined && !isQuench) return 'other';
  if (!isSound(packet)) {
    counters.icmpErrors++;
    return 'drop';
  }
  // "TCP implementations MUST silently discard any received ICMP Source Quench messages" — RFC 9293 §3.9.2.2 [MUST-55]
  if (isQuench) {
    counters.sourceQuenches++;
    return 'drop';
  }
  readHeader(packet, kind, into);
  const quoteAt = icmpAt + ICMP_HEADER_BYTES;
  if (into.code < (codes ?? 0) && (into.version === 4 ? readQuote : readQuote6)(bytes, quoteAt, end, into)) {
    return 'error';
  }
  counters.icmpBadQuotes++;
  return 'drop';
}

function isSound({ version, bytes, transportAt, end, source, destination }: IpPacket): boolean {
  if (version === 4) return checkIcmp(bytes, transportAt, end) === null;
  const pseudoSum = pseudoHeaderSumOf(source, destination, Ipv6.PROTOCOL_ICMPV6);
  return Icmpv6.checkIcmpv6(bytes, transportAt, end, pseudoSum) === null;
}

function readHeader({ version, bytes, transportAt, source }: IpPacket, kind: number, into: IcmpError): void {
  into.version = version;
  into.type = kind;
  into.code = code(bytes, transportAt);
  setAddress(into.offender, source);
  if (version === 4) {
    into.isTooBig = kind === ICMP_UNREACHABLE && into.code === CODE_FRAGMENTATION_NEEDED;
    into.nextHopMtuBytes = nextHopMtu(bytes, transportAt);
  } else {
    into.isTooBig = kind === Icmpv6.ICMPV6_PACKET_TOO_BIG;
    into.nextHopMtuBytes = Icmpv6.word(bytes, transportAt);
  }
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

/** The same for an IPv6 packet, whose extension headers are walked over as far as they were quoted. */
function readQuote6(bytes: Uint8Array, at: number, end: number, into: IcmpError): boolean {
  if (end - at < Ipv6.IPV6_HEADER_BYTES || (bytes[at] as number) >> 4 !== 6) return false;
  const next = Ipv6.nextHeader(bytes, at);
  chain.fragmentAt = 0;
  if (walkOn(bytes, at, end, next, at + Ipv6.IPV6_HEADER_BYTES, at + 6, chain) !== null) return false;
  if (chain.fragmentAt !== 0) {
    if (fragmentOffsetBytes(bytes, chain.fragmentAt) !== 0) return false;
    if (walkOn(bytes, at, end, chain.protocol, chain.transportAt, chain.namedAt, chain) !== null) return false;
  }
  if (chain.transportAt + QUOTED_TRANSPORT_BYTES > end) return false;
  into.protocol = chain.protocol;
  Ipv6.readSource(bytes, at, into.source);
  Ipv6.readDestination(bytes, at, into.destination);
  into.totalBytes = Ipv6.totalLength(bytes, at);
  into.transportAt = chain.transportAt;
  // No packet of ours has mapped addresses in its header.
  return !isIpv4(into.source) && !isIpv4(into.destination);
}
