/** The TCP header (RFC 9293 §3.1), read and written in place. */

import { type Seq, seq, toInt32 } from '@tcpstack/seq/seq';
import { complement, fold, onesSum } from './checksum.ts';
import { i32, putI32, putU16, u16 } from './octets.ts';

/** Bytes of a header without options. */
export const TCP_HEADER_BYTES = 20;
/** Most bytes of a header with options. */
export const TCP_HEADER_BYTES_MAX = 60;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

/** Why a header was refused; the name under which the drop is counted. */
export type TcpFault = 'short-segment' | 'bad-data-offset' | 'bad-checksum';

/** Checks lengths only. After `null` no accessor can fail on `bytes[at, end)`. */
export function checkTcp(bytes: Uint8Array, at: number, end: number): TcpFault | null {
  if (end - at < TCP_HEADER_BYTES) return 'short-segment';
  const header = dataOffsetBytes(bytes, at);
  if (header < TCP_HEADER_BYTES || at + header > end) return 'bad-data-offset';
  return null;
}

/** Whether the checksum of the segment `bytes[at, end)` is right. `pseudoSum` comes from the IP layer. */
export function checksumValid(bytes: Uint8Array, at: number, end: number, pseudoSum: number): boolean {
  return fold(pseudoSum + (end - at) + onesSum(bytes, at, end)) === 0xffff;
}

export function sourcePort(bytes: Uint8Array, at: number): number {
  return u16(bytes, at);
}

export function destinationPort(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2);
}

export function sequence(bytes: Uint8Array, at: number): Seq {
  return seq(i32(bytes, at + 4));
}

/** Means something only when `ACK` is set. */
export function acknowledgment(bytes: Uint8Array, at: number): Seq {
  return seq(i32(bytes, at + 8));
}

/** Header length in bytes, options included. */
export function dataOffsetBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 12] as number) >> 4) << 2;
}

/** The four reserved bits. */
export function reserved(bytes: Uint8Array, at: number): number {
  return (bytes[at + 12] as number) & 0x0f;
}

/** The eight control bits. */
export function flags(bytes: Uint8Array, at: number): number {
  return bytes[at + 13] as number;
}

/** The window field as sent, before scaling; unsigned (RFC 9293 §3.1 [MUST-1]). */
export function windowRaw(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 14);
}

export function checksum(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 16);
}

/** Means something only when `URG` is set. */
export function urgentPointer(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 18);
}

/** Writes the 20 fixed bytes; the checksum is left zero. `headerBytes` includes the options. */
export function writeTcp(
  bytes: Uint8Array,
  at: number,
  source: number,
  destination: number,
  seqNumber: Seq,
  ackNumber: Seq,
  headerBytes: number,
  controlBits: number,
  windowField: number,
  urgent: number,
): void {
  putU16(bytes, at, source);
  putU16(bytes, at + 2, destination);
  putI32(bytes, at + 4, toInt32(seqNumber));
  putI32(bytes, at + 8, toInt32(ackNumber));
  bytes[at + 12] = headerBytes << 2;
  bytes[at + 13] = controlBits;
  putU16(bytes, at + 14, windowField);
  putU16(bytes, at + 16, 0);
  putU16(bytes, at + 18, urgent);
}

/** Fills in the checksum of the segment `bytes[at, end)`, payload included [MUST-2]. */
export function finishChecksum(bytes: Uint8Array, at: number, end: number, pseudoSum: number): void {
  putU16(bytes, at + 16, 0);
  putU16(bytes, at + 16, complement(fold(pseudoSum + (end - at) + onesSum(bytes, at, end))));
}

/**
 * Puts the folded sum of the pseudo-header alone in the checksum field: the form that checksum offload
 * takes (`PKT_CSUM_PARTIAL`).
 */
export function startChecksum(bytes: Uint8Array, at: number, end: number, pseudoSum: number): void {
  putU16(bytes, at + 16, fold(pseudoSum + (end - at)));
}
