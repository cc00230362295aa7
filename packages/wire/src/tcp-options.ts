/** TCP options: RFC 9293 §3.2 (end, no-operation, MSS), RFC 7323 (scale, timestamps), RFC 2018 (SACK). */

import { type Seq, seq, toInt32 } from '@tcpstack/seq/seq';
import { i32, putI32, putU16, u16 } from './octets.ts';

// "Mandatory Option Set" (RFC 9293 §3.1, table 1 [MUST-4]): end of list, no-operation, MSS.
export const OPT_END = 0;
export const OPT_NOP = 1;
export const OPT_MSS = 2;
export const OPT_WINDOW_SCALE = 3;
export const OPT_SACK_PERMITTED = 4;
export const OPT_SACK = 5;
export const OPT_TIMESTAMPS = 8;
/** TCP Fast Open cookie (RFC 7413 §4.1.1). */
export const OPT_FAST_OPEN = 34;
/** Shared by experiments, told apart by a number that follows (RFC 6994): Fast Open was one before it had its own kind. */
export const OPT_EXPERIMENT = 254;
/** That of Fast Open (RFC 7413 §10). */
export const FAST_OPEN_EXPERIMENT = 0xf989;

const FAST_OPEN_BYTES_MIN = 4;
const FAST_OPEN_BYTES_MAX = 16;

/** Most SACK blocks that fit one header. */
export const SACK_BLOCKS_MAX = 4;

/** What the options of one segment said. Reused from segment to segment; `has...` says what counts. */
export interface TcpOptions {
  /** MSS in bytes, or -1 when absent. */
  mssBytes: number;
  /** Window scale shift as sent, 0 to 255, or -1 when absent. */
  windowScale: number;
  sackPermitted: boolean;
  hasTimestamps: boolean;
  tsVal: Seq;
  tsEcr: Seq;
  /** SACK blocks in `sackLeft` and `sackRight`, 0 to 4. */
  sackCount: number;
  /** Bytes of a Fast Open cookie, 0 for a request of one, -1 when absent; it lies in the segment, from `fastOpenAt` on. */
  fastOpenBytes: number;
  fastOpenAt: number;
  /** It came as the experiment that it once was. */
  fastOpenIsExperiment: boolean;
  readonly sackLeft: Seq[];
  readonly sackRight: Seq[];
  /**
   * An option had an illegal length [MUST-7]. One that fits the header but not its kind was skipped; any
   * other ended the reading.
   */
  malformed: boolean;
}

/** An empty record, all fields made in one order. */
export function createTcpOptions(): TcpOptions {
  return {
    mssBytes: -1,
    windowScale: -1,
    sackPermitted: false,
    hasTimestamps: false,
    tsVal: seq(0),
    tsEcr: seq(0),
    sackCount: 0,
    fastOpenBytes: -1,
    fastOpenAt: 0,
    fastOpenIsExperiment: false,
    sackLeft: [seq(0), seq(0), seq(0), seq(0)],
    sackRight: [seq(0), seq(0), seq(0), seq(0)],
    malformed: false,
  };
}

/**
 * Reads the options `bytes[at, end)` of any segment [MUST-5] into `into`. Unknown ones are skipped by their length
 * [MUST-6], which all "except End of Option List Option (EOL) and No-Operation (NOP) MUST have" — RFC 9293 §3.1
 * [MUST-68]; a length below 2 or beyond `end` ends the reading [MUST-7]. Any byte may be the first of an option: "even if
 * they do not begin on a word boundary" — §3.2 [MUST-64]. Never throws.
 */
export function readTcpOptions(bytes: Uint8Array, at: number, end: number, into: TcpOptions): void {
  into.mssBytes = -1;
  into.windowScale = -1;
  into.sackPermitted = false;
  into.hasTimestamps = false;
  into.sackCount = 0;
  into.fastOpenBytes = -1;
  into.malformed = false;
  // The layout nearly every data segment has: NOP, NOP, timestamps (RFC 7323 appendix A).
  if (end - at === 12 && i32(bytes, at) === 0x0101080a) {
    readTimestamps(bytes, at + 2, into);
    return;
  }
  let i = at;
  while (i < end) {
    const kind = bytes[i] as number;
    if (kind === OPT_END) return;
    if (kind === OPT_NOP) {
      i++;
      continue;
    }
    const length = i + 1 < end ? (bytes[i + 1] as number) : 0;
    if (length < 2 || i + length > end) {
      into.malformed = true;
      return;
    }
    readOption(bytes, i, kind, length, into);
    i += length;
  }
}

function readOption(bytes: Uint8Array, i: number, kind: number, length: number, into: TcpOptions): void {
  if (kind === OPT_MSS && length === 4) into.mssBytes = u16(bytes, i + 2);
  else if (kind === OPT_WINDOW_SCALE && length === 3) into.windowScale = bytes[i + 2] as number;
  else if (kind === OPT_SACK_PERMITTED && length === 2) into.sackPermitted = true;
  else if (kind === OPT_TIMESTAMPS && length === 10) readTimestamps(bytes, i, into);
  else if (kind === OPT_SACK && length >= 10 && (length - 2) % 8 === 0) readSack(bytes, i + 2, (length - 2) >> 3, into);
  else if (kind === OPT_FAST_OPEN) readFastOpen(i + 2, length - 2, false, into);
  else if (kind === OPT_EXPERIMENT) readExperiment(bytes, i, length, into);
  else if (kind <= OPT_SACK || kind === OPT_TIMESTAMPS) into.malformed = true;
}

function readTimestamps(bytes: Uint8Array, i: number, into: TcpOptions): void {
  into.hasTimestamps = true;
  into.tsVal = seq(i32(bytes, i + 2));
  into.tsEcr = seq(i32(bytes, i + 6));
}

function readSack(bytes: Uint8Array, at: number, count: number, into: TcpOptions): void {
  into.sackCount = Math.min(count, SACK_BLOCKS_MAX);
  for (let b = 0; b < into.sackCount; b++) {
    into.sackLeft[b] = seq(i32(bytes, at + 8 * b));
    into.sackRight[b] = seq(i32(bytes, at + 8 * b + 4));
  }
}

/** "valid cookie lengths are 4 to 16 bytes", and even; a request has none — RFC 7413 §4.1.1 */
function readFastOpen(at: number, cookieBytes: number, isExperiment: boolean, into: TcpOptions): void {
  if (
    cookieBytes !== 0 &&
    (cookieBytes < FAST_OPEN_BYTES_MIN || cookieBytes > FAST_OPEN_BYTES_MAX || cookieBytes % 2 !== 0)
  ) {
    into.malformed = true;
    return;
  }
  into.fastOpenBytes = cookieBytes;
  into.fastOpenAt = at;
  into.fastOpenIsExperiment = isExperiment;
}

/** Others than Fast Open are nothing to us. */
function readExperiment(bytes: Uint8Array, i: number, length: number, into: TcpOptions): void {
  if (length >= 4 && u16(bytes, i + 2) === FAST_OPEN_EXPERIMENT) readFastOpen(i + 4, length - 4, true, into);
}

/** Writes an MSS option (4 bytes); returns the next offset. */
export function writeMss(bytes: Uint8Array, at: number, mssBytes: number): number {
  bytes[at] = OPT_MSS;
  bytes[at + 1] = 4;
  putU16(bytes, at + 2, mssBytes);
  return at + 4;
}

/** Writes NOP and window scale (4 bytes); returns the next offset. */
export function writeWindowScale(bytes: Uint8Array, at: number, shift: number): number {
  bytes[at] = OPT_NOP;
  bytes[at + 1] = OPT_WINDOW_SCALE;
  bytes[at + 2] = 3;
  bytes[at + 3] = shift;
  return at + 4;
}

/** Writes SACK-permitted (2 bytes, unpadded); returns the next offset. */
export function writeSackPermitted(bytes: Uint8Array, at: number): number {
  bytes[at] = OPT_SACK_PERMITTED;
  bytes[at + 1] = 2;
  return at + 2;
}

/** Writes timestamps (10 bytes, unpadded); returns the next offset. */
export function writeTimestamps(bytes: Uint8Array, at: number, tsVal: Seq, tsEcr: Seq): number {
  bytes[at] = OPT_TIMESTAMPS;
  bytes[at + 1] = 10;
  putI32(bytes, at + 2, toInt32(tsVal));
  putI32(bytes, at + 6, toInt32(tsEcr));
  return at + 10;
}

/** Writes `count` NOPs; returns the next offset. */
export function writeNops(bytes: Uint8Array, at: number, count: number): number {
  bytes.fill(OPT_NOP, at, at + count);
  return at + count;
}

/** Writes kind and length of a SACK option of `blocks` blocks (2 bytes); the blocks follow with `writeSackBlock`. */
export function writeSackHeader(bytes: Uint8Array, at: number, blocks: number): number {
  bytes[at] = OPT_SACK;
  bytes[at + 1] = 2 + 8 * blocks;
  return at + 2;
}

/** Writes one SACK block (8 bytes); returns the next offset. */
export function writeSackBlock(bytes: Uint8Array, at: number, left: Seq, right: Seq): number {
  putI32(bytes, at, toInt32(left));
  putI32(bytes, at + 4, toInt32(right));
  return at + 8;
}

/** Writes a Fast Open option and NOPs up to a multiple of four from `at`; returns the next offset. */
export function writeFastOpen(bytes: Uint8Array, at: number, cookie: Uint8Array, isExperiment = false): number {
  const cookieAt = at + (isExperiment ? 4 : 2);
  const end = cookieAt + cookie.length;
  bytes[at] = isExperiment ? OPT_EXPERIMENT : OPT_FAST_OPEN;
  bytes[at + 1] = end - at;
  if (isExperiment) putU16(bytes, at + 2, FAST_OPEN_EXPERIMENT);
  bytes.set(cookie, cookieAt);
  return writeNops(bytes, end, -(end - at) & 3);
}
