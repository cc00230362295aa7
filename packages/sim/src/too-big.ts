/** What a router says of a packet that may not be fragmented and does not fit (RFC 792, RFC 1191 §4). */

import { complement, onesSum } from '@tcpstack/wire/checksum';
import { headerBytes, IPV4_HEADER_BYTES, PROTOCOL_ICMP, source, writeIpv4 } from '@tcpstack/wire/ipv4';
import type { Packet, PacketPool } from './packet.ts';

/** The router's address, 10.255.255.254. */
const ROUTER_ADDRESS = 0x0afffffe;
const ROUTER_TTL_HOPS = 64;
const ICMP_HEADER_BYTES = 8;
const DESTINATION_UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
/** "The internet header plus the first 64 bits of the original datagram's data" — RFC 792 */
const QUOTED_DATA_BYTES = 8;

/** "Fragmentation needed and DF set" to the sender of `packet`, which stays the caller's. */
export function answerTooBig(pool: PacketPool, packet: Packet, mtuBytes: number): Packet {
  const quotedBytes = Math.min(packet.lengthBytes, headerBytes(packet.bytes, 0) + QUOTED_DATA_BYTES);
  const reply = pool.take(IPV4_HEADER_BYTES + ICMP_HEADER_BYTES + quotedBytes);
  const { bytes } = reply;
  reply.lengthBytes = IPV4_HEADER_BYTES + ICMP_HEADER_BYTES + quotedBytes;
  reply.flags = 0;
  reply.segmentBytes = 0;
  const to = source(packet.bytes, 0);
  writeIpv4(bytes, 0, reply.lengthBytes, PROTOCOL_ICMP, ROUTER_ADDRESS, to, 0, 0, ROUTER_TTL_HOPS, 0);
  const at = IPV4_HEADER_BYTES;
  bytes.fill(0, at, at + ICMP_HEADER_BYTES);
  bytes[at] = DESTINATION_UNREACHABLE;
  bytes[at + 1] = FRAGMENTATION_NEEDED;
  bytes[at + 6] = mtuBytes >> 8;
  bytes[at + 7] = mtuBytes;
  bytes.set(packet.bytes.subarray(0, quotedBytes), at + ICMP_HEADER_BYTES);
  const sum = complement(onesSum(bytes, at, reply.lengthBytes));
  bytes[at + 2] = sum >> 8;
  bytes[at + 3] = sum;
  return reply;
}
