/** Packets made by hand, for tests of what a network does to them. */

import { seq } from '@tcpstack/seq/seq';
import { parseIpv4 } from '@tcpstack/wire/address';
import { type DecodedPacket, decodePacket } from '@tcpstack/wire/decode';
import { finishPacket } from '@tcpstack/wire/finish';
import { IPV4_DF, IPV4_HEADER_BYTES, PROTOCOL_TCP, writeIpv4 } from '@tcpstack/wire/ipv4';
import { ACK, TCP_HEADER_BYTES, writeTcp } from '@tcpstack/wire/tcp';
import type { Packet, PacketPool } from '../src/packet.ts';

const HEADERS_BYTES = IPV4_HEADER_BYTES + TCP_HEADER_BYTES;

/** What differs from an ordinary data segment. */
export interface PacketFields {
  readonly seq?: number;
  readonly flags?: number;
  readonly payload?: Uint8Array;
  readonly segmentBytes?: number;
  readonly tos?: number;
  readonly ack?: number;
}

/** From 10.0.0.1 port 4000 to 10.0.0.2 port 80. */
export function tcpPacket(pool: PacketPool, fields: PacketFields = {}): Packet {
  const payload = fields.payload ?? new Uint8Array(100);
  const packet = pool.take(HEADERS_BYTES + payload.length);
  packet.lengthBytes = HEADERS_BYTES + payload.length;
  packet.flags = 0;
  packet.segmentBytes = fields.segmentBytes ?? 0;
  const addresses = [parseIpv4('10.0.0.1') as number, parseIpv4('10.0.0.2') as number] as const;
  writeIpv4(packet.bytes, 0, packet.lengthBytes, PROTOCOL_TCP, ...addresses, 7, IPV4_DF, 64, fields.tos ?? 0);
  const numbers = [seq(fields.seq ?? 1000), seq(fields.ack ?? 5)] as const;
  writeTcp(packet.bytes, IPV4_HEADER_BYTES, 4000, 80, ...numbers, TCP_HEADER_BYTES, fields.flags ?? ACK, 512, 0);
  packet.bytes.set(payload, HEADERS_BYTES);
  finishPacket(packet.bytes, 0, packet.lengthBytes);
  return packet;
}

/** Bytes 0, 1, 2 and so on. */
export function counting(n: number): Uint8Array {
  return Uint8Array.from({ length: n }, (_, i) => i);
}

export function decoded({ bytes, lengthBytes }: Packet): DecodedPacket {
  return decodePacket(bytes, 0, lengthBytes);
}

export function payloadOf({ bytes, lengthBytes }: Packet): Uint8Array {
  return bytes.slice(HEADERS_BYTES, lengthBytes);
}
