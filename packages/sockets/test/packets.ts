/** Packets made by hand, for a peer that is no Host of ours. */

import { seq } from '@tcpstack/seq/seq';
import { parseIpv4 } from '@tcpstack/wire/address';
import { ICMP_ECHO_REQUEST, ICMP_HEADER_BYTES, writeEcho } from '@tcpstack/wire/icmp';
import {
  IPV4_DF,
  IPV4_HEADER_BYTES,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  pseudoHeaderSum,
  writeIpv4,
} from '@tcpstack/wire/ipv4';
import { finishChecksum, TCP_HEADER_BYTES, writeTcp } from '@tcpstack/wire/tcp';
import { writeNops, writeTimestamps } from '@tcpstack/wire/tcp-options';

/** A segment in words; sequence numbers are unsigned. */
export interface SegmentFields {
  readonly from?: string;
  readonly fromPort?: number;
  readonly to?: string;
  readonly toPort?: number;
  readonly flags: number;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly payload?: Uint8Array;
  /** TSval of a timestamps option. */
  readonly tsVal?: number;
}

/** A host that exists nowhere: what is sent to it is only logged. */
export const STRANGER = '10.0.0.99';
export const STRANGER_PORT = 5555;

/** An IPv4 packet with one segment, by default from the stranger to port 80 of the first host. */
export function segment(fields: SegmentFields): Uint8Array {
  const payload = fields.payload ?? new Uint8Array(0);
  const header = TCP_HEADER_BYTES + (fields.tsVal === undefined ? 0 : 12);
  const total = IPV4_HEADER_BYTES + header + payload.length;
  const bytes = new Uint8Array(total);
  const from = int32(fields.from ?? STRANGER);
  const to = int32(fields.to ?? '10.0.0.1');
  writeIpv4(bytes, 0, total, PROTOCOL_TCP, from, to, 7, IPV4_DF, 64, 0);
  writeTcp(
    bytes,
    IPV4_HEADER_BYTES,
    fields.fromPort ?? STRANGER_PORT,
    fields.toPort ?? 80,
    seq(fields.seq ?? 1000),
    seq(fields.ack ?? 0),
    header,
    fields.flags,
    fields.window ?? 64_240,
    0,
  );
  if (fields.tsVal !== undefined) {
    const at = writeNops(bytes, IPV4_HEADER_BYTES + TCP_HEADER_BYTES, 2);
    writeTimestamps(bytes, at, seq(fields.tsVal), seq(0));
  }
  bytes.set(payload, IPV4_HEADER_BYTES + header);
  finishChecksum(bytes, IPV4_HEADER_BYTES, total, pseudoHeaderSum(from, to, PROTOCOL_TCP));
  return bytes;
}

/** An echo request from the stranger to the first host. */
export function ping(data: Uint8Array, identifier = 1, sequence = 1): Uint8Array {
  const total = IPV4_HEADER_BYTES + ICMP_HEADER_BYTES + data.length;
  const bytes = new Uint8Array(total);
  writeIpv4(bytes, 0, total, PROTOCOL_ICMP, int32(STRANGER), int32('10.0.0.1'), 7, IPV4_DF, 64, 0);
  bytes.set(data, IPV4_HEADER_BYTES + ICMP_HEADER_BYTES);
  writeEcho(bytes, IPV4_HEADER_BYTES, total, ICMP_ECHO_REQUEST, identifier, sequence);
  return bytes;
}

function int32(address: string): number {
  const value = parseIpv4(address);
  if (value === null) throw new Error(`not an address: ${address}`);
  return value;
}

/** `n` bytes that tell their place in the stream. */
export function pattern(n: number, salt = 0): Uint8Array {
  return Uint8Array.from({ length: n }, (_, i) => (i * 31 + (i >> 8) * 7 + salt) & 0xff);
}
