/** Options of Neighbor Discovery messages (RFC 4861 §4.6): found, read and written in place. */

import { readMac, writeMac } from './ethernet.ts';
import { type IpAddress, readIpv6Address, writeIpv6Address } from './ip-address.ts';
import { i32, putI32 } from './octets.ts';

export const SOURCE_LINK_LAYER_ADDRESS = 1;
export const TARGET_LINK_LAYER_ADDRESS = 2;
export const PREFIX_INFORMATION = 3;
export const REDIRECTED_HEADER = 4;
export const MTU_OPTION = 5;
/** RFC 7527 §4.1, RFC 3971 §5.3.2. */
export const NONCE = 14;

/** Flags of a prefix: its addresses are on this link; hosts may make addresses of it. */
export const PREFIX_ON_LINK = 0x80;
export const PREFIX_AUTONOMOUS = 0x40;

/** Bytes of each option that we write. */
export const LINK_LAYER_OPTION_BYTES = 8;
export const PREFIX_OPTION_BYTES = 32;
export const MTU_OPTION_BYTES = 8;
export const NONCE_OPTION_BYTES = 8;

/** Lifetimes of so many seconds never end (RFC 4861 §4.6.2). */
export const INFINITE_LIFETIME_S = 0xffff_ffff;

/** Whether every option of `bytes[at, end)` has a length, and lies inside. */
export function optionsAreWhole(bytes: Uint8Array, at: number, end: number): boolean {
  let next = at;
  while (next + 2 <= end) {
    const lengthBytes = optionBytes(bytes, next);
    if (lengthBytes === 0) return false;
    next += lengthBytes;
  }
  return next === end;
}

/**
 * Offset of the first option of this type (and, for those we know, of the length it must have) from `at` on, or -1.
 * The options are whole.
 */
export function findNdpOption(bytes: Uint8Array, at: number, end: number, type: number): number {
  for (let next = at; next < end; next += optionBytes(bytes, next)) {
    if (bytes[next] === type && hasItsLength(type, optionBytes(bytes, next))) return next;
  }
  return -1;
}

/** Bytes of the option at `at`. */
export function optionBytes(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1] as number) * 8;
}

function hasItsLength(type: number, lengthBytes: number): boolean {
  switch (type) {
    case SOURCE_LINK_LAYER_ADDRESS:
    case TARGET_LINK_LAYER_ADDRESS:
      return lengthBytes === LINK_LAYER_OPTION_BYTES;
    case PREFIX_INFORMATION:
      return lengthBytes === PREFIX_OPTION_BYTES;
    case MTU_OPTION:
      return lengthBytes === MTU_OPTION_BYTES;
    default:
      return true;
  }
}

/** Ethernet address in a link-layer address option (RFC 2464 §6), 48 bits as a number. */
export function linkLayerAddress(bytes: Uint8Array, at: number): number {
  return readMac(bytes, at + 2);
}

/** MTU in an MTU option. */
export function mtuOptionBytes(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 4) >>> 0;
}

/** Leading bits of a prefix that count. */
export function prefixBits(bytes: Uint8Array, at: number): number {
  return bytes[at + 2] as number;
}

/** Flags of a prefix, `PREFIX_*`. */
export function prefixFlags(bytes: Uint8Array, at: number): number {
  return bytes[at + 3] as number;
}

/** Seconds for which the prefix is on the link, and addresses made of it are good. */
export function validLifetimeS(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 4) >>> 0;
}

/** Seconds for which addresses made of the prefix are to be used for new connections. */
export function preferredLifetimeS(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 8) >>> 0;
}

/** The prefix; bits beyond `prefixBits` mean nothing. */
export function readPrefix(bytes: Uint8Array, at: number, into: IpAddress): void {
  readIpv6Address(bytes, at + 16, into);
}

/** Writes a link-layer address option of Ethernet; returns the next offset. */
export function writeLinkLayerAddress(
  bytes: Uint8Array,
  at: number,
  type: typeof SOURCE_LINK_LAYER_ADDRESS | typeof TARGET_LINK_LAYER_ADDRESS,
  mac: number,
): number {
  bytes[at] = type;
  bytes[at + 1] = 1;
  writeMac(bytes, at + 2, mac);
  return at + LINK_LAYER_OPTION_BYTES;
}

/** Writes a nonce of 48 bits; returns the next offset. */
export function writeNonce(bytes: Uint8Array, at: number, nonce: number): number {
  bytes[at] = NONCE;
  bytes[at + 1] = 1;
  writeMac(bytes, at + 2, nonce);
  return at + NONCE_OPTION_BYTES;
}

/** What a prefix information option says. */
export interface PrefixFields {
  readonly prefix: Readonly<IpAddress>;
  readonly prefixBits: number;
  /** `PREFIX_*`. */
  readonly flags: number;
  readonly validS: number;
  readonly preferredS: number;
}

/** Writes a prefix information option; returns the next offset. */
export function writePrefix(bytes: Uint8Array, at: number, fields: PrefixFields): number {
  bytes[at] = PREFIX_INFORMATION;
  bytes[at + 1] = PREFIX_OPTION_BYTES / 8;
  bytes[at + 2] = fields.prefixBits;
  bytes[at + 3] = fields.flags;
  putI32(bytes, at + 4, fields.validS);
  putI32(bytes, at + 8, fields.preferredS);
  putI32(bytes, at + 12, 0);
  writeIpv6Address(bytes, at + 16, fields.prefix);
  return at + PREFIX_OPTION_BYTES;
}

/** Writes an MTU option; returns the next offset. */
export function writeMtuOption(bytes: Uint8Array, at: number, mtuBytes: number): number {
  bytes[at] = MTU_OPTION;
  bytes[at + 1] = 1;
  bytes[at + 2] = 0;
  bytes[at + 3] = 0;
  putI32(bytes, at + 4, mtuBytes);
  return at + MTU_OPTION_BYTES;
}
