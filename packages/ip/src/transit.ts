/** A packet that is forwarded, written again: one hop less, and in pieces where the next link wants them. */

import { PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { complement, onesSum } from '@tcpstack/wire/checksum';
import { finishPacket } from '@tcpstack/wire/finish';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES } from '@tcpstack/wire/ipv6';
import { i32, putI32, putU16, u16 } from '@tcpstack/wire/octets';
import { pseudoHeaderSumOf } from '@tcpstack/wire/pseudo-header';
import { CWR, dataOffsetBytes, FIN, finishChecksum, PSH, TCP_HEADER_BYTES } from '@tcpstack/wire/tcp';
import type { Interface } from './interfaces.ts';
import type { IpPacket } from './packet.ts';

/** Where packets go that wait for the next output. */
export interface TransitPlace {
  readonly arena: Uint8Array;
  /** Where to write one of up to `maxBytes`; -1 when there is no room. */
  reserve(maxBytes: number): number;
  /** @param flags `PKT_*` bits. */
  commit(lengthBytes: number, flags: number, segmentBytes: number): void;
  /** Takes a copy of a whole packet, in fragments when it is longer than `mtuBytes`; all of it or nothing and false. */
  put(bytes: Uint8Array, at: number, end: number, mtuBytes: number, identification: number): boolean;
}

/** Bytes of the longest packet that the next link carries of it: a super-segment is many. */
export function longestBytes(packet: IpPacket, segmentBytes: number): number {
  const { at, end } = packet;
  return isSuper(packet, segmentBytes) ? payloadAt(packet) - at + segmentBytes : end - at;
}

/** Copies the packet to `place`, so that nothing there is longer than `mtuBytes`; false when there was no room for all. */
export function passOn(
  place: TransitPlace,
  packet: IpPacket,
  out: Interface,
  mtuBytes: number,
  flags: number,
  segmentBytes: number,
): boolean {
  const { at, end } = packet;
  // What a link left to be summed stays so only where the next one sums.
  const isPartial = (flags & PKT_CSUM_PARTIAL) !== 0;
  const staysPartial = isPartial && !out.isSoftware && !packet.hasOptions && isSummable(packet);
  if (isSuper(packet, segmentBytes)) {
    if (staysPartial && end - at <= out.superSegmentBytes) return passWhole(place, packet, flags, segmentBytes);
    const most = mtuBytes - (payloadAt(packet) - at);
    return passSegments(place, packet, Math.min(segmentBytes, most));
  }
  if (end - at > mtuBytes) return passFragments(place, packet, mtuBytes, isPartial);
  return passWhole(
    place,
    packet,
    isPartial && !staysPartial ? 0 : flags & PKT_CSUM_PARTIAL,
    0,
    isPartial && !staysPartial,
  );
}

function passWhole(place: TransitPlace, packet: IpPacket, flags: number, segmentBytes: number, sums = false): boolean {
  const { bytes, at, end } = packet;
  const to = place.reserve(end - at);
  if (to < 0) return false;
  place.arena.set(bytes.subarray(at, end), to);
  lowerHops(place.arena, to);
  if (sums) finishPacket(place.arena, to, to + end - at);
  place.commit(end - at, flags, segmentBytes);
  return true;
}

let scratch: Uint8Array | null = null;

/** Room for the largest packet; made when the first one is cut. */
function scratchBytes(): Uint8Array {
  scratch ??= new Uint8Array(0x1_0000);
  return scratch;
}

/** "When a packet must be fragmented" (RFC 1812 §4.2.2.7, RFC 791 §3.2): only IPv4 without DF comes here. */
function passFragments(place: TransitPlace, packet: IpPacket, mtuBytes: number, sums: boolean): boolean {
  const { bytes, at, end } = packet;
  const whole = scratchBytes();
  whole.set(bytes.subarray(at, end));
  lowerHops(whole, 0);
  if (sums) finishPacket(whole, 0, end - at);
  return place.put(whole, 0, end - at, mtuBytes, 0);
}

/** What a link does with a super-segment that it does not pass on as one: each segment with the whole header. */
function passSegments(place: TransitPlace, packet: IpPacket, segmentBytes: number): boolean {
  if (segmentBytes <= 0) return false;
  const { end } = packet;
  const from = payloadAt(packet);
  for (let next = from, i = 0; next < end; next += segmentBytes, i++) {
    if (!passSegment(place, packet, from, next, Math.min(end, next + segmentBytes), i)) return false;
  }
  return true;
}

function passSegment(
  place: TransitPlace,
  packet: IpPacket,
  headersEnd: number,
  from: number,
  end: number,
  number: number,
): boolean {
  const { bytes, at, transportAt, version } = packet;
  const headers = headersEnd - at;
  const length = headers + end - from;
  const to = place.reserve(length);
  if (to < 0) return false;
  const { arena } = place;
  arena.set(bytes.subarray(at, headersEnd), to);
  arena.set(bytes.subarray(from, end), to + headers);
  const tcpAt = to + transportAt - at;
  if (version === 4) {
    putU16(arena, to + 2, length);
    putU16(arena, to + 4, u16(bytes, at + 4) + number);
    sumHeader(arena, to, tcpAt);
  } else putU16(arena, to + 4, length - IPV6_HEADER_BYTES);
  lowerHops(arena, to);
  putI32(arena, tcpAt + 4, (i32(bytes, transportAt + 4) + (from - headersEnd)) | 0);
  let bits = arena[tcpAt + 13] as number;
  // The last segment alone ends something, and the first alone says that the window was reduced.
  if (end < packet.end) bits &= ~(FIN | PSH);
  if (number > 0) bits &= ~CWR;
  arena[tcpAt + 13] = bits;
  finishChecksum(arena, tcpAt, to + length, pseudoHeaderSumOf(packet.source, packet.destination, PROTOCOL_TCP));
  place.commit(length, 0, 0);
  return true;
}

/**
 * One hop less. The checksum of IPv4 follows without the other bytes: "the checksum of the new header can be found by
 * adding 1 to the complemented sum" in the place of the TTL — RFC 1141, whose zero is Linux's (RFC 1624 §3).
 */
function lowerHops(bytes: Uint8Array, at: number): void {
  if ((bytes[at] as number) >> 4 === 6) {
    bytes[at + 7] = (bytes[at + 7] as number) - 1;
    return;
  }
  bytes[at + 8] = (bytes[at + 8] as number) - 1;
  const sum = u16(bytes, at + 10) + 0x100;
  putU16(bytes, at + 10, sum + (sum >= 0xffff ? 1 : 0));
}

function sumHeader(bytes: Uint8Array, at: number, end: number): void {
  putU16(bytes, at + 10, 0);
  putU16(bytes, at + 10, complement(onesSum(bytes, at, end)));
}

function isSummable({ protocol }: IpPacket): boolean {
  return protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
}

/** Whether it holds more than one segment. */
function isSuper(packet: IpPacket, segmentBytes: number): boolean {
  if (segmentBytes === 0 || packet.protocol !== PROTOCOL_TCP) return false;
  if (packet.end - packet.transportAt < TCP_HEADER_BYTES) return false;
  return packet.end - payloadAt(packet) > segmentBytes;
}

/** Where the data of a TCP segment begins. */
function payloadAt({ bytes, transportAt }: IpPacket): number {
  return transportAt + dataOffsetBytes(bytes, transportAt);
}
