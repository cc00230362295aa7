/** ICMPv6 (RFC 4443), read and written in place: echo, and the header of every error message. */

import { complement, fold, onesSum } from './checksum.ts';
import { i32, putI32, putU16, u16 } from './octets.ts';

/** Bytes before an echo's data, and before what an error message quotes. */
export const ICMPV6_HEADER_BYTES = 8;
export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_PACKET_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;

/** Codes of `ICMPV6_UNREACHABLE` (RFC 4443 §3.1). */
export const CODE6_NO_ROUTE = 0;
export const CODE6_PROHIBITED = 1;
export const CODE6_BEYOND_SCOPE = 2;
export const CODE6_ADDRESS = 3;
export const CODE6_PORT = 4;
/** Codes of `ICMPV6_TIME_EXCEEDED` (RFC 4443 §3.3). */
export const CODE6_HOP_LIMIT = 0;
export const CODE6_REASSEMBLY = 1;

/** Why a message was refused; the name under which the drop is counted. */
export type Icmpv6Fault = 'short-message' | 'bad-icmpv6-checksum';

/**
 * Checks the message `bytes[at, end)`, its checksum included. After `null` no accessor can fail.
 *
 * @param pseudoSum Of `pseudoHeaderSum6`, without the length (RFC 4443 §2.3).
 */
export function checkIcmpv6(bytes: Uint8Array, at: number, end: number, pseudoSum: number): Icmpv6Fault | null {
  if (end - at < ICMPV6_HEADER_BYTES) return 'short-message';
  if (fold(pseudoSum + (end - at) + onesSum(bytes, at, end)) !== 0xffff) return 'bad-icmpv6-checksum';
  return null;
}

/** Type, such as `ICMPV6_ECHO_REQUEST`. */
export function type(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

/** "Error messages are identified as such by a zero in the high-order bit of their message Type field values" — RFC 4443 §2.1. */
export function isError(bytes: Uint8Array, at: number): boolean {
  return (bytes[at] as number) < 128;
}

/** Code; 0 in every echo. */
export function code(bytes: Uint8Array, at: number): number {
  return bytes[at + 1] as number;
}

/** Checksum field. */
export function checksum(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2);
}

/** Identifier of an echo. */
export function identifier(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 4);
}

/** Sequence number of an echo. */
export function sequence(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}

/** The word of an error message: the MTU of "packet too big", the pointer of "parameter problem"; unsigned. */
export function word(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 4) >>> 0;
}

/** Writes the header of an echo over `bytes[at, end)`, whose data already stand there, with its checksum. */
export function writeEcho6(
  bytes: Uint8Array,
  at: number,
  end: number,
  echoType: typeof ICMPV6_ECHO_REQUEST | typeof ICMPV6_ECHO_REPLY,
  identifierField: number,
  sequenceField: number,
  pseudoSum: number,
): void {
  writeMessage6(bytes, at, end, echoType, 0, (identifierField << 16) | sequenceField, pseudoSum);
}

/** Writes the header of any message of this shape over `bytes[at, end)`, whose body already stands there. */
export function writeMessage6(
  bytes: Uint8Array,
  at: number,
  end: number,
  typeField: number,
  codeField: number,
  wordField: number,
  pseudoSum: number,
): void {
  bytes[at] = typeField;
  bytes[at + 1] = codeField;
  putI32(bytes, at + 4, wordField);
  finishIcmpv6(bytes, at, end, pseudoSum);
}

/** Fills in the checksum of the message `bytes[at, end)`. */
export function finishIcmpv6(bytes: Uint8Array, at: number, end: number, pseudoSum: number): void {
  putU16(bytes, at + 2, 0);
  putU16(bytes, at + 2, complement(fold(pseudoSum + (end - at) + onesSum(bytes, at, end))));
}
