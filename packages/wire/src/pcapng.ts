/** Writes captures that Wireshark opens: the blocks of pcapng (draft-ietf-opsawg-pcapng), as bytes. */

import { encodeUtf8 } from './utf8.ts';

/** Packets begin with an Ethernet header. */
export const LINKTYPE_ETHERNET = 1;
/** Packets begin with an IPv4 or IPv6 header. */
export const LINKTYPE_RAW = 101;

/** What one tick of an interface's timestamps is. */
export type TimestampResolution = 'microseconds' | 'nanoseconds';

/** Which way a packet went, seen from the interface; `null` leaves it unsaid. */
export type Direction = 'inbound' | 'outbound';

/** One interface of a capture. Blocks of packets name it by its place in the file, from 0. */
export interface InterfaceDescription {
  readonly linkType: typeof LINKTYPE_ETHERNET | typeof LINKTYPE_RAW;
  readonly resolution: TimestampResolution;
  /** Most bytes kept of a packet, 0 for all. Default 0. */
  readonly snapLengthBytes?: number;
  /** A name such as "tcp0". Default none. */
  readonly name?: string;
}

/** What stands beside the bytes of one captured packet. */
export interface PacketDescription {
  /** Which interface block of the file, from 0. */
  readonly interfaceId: number;
  /** The resolution that its interface block declared. */
  readonly resolution: TimestampResolution;
  /** Milliseconds since 1970-01-01 UTC, with fractions; 0 or more, before the year 2554. */
  readonly timestampMs: number;
  /** Bytes that the packet had on the link. Default: as many as were captured. */
  readonly originalLengthBytes?: number;
  readonly direction?: Direction | null;
  /** A comment that the reader shows with the packet. Default none. */
  readonly comment?: string;
}

const BLOCK_SECTION_HEADER = 0x0a0d0d0a;
const BLOCK_INTERFACE = 1;
const BLOCK_ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

const OPT_END = 0;
const OPT_COMMENT = 1;
const OPT_EPB_FLAGS = 2;
const OPT_IF_NAME = 2;
const OPT_USER_APPLICATION = 4;
const OPT_IF_TSRESOL = 9;

/** Block type and length in front, length again behind. */
const FRAME_BYTES = 12;
const OPTION_VALUE_BYTES_MAX = 0xffff;

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
}

/**
 * The block that begins a file (or a new section in it), little-endian, of unknown length.
 *
 * @param application The name of the program that writes it; none when empty.
 */
export function sectionHeaderBlock(application = ''): Uint8Array {
  const options = application === '' ? [] : [text(OPT_USER_APPLICATION, application)];
  const block = begin(BLOCK_SECTION_HEADER, 16, options);
  const view = viewOf(block);
  view.setUint32(8, BYTE_ORDER_MAGIC, true);
  view.setUint16(12, 1, true); // version 1.0
  view.setUint16(14, 0, true);
  view.setInt32(16, -1, true); // length of the section: not known
  view.setInt32(20, -1, true);
  return block;
}

/** The block that declares an interface; it comes before the first packet that names it. */
export function interfaceBlock(description: InterfaceDescription): Uint8Array {
  const options = description.name === undefined ? [] : [text(OPT_IF_NAME, description.name)];
  options.push({
    code: OPT_IF_TSRESOL,
    value: Uint8Array.of(description.resolution === 'microseconds' ? 6 : 9),
  });
  const block = begin(BLOCK_INTERFACE, 8, options);
  const view = viewOf(block);
  view.setUint16(8, description.linkType, true);
  view.setUint32(12, description.snapLengthBytes ?? 0, true);
  return block;
}

/** The block of one captured packet, a copy of `bytes[at, end)`; owned by the caller. */
export function packetBlock(bytes: Uint8Array, at: number, end: number, description: PacketDescription): Uint8Array {
  const captured = end - at;
  const block = begin(BLOCK_ENHANCED_PACKET, 20 + padded(captured), packetOptions(description));
  const view = viewOf(block);
  view.setUint32(8, description.interfaceId, true);
  putTimestamp(view, 12, description.timestampMs, description.resolution === 'microseconds' ? 1e3 : 1e6);
  view.setUint32(20, captured, true);
  view.setUint32(24, description.originalLengthBytes ?? captured, true);
  block.set(bytes.subarray(at, end), 28);
  return block;
}

function packetOptions(description: PacketDescription): Option[] {
  const options: Option[] = [];
  if (description.comment !== undefined) options.push(text(OPT_COMMENT, description.comment));
  if (description.direction != null) {
    options.push({ code: OPT_EPB_FLAGS, value: Uint8Array.of(description.direction === 'inbound' ? 1 : 2, 0, 0, 0) });
  }
  return options;
}

/** An option of text, cut at a character's boundary when it is longer than an option may be. */
function text(code: number, value: string): Option {
  return { code, value: encodeUtf8(value, OPTION_VALUE_BYTES_MAX) };
}

/** Makes a block: type and lengths, room for `bodyBytes`, options behind it. */
function begin(type: number, bodyBytes: number, options: readonly Option[]): Uint8Array {
  let optionBytes = options.length === 0 ? 0 : 4;
  for (const option of options) optionBytes += 4 + padded(option.value.length);
  const total = FRAME_BYTES + bodyBytes + optionBytes;
  const block = new Uint8Array(total);
  const view = viewOf(block);
  view.setUint32(0, type, true);
  view.setUint32(4, total, true);
  view.setUint32(total - 4, total, true);
  let at = 8 + bodyBytes;
  for (const option of options) {
    view.setUint16(at, option.code, true);
    view.setUint16(at + 2, option.value.length, true);
    block.set(option.value, at + 4);
    at += 4 + padded(option.value.length);
  }
  if (options.length > 0) view.setUint16(at, OPT_END, true);
  return block;
}

/**
 * Writes the ticks since 1970 as two 32-bit halves, high first. Nanoseconds since 1970 do not fit the 53
 * bits of a number, so whole milliseconds are multiplied in two parts of 16 bits.
 */
function putTimestamp(view: DataView, at: number, timestampMs: number, ticksPerMs: number): void {
  const wholeMs = Math.floor(timestampMs);
  const ticks = (wholeMs % 0x1_0000) * ticksPerMs + Math.round((timestampMs - wholeMs) * ticksPerMs);
  const upper = Math.floor(wholeMs / 0x1_0000) * ticksPerMs; // in units of 2^16 ticks
  const low = (upper % 0x1_0000) * 0x1_0000 + ticks;
  view.setUint32(at, Math.floor(upper / 0x1_0000) + Math.floor(low / 0x1_0000_0000), true);
  view.setUint32(at + 4, low % 0x1_0000_0000, true);
}

function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}

function viewOf(block: Uint8Array): DataView {
  return new DataView(block.buffer, block.byteOffset, block.byteLength);
}
