/** One reused record per host: what an arriving TCP segment says, in the RFC's names. */

import { type Seq, seq } from '@tcpstack/seq/seq';
import {
  acknowledgment,
  checksumValid,
  checkTcp,
  dataOffsetBytes,
  destinationPort,
  FIN,
  flags,
  SYN,
  sequence,
  sourcePort,
  type TcpFault,
  urgentPointer,
  windowRaw,
} from './tcp.ts';
import { createTcpOptions, readTcpOptions, type TcpOptions } from './tcp-options.ts';

/** An arriving segment. Borrowed: valid only until the call that received it returns. */
export interface Segment {
  /** The memory the payload lies in. */
  bytes: Uint8Array;
  sourcePort: number;
  destinationPort: number;
  /** SEG.SEQ */
  seq: Seq;
  /** SEG.ACK; means something only when the ACK bit is set. */
  ack: Seq;
  /** The eight control bits. */
  flags: number;
  /** The window field, before scaling. */
  wndRaw: number;
  /** SEG.UP; means something only when the URG bit is set. */
  up: number;
  /** The payload is `bytes[payloadAt, payloadEnd)`. */
  payloadAt: number;
  payloadEnd: number;
  /** SEG.LEN: payload bytes plus one each for SYN and FIN. */
  len: number;
  /** The byte of Diffserv and ECN bits of the IP header in front; whoever read that header sets it. */
  tosByte: number;
  /** Options; read once, before the segment is handed on. */
  readonly options: TcpOptions;
}

/** An empty record, all fields made in one order. */
export function createSegment(): Segment {
  return {
    bytes: new Uint8Array(0),
    sourcePort: 0,
    destinationPort: 0,
    seq: seq(0),
    ack: seq(0),
    flags: 0,
    wndRaw: 0,
    up: 0,
    payloadAt: 0,
    payloadEnd: 0,
    len: 0,
    tosByte: 0,
    options: createTcpOptions(),
  };
}

/**
 * Checks the segment `bytes[at, end)` and fills `into`; returns the fault, or `null`.
 *
 * @param pseudoSum Sum of the pseudo-header without the length.
 * @param trusted The checksum was vouched for below us; the payload is not touched.
 */
export function readSegment(
  bytes: Uint8Array,
  at: number,
  end: number,
  pseudoSum: number,
  trusted: boolean,
  into: Segment,
): TcpFault | null {
  const fault = checkTcp(bytes, at, end);
  if (fault !== null) return fault;
  // "A TCP receiver MUST verify the checksum" — RFC 9293 §3.1 [MUST-3]
  if (!trusted && !checksumValid(bytes, at, end, pseudoSum)) return 'bad-checksum';
  const header = dataOffsetBytes(bytes, at);
  const bits = flags(bytes, at);
  into.bytes = bytes;
  into.sourcePort = sourcePort(bytes, at);
  into.destinationPort = destinationPort(bytes, at);
  into.seq = sequence(bytes, at);
  into.ack = acknowledgment(bytes, at);
  into.flags = bits;
  into.wndRaw = windowRaw(bytes, at);
  into.up = urgentPointer(bytes, at);
  into.payloadAt = at + header;
  into.payloadEnd = end;
  into.len = end - at - header + (bits & SYN ? 1 : 0) + (bits & FIN ? 1 : 0);
  readTcpOptions(bytes, at + 20, at + header, into.options);
  return null;
}
