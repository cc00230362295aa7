/** ICMP errors that we send, in both families: what arrived did not get where it was to go. */

import { complement, onesSum } from '@tcpstack/wire/checksum';
import * as Icmpv6 from '@tcpstack/wire/icmpv6';
import type { IpAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_ICMP, writeIpv4 } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES, PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import {
  PARAMETER_ERRONEOUS_FIELD,
  PARAMETER_UNKNOWN_NEXT_HEADER,
  PARAMETER_UNKNOWN_OPTION,
} from '@tcpstack/wire/ipv6-extensions';
import { putU16 } from '@tcpstack/wire/octets';
import {
  CODE_FRAGMENTATION_NEEDED,
  ICMP_PARAMETER_PROBLEM,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
} from './icmp-error.ts';
import type { IcmpLimit } from './icmp-limit.ts';
import { type BroadcastKnower, mayTellIpv4, mayTellIpv6 } from './icmp-rules.ts';
import type { Identifications } from './identification.ts';
import { HOP_DEFAULTS, type HopSettings } from './output.ts';
import type { IpPacket } from './packet.ts';
import { PARAMETER_INCOMPLETE_CHAIN } from './reassembly.ts';

/**
 * "the ICMP datagram SHOULD contain as much of the original datagram as possible without the length of the ICMP datagram
 * exceeding 576 bytes" — RFC 1812 §4.3.2.3
 */
const ICMP_PACKET_MAX_BYTES = 576;
/** "As much of invoking packet as possible without the ICMPv6 packet exceeding the minimum IPv6 MTU" — RFC 4443 §3.1. */
const ICMPV6_PACKET_MAX_BYTES = 1280;
const ICMP_HEADER_BYTES = 8;
const IPV4_HEADER_BYTES = 20;
/** "ICMP error messages ... SHOULD have their IP Precedence field set to a value of 6 or 7" — RFC 1812 §4.3.2.5. */
const INTERNETWORK_CONTROL = 0xc0;
/** Of the TOS byte of what they are about, without precedence and ECN; as Linux. */
const TOS_KEPT = 0x1c;
const LOOPBACK_INTERFACE = 0;

/** What became of the errors, by name. */
export interface IcmpSendCounters {
  icmpErrorsSent: number;
  /** About packets of which nobody is told. */
  icmpErrorsForbidden: number;
  icmpErrorsLimited: number;
  /** For which there was no room. */
  icmpErrorsDropped: number;
}

/** Where packets go that wait for the next output. */
export interface PacketPlace {
  readonly arena: Uint8Array;
  /** Where to write one of up to `maxBytes`; -1 when there is no room. */
  reserve(maxBytes: number): number;
  commit(lengthBytes: number): void;
}

/** Why a packet got no further, in the words of both families. */
export interface Complaint {
  readonly type4: number;
  readonly code4: number;
  readonly type6: number;
  readonly code6: number;
}

function unreachable(code4: number, code6: number): Complaint {
  return { type4: ICMP_UNREACHABLE, code4, type6: Icmpv6.ICMPV6_UNREACHABLE, code6 };
}

function timeExceeded(code4: number, code6: number): Complaint {
  return { type4: ICMP_TIME_EXCEEDED, code4, type6: Icmpv6.ICMPV6_TIME_EXCEEDED, code6 };
}

function parameterProblem(code6: number): Complaint {
  return { type4: ICMP_PARAMETER_PROBLEM, code4: 0, type6: Icmpv6.ICMPV6_PARAMETER_PROBLEM, code6 };
}

/** No route leads there (when forwarding). */
export const NO_ROUTE: Complaint = unreachable(0, Icmpv6.CODE6_NO_ROUTE);
/** No neighbour answers there (when forwarding). */
export const NO_HOST: Complaint = unreachable(1, Icmpv6.CODE6_ADDRESS);
/** Nobody beyond its own link could answer the source (when forwarding); only IPv6 has a code for it. */
export const BEYOND_SCOPE: Complaint = unreachable(0, Icmpv6.CODE6_BEYOND_SCOPE);
/** The next link carries only so much, which the message tells (when forwarding; RFC 1191 §4, RFC 4443 §3.2). */
export const TOO_BIG: Complaint = {
  ...unreachable(CODE_FRAGMENTATION_NEEDED, 0),
  type6: Icmpv6.ICMPV6_PACKET_TOO_BIG,
};
/**
 * Nobody has this port: "Code 3 (Port Unreachable)" is for a transport that "is unable to demultiplex the datagram but has
 * no protocol mechanism to inform the sender" — RFC 1122 §3.2.2.1; RFC 4443 §3.1.
 */
export const NO_PORT: Complaint = unreachable(3, Icmpv6.CODE6_PORT);
/**
 * The transport is not known: "Code 2 (Protocol Unreachable)" (RFC 1122 §3.2.2.1); over IPv6 a parameter problem whose
 * pointer is at the byte that names it (RFC 8200 §4).
 */
export const NO_PROTOCOL: Complaint = {
  ...unreachable(2, PARAMETER_UNKNOWN_NEXT_HEADER),
  type6: Icmpv6.ICMPV6_PARAMETER_PROBLEM,
};
/** The packet may go no further (when forwarding). */
export const TOO_MANY_HOPS: Complaint = timeExceeded(0, Icmpv6.CODE6_HOP_LIMIT);
/** The rest of the datagram did not come; told with its first fragment. */
export const REASSEMBLY_TIMEOUT: Complaint = timeExceeded(1, Icmpv6.CODE6_REASSEMBLY);

/** Parameter problems by their code in ICMPv6. */
export const PARAMETER_PROBLEMS: readonly Complaint[] = [
  PARAMETER_ERRONEOUS_FIELD,
  PARAMETER_UNKNOWN_NEXT_HEADER,
  PARAMETER_UNKNOWN_OPTION,
  PARAMETER_INCOMPLETE_CHAIN,
].map(parameterProblem);

/** Tells senders what became of their packets, as often as that is allowed. */
export class IcmpSender {
  readonly counters: IcmpSendCounters = {
    icmpErrorsSent: 0,
    icmpErrorsForbidden: 0,
    icmpErrorsLimited: 0,
    icmpErrorsDropped: 0,
  };
  readonly #host: BroadcastKnower;
  readonly #limit: IcmpLimit;
  readonly #identifications: Identifications;
  readonly #hops: HopSettings;

  constructor(host: BroadcastKnower, limit: IcmpLimit, identifications: Identifications, hops = HOP_DEFAULTS) {
    this.#hops = hops;
    this.#host = host;
    this.#limit = limit;
    this.#identifications = identifications;
  }

  /**
   * Tells the sender of `packet`, which is checked and borrowed for the call.
   *
   * @param from The address of ours that tells: the one that the packet was for, where it was ours alone.
   * @param place Of the interface on which the way back begins.
   * @param mtuBytes Of the way back.
   * @param detail Of a parameter problem: the place of what is wrong, from the beginning of the packet. Of a packet that
   *   was too big: the MTU of the next link.
   * @param prefixBits Of the route back, of 128.
   * @returns Whether it was told; if not, why is counted.
   */
  tell(
    nowMs: number,
    packet: IpPacket,
    about: Complaint,
    from: Readonly<IpAddress>,
    place: PacketPlace,
    mtuBytes: number,
    detail = 0,
    prefixBits = 128,
  ): boolean {
    const { counters } = this;
    if (!this.#mayTell(packet, about)) {
      counters.icmpErrorsForbidden++;
      return false;
    }
    // As in Linux, what we tell ourselves has no limit.
    if (packet.interfaceIndex !== LOOPBACK_INTERFACE && !this.#limit.allows(nowMs, packet.source, prefixBits)) {
      counters.icmpErrorsLimited++;
      return false;
    }
    const is4 = packet.version === 4;
    const most = Math.min(mtuBytes, is4 ? ICMP_PACKET_MAX_BYTES : ICMPV6_PACKET_MAX_BYTES);
    const headers = (is4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES) + ICMP_HEADER_BYTES;
    const length = Math.min(headers + packet.end - packet.at, most);
    const at = place.reserve(length);
    if (at < 0) {
      counters.icmpErrorsDropped++;
      return false;
    }
    const { arena } = place;
    arena.set(packet.bytes.subarray(packet.at, packet.at + length - headers), at + headers);
    if (is4) write4(arena, at, at + length, packet, about, detail, from, this.#identifications, this.#hops);
    else write6(arena, at, at + length, packet, about, detail, from, this.#hops);
    place.commit(length);
    counters.icmpErrorsSent++;
    return true;
  }

  #mayTell(packet: IpPacket, { type6, code6 }: Complaint): boolean {
    if (packet.version === 4) return mayTellIpv4(packet, this.#host);
    const evenMulticast = type6 === Icmpv6.ICMPV6_PARAMETER_PROBLEM && code6 === PARAMETER_UNKNOWN_OPTION;
    return mayTellIpv6(packet, evenMulticast);
  }
}

/** Headers around what is quoted, which stands there already. */
function write4(
  into: Uint8Array,
  at: number,
  end: number,
  { source, tosByte }: IpPacket,
  { type4, code4 }: Complaint,
  detail: number,
  from: Readonly<IpAddress>,
  identifications: Identifications,
  { defaultTtlHops }: HopSettings,
): void {
  const icmpAt = at + IPV4_HEADER_BYTES;
  into.fill(0, icmpAt, icmpAt + ICMP_HEADER_BYTES);
  into[icmpAt] = type4;
  into[icmpAt + 1] = code4;
  if (type4 === ICMP_PARAMETER_PROBLEM) into[icmpAt + 4] = detail;
  if (type4 === ICMP_UNREACHABLE && code4 === CODE_FRAGMENTATION_NEEDED) putU16(into, icmpAt + 6, detail);
  const sum = complement(onesSum(into, icmpAt, end));
  into[icmpAt + 2] = sum >>> 8;
  into[icmpAt + 3] = sum;
  const id = identifications.next(from, source) & 0xffff;
  const tos = (tosByte & TOS_KEPT) | INTERNETWORK_CONTROL;
  writeIpv4(into, at, end - at, PROTOCOL_ICMP, from.w3, source.w3, id, 0, defaultTtlHops, tos);
}

function write6(
  into: Uint8Array,
  at: number,
  end: number,
  { source }: IpPacket,
  { type6, code6 }: Complaint,
  detail: number,
  from: Readonly<IpAddress>,
  { defaultHopLimit }: HopSettings,
): void {
  const hasDetail = type6 === Icmpv6.ICMPV6_PARAMETER_PROBLEM || type6 === Icmpv6.ICMPV6_PACKET_TOO_BIG;
  const word = hasDetail ? detail : 0;
  const pseudoSum = pseudoHeaderSum6(from, source, PROTOCOL_ICMPV6);
  Icmpv6.writeMessage6(into, at + IPV6_HEADER_BYTES, end, type6, code6, word, pseudoSum);
  writeIpv6(into, at, end - at, PROTOCOL_ICMPV6, from, source, defaultHopLimit, 0, 0);
}
