/** TCP options as a list of plain objects, in the order of the wire: for tools, not for the packet's path. */

import { hexBytes } from './hex.ts';
import { i32, u16 } from './octets.ts';
import {
  OPT_END,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TIMESTAMPS,
  OPT_WINDOW_SCALE,
} from './tcp-options.ts';

/** One SACK block: sequence numbers as unsigned 32-bit numbers, `right` exclusive. */
export interface DecodedSackBlock {
  readonly left: number;
  readonly right: number;
}

/**
 * One option. `padding` is what follows the end-of-list option; `unknown` is any kind not named here;
 * `malformed` is an option whose length is illegal, with all bytes behind it.
 */
export type DecodedTcpOption = { readonly kind: number; readonly lengthBytes: number } & (
  | { readonly name: 'end' | 'nop' | 'sack-permitted' }
  | { readonly name: 'mss'; readonly mssBytes: number }
  | { readonly name: 'window-scale'; readonly shift: number }
  | { readonly name: 'timestamps'; readonly tsVal: number; readonly tsEcr: number }
  | { readonly name: 'sack'; readonly blocks: readonly DecodedSackBlock[] }
  | { readonly name: 'unknown' | 'malformed' | 'padding'; readonly hex: string }
);

/** All options in `bytes[at, end)`, the option part of a TCP header. Their lengths add up to `end - at`. */
export function decodeTcpOptions(bytes: Uint8Array, at: number, end: number): DecodedTcpOption[] {
  const list: DecodedTcpOption[] = [];
  let i = at;
  while (i < end) {
    const kind = bytes[i] as number;
    if (kind === OPT_END) {
      list.push({ name: 'end', kind, lengthBytes: 1 });
      if (i + 1 < end) list.push(raw('padding', bytes, i + 1, end));
      return list;
    }
    if (kind === OPT_NOP) {
      list.push({ name: 'nop', kind, lengthBytes: 1 });
      i++;
      continue;
    }
    const lengthBytes = i + 1 < end ? (bytes[i + 1] as number) : 0;
    if (lengthBytes < 2 || i + lengthBytes > end) {
      list.push(raw('malformed', bytes, i, end));
      return list;
    }
    list.push(decodeOption(bytes, i, kind, lengthBytes));
    i += lengthBytes;
  }
  return list;
}

function decodeOption(bytes: Uint8Array, at: number, kind: number, lengthBytes: number): DecodedTcpOption {
  if (kind === OPT_MSS && lengthBytes === 4) return { name: 'mss', kind, lengthBytes, mssBytes: u16(bytes, at + 2) };
  if (kind === OPT_WINDOW_SCALE && lengthBytes === 3) {
    return { name: 'window-scale', kind, lengthBytes, shift: bytes[at + 2] as number };
  }
  if (kind === OPT_SACK_PERMITTED && lengthBytes === 2) return { name: 'sack-permitted', kind, lengthBytes };
  if (kind === OPT_TIMESTAMPS && lengthBytes === 10) {
    return { name: 'timestamps', kind, lengthBytes, tsVal: u32(bytes, at + 2), tsEcr: u32(bytes, at + 6) };
  }
  if (kind === OPT_SACK && lengthBytes >= 10 && (lengthBytes - 2) % 8 === 0) {
    return { name: 'sack', kind, lengthBytes, blocks: decodeSack(bytes, at + 2, at + lengthBytes) };
  }
  const known = kind <= OPT_SACK || kind === OPT_TIMESTAMPS;
  return raw(known ? 'malformed' : 'unknown', bytes, at, at + lengthBytes);
}

function decodeSack(bytes: Uint8Array, at: number, end: number): DecodedSackBlock[] {
  const blocks: DecodedSackBlock[] = [];
  for (let i = at; i < end; i += 8) blocks.push({ left: u32(bytes, i), right: u32(bytes, i + 4) });
  return blocks;
}

function raw(name: 'unknown' | 'malformed' | 'padding', bytes: Uint8Array, at: number, end: number): DecodedTcpOption {
  return { name, kind: bytes[at] as number, lengthBytes: end - at, hex: hexBytes(bytes, at, end) };
}

function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0;
}
