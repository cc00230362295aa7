/** Fields of a packet's headers that networks rewrite on the way, each with the checksum that covers it. */

import { complement, onesSum } from '@tcpstack/wire/checksum';
import { destination, headerBytes, PROTOCOL_TCP, pseudoHeaderSum, source } from '@tcpstack/wire/ipv4';
import { finishChecksum, startChecksum } from '@tcpstack/wire/tcp';

/** The two ECN bits of the IP header (RFC 3168 §5): not capable, ECT(1), ECT(0), congestion experienced. */
export const NOT_ECT = 0;
export const CE = 3;

/** The ECN field of the packet at `bytes[0...]`. */
export function ecnField(bytes: Uint8Array): number {
  return (bytes[1] as number) & 3;
}

/** Sets CE, "congestion experienced". */
export function markCongestion(bytes: Uint8Array): void {
  bytes[1] = (bytes[1] as number) | CE;
  finishIpHeader(bytes);
}

/** Sets total length and identification. */
export function setIpLength(bytes: Uint8Array, totalBytes: number, identification: number): void {
  bytes[2] = totalBytes >> 8;
  bytes[3] = totalBytes;
  bytes[4] = identification >> 8;
  bytes[5] = identification;
  finishIpHeader(bytes);
}

/** Sums a TCP packet: in full, or as the part that a link is trusted to complete. */
export function sumTcp(bytes: Uint8Array, end: number, inFull: boolean): void {
  const at = headerBytes(bytes, 0);
  const pseudoSum = pseudoHeaderSum(source(bytes, 0), destination(bytes, 0), PROTOCOL_TCP);
  if (inFull) finishChecksum(bytes, at, end, pseudoSum);
  else startChecksum(bytes, at, end, pseudoSum);
}

function finishIpHeader(bytes: Uint8Array): void {
  bytes[10] = 0;
  bytes[11] = 0;
  const sum = complement(onesSum(bytes, 0, headerBytes(bytes, 0)));
  bytes[10] = sum >> 8;
  bytes[11] = sum;
}
