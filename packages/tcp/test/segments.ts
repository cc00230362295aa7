/** Segments as scripts write and read them: plain objects, sequence numbers counted from the initial ones. */

import { add, diff, type Seq, seq, toUint32 } from '@tcpstack/seq/seq';
import { decodeTcpOptions } from '@tcpstack/wire/decode-options';
import { createSegment, readSegment, type Segment } from '@tcpstack/wire/segment';
import { ACK, FIN, PSH, RST, SYN, TCP_HEADER_BYTES, URG, writeTcp } from '@tcpstack/wire/tcp';
import {
  writeMss,
  writeNops,
  writeSackBlock,
  writeSackHeader,
  writeSackPermitted,
  writeTimestamps,
  writeWindowScale,
} from '@tcpstack/wire/tcp-options';

/** What a script says of a segment; what it leaves out is the default (sending) or not compared (receiving). */
export interface Fields {
  /** From the sender's initial sequence number: 0 is its SYN, 1 its first byte. */
  readonly seq?: number;
  /** From the other side's initial sequence number. */
  readonly ack?: number;
  /** Payload bytes. */
  readonly len?: number;
  /** The window field, before scaling. */
  readonly win?: number;
  readonly mss?: number | null;
  readonly scale?: number | null;
  readonly sackOk?: boolean;
  /** TSval and TSecr. */
  readonly ts?: readonly [number, number] | null;
  readonly sack?: readonly (readonly [number, number])[];
  /** Kinds of the options in the order of the wire, separated by spaces. */
  readonly order?: string;
  readonly psh?: boolean;
  /** The ECN field of the packet around it. */
  readonly ipEcn?: number;
  /** The urgent pointer field. */
  readonly up?: number;
  /** Options as bytes, a multiple of 4, instead of those above: for sending only. */
  readonly rawOptions?: readonly number[];
}

/** A segment to send, or to expect. */
export interface SegmentSpec extends Fields {
  readonly flags: number;
}

/** A segment that the connection sent, and when. */
export interface Emitted {
  readonly atMs: number;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly len: number;
  readonly win: number;
  readonly mss: number | null;
  readonly scale: number | null;
  readonly sackOk: boolean;
  readonly ts: readonly [number, number] | null;
  readonly sack: readonly (readonly [number, number])[];
  readonly order: string;
  readonly psh: boolean;
  readonly ipEcn: number;
  readonly up: number;
  readonly payload: Uint8Array;
}

const builder =
  (flags: number) =>
  (fields: Fields = {}): SegmentSpec => ({ flags, ...fields });

export const syn = builder(SYN);
export const synAck = builder(SYN | ACK);
export const ack = builder(ACK);
/** The same bits as `ack`; for segments with payload. */
export const data = builder(ACK);
export const fin = builder(FIN | ACK);
/** With the URG bit; give `up` too. */
export const urgent = builder(ACK | URG);
export const rst = builder(RST);
export const rstAck = builder(RST | ACK);

/** The SACK blocks without a first one that reports what came twice (RFC 2883 §4): old, or inside of the second. */
export function sackedAhead({ ack: acknowledges, sack }: Pick<Emitted, 'ack' | 'sack'>): Emitted['sack'] {
  const [first, second] = sack;
  if (first === undefined) return sack;
  const isInSecond = second !== undefined && first[0] >= second[0] && first[1] <= second[1];
  return first[1] <= acknowledges || isInSecond ? sack.slice(1) : sack;
}

/** What the two sides count from. `near` is the side that sends the segment. */
export interface Bases {
  readonly near: Seq;
  readonly far: Seq;
}

/** The stream's byte at `offset`; `salt` tells the two directions apart. */
export function patternByte(offset: number, salt: number): number {
  return (offset * 31 + (offset >> 8) * 17 + salt) & 0xff;
}

/** Bytes `[from, from + length)` of a stream. */
export function pattern(from: number, length: number, salt: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = patternByte(from + i, salt);
  return bytes;
}

/** The segment in wire form; the checksum is left zero. Payload is the pattern of the stream at its place. */
export function encode(spec: SegmentSpec, bases: Bases, salt: number): Uint8Array {
  const header = new Uint8Array(60 + (spec.len ?? 0));
  const payloadAt = writeOptions(header, spec, bases);
  const at = spec.seq ?? 0;
  const ackNumber = (spec.flags & ACK) !== 0 ? add(bases.far, spec.ack ?? 0) : seq(0);
  const bits = spec.flags | (spec.psh ? PSH : 0);
  writeTcp(header, 0, 2000, 1000, add(bases.near, at), ackNumber, payloadAt, bits, spec.win ?? 0xffff, spec.up ?? 0);
  const first = at - ((spec.flags & SYN) !== 0 ? 0 : 1);
  header.set(pattern(first, spec.len ?? 0, salt), payloadAt);
  return header.subarray(0, payloadAt + (spec.len ?? 0));
}

function writeOptions(bytes: Uint8Array, spec: SegmentSpec, bases: Bases): number {
  let i = TCP_HEADER_BYTES;
  if (spec.rawOptions !== undefined) {
    bytes.set(spec.rawOptions, i);
    return i + spec.rawOptions.length;
  }
  if (typeof spec.mss === 'number') i = writeMss(bytes, i, spec.mss);
  if (spec.sackOk === true) i = writeSackPermitted(bytes, writeNops(bytes, i, 2));
  if (spec.ts) i = writeTimestamps(bytes, writeNops(bytes, i, 2), seq(spec.ts[0]), seq(spec.ts[1]));
  if (typeof spec.scale === 'number') i = writeWindowScale(bytes, i, spec.scale);
  if (spec.sack !== undefined && spec.sack.length > 0) {
    i = writeSackHeader(bytes, writeNops(bytes, i, 2), spec.sack.length);
    for (const [left, right] of spec.sack) i = writeSackBlock(bytes, i, add(bases.far, left), add(bases.far, right));
  }
  return i;
}

/** Reads `bytes` as the host would; throws when the header is damaged. */
export function parse(bytes: Uint8Array, into: Segment = createSegment()): Segment {
  const fault = readSegment(bytes, 0, bytes.length, 0, true, into);
  if (fault !== null) throw new Error(`a test built a segment with ${fault}`);
  return into;
}

/** What the connection wrote, as a script sees it. */
export function decode(bytes: Uint8Array, atMs: number, bases: Bases): Emitted {
  const segment = parse(bytes);
  const options = decodeTcpOptions(bytes, TCP_HEADER_BYTES, segment.payloadAt);
  const { options: said } = segment;
  const sack: [number, number][] = [];
  for (let b = 0; b < said.sackCount; b++) {
    sack.push([diff(said.sackLeft[b] as Seq, bases.far), diff(said.sackRight[b] as Seq, bases.far)]);
  }
  return {
    atMs,
    flags: segment.flags & ~PSH,
    seq: diff(segment.seq, bases.near),
    ack: (segment.flags & ACK) !== 0 ? diff(segment.ack, bases.far) : 0,
    len: segment.payloadEnd - segment.payloadAt,
    win: segment.wndRaw,
    mss: said.mssBytes < 0 ? null : said.mssBytes,
    scale: said.windowScale < 0 ? null : said.windowScale,
    sackOk: said.sackPermitted,
    ts: said.hasTimestamps ? [toUint32(said.tsVal), toUint32(said.tsEcr)] : null,
    sack,
    order: options.map((option) => option.name).join(' '),
    psh: (segment.flags & PSH) !== 0,
    ipEcn: 0,
    up: segment.up,
    payload: bytes.slice(segment.payloadAt, segment.payloadEnd),
  };
}
