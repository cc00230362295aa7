/** Packets for the tests of this package, built with its own writers, and bytes from hexadecimal text. */

import { type Seq, seq } from '@tcpstack/seq/seq';
import { IPV4_DF, PROTOCOL_TCP, pseudoHeaderSum, writeIpv4 } from '../src/ipv4.ts';
import { finishChecksum, TCP_HEADER_BYTES, writeTcp } from '../src/tcp.ts';

export const HERE = 0x0a4d0001; // 10.77.0.1
export const THERE = 0x0a4d0002; // 10.77.0.2

/** "0a4d" as bytes; spaces are ignored. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** Bytes as "0a4d". */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** ASCII text as bytes. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export interface TcpPacketFields {
  readonly flags: number;
  readonly seq?: Seq;
  readonly ack?: Seq;
  readonly window?: number;
  readonly urgent?: number;
  /** Hexadecimal, a multiple of 4 bytes. */
  readonly options?: string;
  readonly payload?: Uint8Array;
  readonly fragment?: number;
}

/** An IPv4 packet 10.77.0.1:43210 > 10.77.0.2:80 with right checksums. */
export function tcpPacket(fields: TcpPacketFields): Uint8Array {
  const options = fromHex(fields.options ?? '');
  if (options.length % 4 !== 0) throw new Error('options fill whole 32-bit words');
  const payload = fields.payload ?? new Uint8Array(0);
  const header = TCP_HEADER_BYTES + options.length;
  const bytes = new Uint8Array(20 + header + payload.length);
  writeIpv4(bytes, 0, bytes.length, PROTOCOL_TCP, HERE, THERE, 1, fields.fragment ?? IPV4_DF, 64, 0);
  writeTcp(
    bytes,
    20,
    43_210,
    80,
    fields.seq ?? seq(1234),
    fields.ack ?? seq(0),
    header,
    fields.flags,
    fields.window ?? 64_240,
    fields.urgent ?? 0,
  );
  bytes.set(options, 40);
  bytes.set(payload, 20 + header);
  finishChecksum(bytes, 20, bytes.length, pseudoHeaderSum(HERE, THERE, PROTOCOL_TCP));
  return bytes;
}
