/** The 12 bytes that the kernel and we put in front of each packet to say who sums it and who splits it. */

import { PKT_CSUM_PARTIAL, PKT_CSUM_VALID } from '@tcpstack/bytes/packet-batch';

/**
 * `struct virtio_net_hdr_v1` of VIRTIO 1.3, 5.1.6, little-endian: u8 flags, u8 gso_type, u16 hdr_len,
 * u16 gso_size, u16 csum_start, u16 csum_offset, u16 num_buffers. The two last bytes mean nothing to
 * TUN and keep the IP header aligned to four.
 */
export const VNET_HEADER_BYTES = 12;

const FLAG_NEEDS_CSUM = 1;
const FLAG_DATA_VALID = 2;
const GSO_NONE = 0;
const GSO_TCPV4 = 1;
const GSO_TCPV6 = 4;
const GSO_ECN = 0x80;

const PROTOCOL_TCP = 6;
const TCP_CSUM_AT = 16;
const UDP_CSUM_AT = 6;
const IPV6_HEADER_BYTES = 40;

/** `PKT_*` flags told by the header at `at`. */
export function flagsOf(bytes: Uint8Array, at: number): number {
  const flags = bytes[at] as number;
  if ((flags & FLAG_NEEDS_CSUM) !== 0) return PKT_CSUM_PARTIAL | PKT_CSUM_VALID;
  return (flags & FLAG_DATA_VALID) !== 0 ? PKT_CSUM_VALID : 0;
}

/** Payload bytes per segment told by the header at `at`, 0 for an ordinary packet. */
export function segmentBytesOf(bytes: Uint8Array, at: number): number {
  // hdr_len is not looked at: the kernel fills it with whatever part of the packet lies in one piece.
  return ((bytes[at + 1] as number) & ~GSO_ECN) === GSO_NONE
    ? 0
    : (bytes[at + 4] as number) | ((bytes[at + 5] as number) << 8);
}

/**
 * Writes the header in front of the packet or frame at `at`.
 *
 * @param frameBytes Bytes in front of its IP header: 14 of an Ethernet frame, else 0.
 * @param segmentBytes Payload per segment of a super-segment, 0 when it is none.
 * @returns Bytes of the largest packet that the kernel will make of it, IP header included (and `frameBytes`).
 */
export function writeVnetHeader(
  bytes: Uint8Array,
  at: number,
  lengthBytes: number,
  flags: number,
  segmentBytes: number,
  frameBytes: number,
): number {
  const start = at - VNET_HEADER_BYTES;
  bytes.fill(0, start, at);
  if ((flags & PKT_CSUM_PARTIAL) === 0) return lengthBytes;
  const ipAt = at + frameBytes;
  const isV4 = (bytes[ipAt] as number) >> 4 === 4;
  const isTcp = (bytes[ipAt + (isV4 ? 9 : 6)] as number) === PROTOCOL_TCP;
  const transportBytes = frameBytes + (isV4 ? ((bytes[ipAt] as number) & 15) << 2 : IPV6_HEADER_BYTES);
  bytes[start] = FLAG_NEEDS_CSUM;
  bytes[start + 6] = transportBytes;
  bytes[start + 8] = isTcp ? TCP_CSUM_AT : UDP_CSUM_AT;
  if (segmentBytes === 0 || !isTcp) return lengthBytes;
  const headerBytes = transportBytes + ((bytes[at + transportBytes + 12] as number) >> 4) * 4;
  if (lengthBytes <= headerBytes + segmentBytes) return lengthBytes;
  bytes[start + 1] = isV4 ? GSO_TCPV4 : GSO_TCPV6;
  bytes[start + 2] = headerBytes;
  bytes[start + 4] = segmentBytes;
  bytes[start + 5] = segmentBytes >> 8;
  return headerBytes + segmentBytes;
}
