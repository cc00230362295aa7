/** A packet that is too long for its way leaves in fragments (RFC 791 §3.2, RFC 8200 §4.5). */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { complement, onesSum } from '@tcpstack/wire/checksum';
import { fragment, headerBytes, IPV4_DF, IPV4_HEADER_BYTES, IPV4_MF } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES } from '@tcpstack/wire/ipv6';
import { FRAGMENT, FRAGMENT_HEADER_BYTES, writeFragmentHeader } from '@tcpstack/wire/ipv6-extensions';

/** What a batch may lose between two packets. */
const ALIGN_BYTES = 8;
/** Units of 8 bytes (RFC 791 §3.1). */
const OFFSET_MASK = 0x1fff;

/**
 * Adds the fragments of the whole packet `bytes[at, end)` to `batch`: all of them, or none and false. None when a router
 * may not cut it either (DF), when the way carries not even 8 bytes of it, or when there is no room.
 *
 * @param identification What IPv6 tells datagrams apart by; IPv4's is in the header.
 */
export function fragmentInto(
  batch: PacketBatch,
  bytes: Uint8Array,
  at: number,
  end: number,
  mtuBytes: number,
  identification: number,
): boolean {
  const isIpv4 = (bytes[at] as number) >> 4 === 4;
  const word = isIpv4 ? fragment(bytes, at) : 0;
  if ((word & IPV4_DF) !== 0) return false;
  // Packets of ours have no extension headers that every router must see.
  const dataAt = at + (isIpv4 ? headerBytes(bytes, at) : IPV6_HEADER_BYTES);
  const headers = dataAt - at + (isIpv4 ? 0 : FRAGMENT_HEADER_BYTES);
  // "an integer multiple of 8 octets" but for the last
  const unit = (mtuBytes - headers) & ~7;
  if (unit < 8) return false;
  const count = Math.ceil((end - dataAt) / unit);
  const room = end - dataAt + count * (headers + batch.headroomBytes + ALIGN_BYTES);
  if (batch.count + count > batch.capacityPackets || !batch.hasRoom(room)) return false;
  for (let from = dataAt; from < end; from += unit) {
    const length = Math.min(unit, end - from);
    const more = from + length < end;
    const to = batch.reserve(headers + length);
    batch.arena.set(bytes.subarray(at, dataAt), to);
    batch.arena.set(bytes.subarray(from, from + length), to + headers);
    if (isIpv4) finishIpv4(batch.arena, to, headers, length, from - dataAt, more, word);
    else finishIpv6(batch.arena, to, length, from - dataAt, more, identification);
    batch.commit(headers + length, 0, 0);
  }
  return true;
}

/**
 * "If the high-order bit of the option-type octet is 0" an option stands in the first fragment only (RFC 791 §3.1): in
 * the others, no-operations take its place.
 *
 * @param word What the field of the whole says: it may be a fragment itself, and not the last one (RFC 791 §3.2).
 */
function finishIpv4(
  bytes: Uint8Array,
  at: number,
  headers: number,
  length: number,
  offsetBytes: number,
  more: boolean,
  word: number,
): void {
  if (offsetBytes > 0) blankOptions(bytes, at + IPV4_HEADER_BYTES, at + headers);
  putU16(bytes, at + 2, headers + length);
  putU16(bytes, at + 6, (more ? IPV4_MF : word & IPV4_MF) | ((word & OFFSET_MASK) + (offsetBytes >> 3)));
  putU16(bytes, at + 10, 0);
  putU16(bytes, at + 10, complement(onesSum(bytes, at, at + headers)));
}

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_COPIED = 0x80;

/** Options are our own, so they are right; what is not ends the loop all the same. */
function blankOptions(bytes: Uint8Array, from: number, end: number): void {
  for (let i = from; i < end && bytes[i] !== OPTION_END; ) {
    const kind = bytes[i] as number;
    const length = kind === OPTION_NOP ? 1 : Math.max(bytes[i + 1] as number, 2);
    if ((kind & OPTION_COPIED) === 0) bytes.fill(OPTION_NOP, i, Math.min(i + length, end));
    i += length;
  }
}

function finishIpv6(
  bytes: Uint8Array,
  at: number,
  length: number,
  offsetBytes: number,
  more: boolean,
  identification: number,
): void {
  const next = bytes[at + 6] as number;
  putU16(bytes, at + 4, FRAGMENT_HEADER_BYTES + length);
  bytes[at + 6] = FRAGMENT;
  writeFragmentHeader(bytes, at + IPV6_HEADER_BYTES, next, offsetBytes, more, identification);
}

function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
