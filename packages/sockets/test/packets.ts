/** Packets made by hand, for a peer that is no Host of ours. */

import { seq } from '@tcpstack/seq/seq';
import { parseIpv4 } from '@tcpstack/wire/address';
import { complement, onesSum } from '@tcpstack/wire/checksum';
import { ICMP_ECHO_REQUEST, ICMP_HEADER_BYTES, writeEcho } from '@tcpstack/wire/icmp';
import {
  IPV4_DF,
  IPV4_HEADER_BYTES,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  pseudoHeaderSum,
  source,
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
  /** Diffserv and ECN bits of the IP header. */
  readonly tosByte?: number;
}

/** Who sends error messages in these tests. */
export const ROUTER = '10.0.0.254';
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
  writeIpv4(bytes, 0, total, PROTOCOL_TCP, from, to, 7, IPV4_DF, 64, fields.tosByte ?? 0);
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

/** What an ICMP error message says. */
export interface IcmpErrorFields {
  readonly type: number;
  readonly code?: number;
  /** The second word of the header, where "fragmentation needed" has its MTU. */
  readonly word?: number;
  /** The packet that it complains about, as it was sent. */
  readonly about: Uint8Array;
  /** Bytes of it that are quoted. Default 28. */
  readonly quotedBytes?: number;
  readonly from?: string;
  readonly to?: string;
}

/** An error message from a router, by default to the sender of the packet that it quotes. */
export function icmpError(fields: IcmpErrorFields): Uint8Array {
  const { about, quotedBytes = IPV4_HEADER_BYTES + ICMP_HEADER_BYTES } = fields;
  const total = IPV4_HEADER_BYTES + ICMP_HEADER_BYTES + Math.min(quotedBytes, about.length);
  const bytes = new Uint8Array(total);
  const to = fields.to === undefined ? source(about, 0) : int32(fields.to);
  writeIpv4(bytes, 0, total, PROTOCOL_ICMP, int32(fields.from ?? ROUTER), to, 9, 0, 64, 0);
  const at = IPV4_HEADER_BYTES;
  bytes.set(about.subarray(0, quotedBytes), at + ICMP_HEADER_BYTES);
  const word = fields.word ?? 0;
  bytes.set([fields.type, fields.code ?? 0, 0, 0, word >>> 24, word >>> 16, word >>> 8, word], at);
  const sum = complement(onesSum(bytes, at, total));
  bytes.set([sum >> 8, sum & 0xff], at + 2);
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
