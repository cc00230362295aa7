/** ICMP echo request and reply (RFC 792), read and written in place. */

import { complement, onesSum } from './checksum.ts';
import { putU16, u16 } from './octets.ts';

/** Bytes before an echo's data. */
export const ICMP_HEADER_BYTES = 8;
export const ICMP_ECHO_REPLY = 0;
export const ICMP_ECHO_REQUEST = 8;

/** Why a message was refused; the name under which the drop is counted. */
export type IcmpFault = 'short-message' | 'bad-icmp-checksum';

/** Checks the message `bytes[at, end)`, its checksum included. After `null` no accessor can fail. */
export function checkIcmp(bytes: Uint8Array, at: number, end: number): IcmpFault | null {
  if (end - at < ICMP_HEADER_BYTES) return 'short-message';
  if (onesSum(bytes, at, end) !== 0xffff) return 'bad-icmp-checksum';
  return null;
}

/** Type, such as `ICMP_ECHO_REQUEST`. */
export function type(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
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

/** Next-hop MTU of "fragmentation needed", in bytes (RFC 1191 §4); 0 from routers that do not know it. */
export function nextHopMtu(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}

/** Writes the header of an echo over `bytes[at, end)`, whose data already stands there, with its checksum. */
export function writeEcho(
  bytes: Uint8Array,
  at: number,
  end: number,
  echoType: typeof ICMP_ECHO_REQUEST | typeof ICMP_ECHO_REPLY,
  identifierField: number,
  sequenceField: number,
): void {
  bytes[at] = echoType;
  bytes[at + 1] = 0;
  putU16(bytes, at + 4, identifierField);
  putU16(bytes, at + 6, sequenceField);
  finish(bytes, at, end);
}

/**
 * Turns the echo request `bytes[at, end)` into its reply, in place.
 *
 * "To form an echo reply message, the source and destination addresses are simply reversed, the type
 * code changed to 0, and the checksum recomputed." — RFC 792. The addresses are the IP layer's to turn.
 */
export function writeEchoReply(bytes: Uint8Array, at: number, end: number): void {
  bytes[at] = ICMP_ECHO_REPLY;
  finish(bytes, at, end);
}

// Summed anew: the incremental update of RFC 1624 gives 0 where a message of zeros needs 0xffff.
function finish(bytes: Uint8Array, at: number, end: number): void {
  putU16(bytes, at + 2, 0);
  putU16(bytes, at + 2, complement(onesSum(bytes, at, end)));
}
