/** Which options each kind of segment carries, in the order that Linux writes them. */

import type { RangeSet } from '@tcpstack/bytes/range-set';
import { add, type Seq, seq } from '@tcpstack/seq/seq';
import type { TcpOptions } from '@tcpstack/wire/tcp-options';
import {
  writeMss,
  writeNops,
  writeSackBlock,
  writeSackHeader,
  writeSackPermitted,
  writeTimestamps,
  writeWindowScale,
} from '@tcpstack/wire/tcp-options';
import { takeReport } from './dsack.ts';
import { MAX_RECEIVE_BUFFER_BYTES, MAX_WINDOW_SCALE } from './limits.ts';
import { advertisedMssBytes, syncMss } from './mss.ts';
import { openProbing } from './mtu-probe.ts';
import { timestampNow } from './rtt.ts';
import type { Tcb, TcpShared } from './tcb.ts';

/** The shift that lets us offer our largest receive buffer (RFC 7323 §2.3). */
export function receiveScaleFor(bufferBytes: number): number {
  let shift = 0;
  while (shift < MAX_WINDOW_SCALE && bufferBytes >> shift > 0xffff) shift++;
  return shift;
}

/** What we offer in a SYN, or in a SYN-ACK as far as the peer's SYN offered it. */
export function offerOptions(tcb: Tcb, peer: TcpOptions | null): void {
  const { shared } = tcb;
  tcb.scaling = shared.windowScaling && (peer === null || peer.windowScale >= 0);
  tcb.ts.enabled = shared.timestamps && (peer === null || peer.hasTimestamps);
  tcb.recovery.sackEnabled = shared.sack && (peer === null || peer.sackPermitted);
  tcb.rcv.scale = tcb.scaling ? offeredScale(shared, tcb.receiveRing.limitBytes, tcb.wishes.windowBytes) : 0;
}

/** The shift that a connection with this buffer offers, which has room to grow as far as the user allows. */
export function offeredScale(shared: TcpShared, receiveBufferBytes: number, windowBytes: number): number {
  const mostBytes = Math.max(MAX_RECEIVE_BUFFER_BYTES, shared.receiveBufferMaxBytes, receiveBufferBytes);
  return receiveScaleFor(Math.min(mostBytes, windowBytes));
}

/** Takes over what the peer's SYN or SYN-ACK said; what either side left out is off. */
export function adoptOptions(tcb: Tcb, peer: TcpOptions, nowMs: number): void {
  tcb.scaling = tcb.scaling && peer.windowScale >= 0;
  if (!tcb.scaling) tcb.rcv.scale = 0;
  // "If a Window Scale option is received with a shift.cnt value larger than 14, the TCP SHOULD log the error
  // but MUST use 14 instead of the specified value." — RFC 7323 §2.3
  tcb.snd.scale = tcb.scaling ? Math.min(peer.windowScale, MAX_WINDOW_SCALE) : 0;
  tcb.recovery.sackEnabled = tcb.recovery.sackEnabled && peer.sackPermitted;
  if (!tcb.recovery.sackEnabled) tcb.recovery.detection = 'new-reno';
  tcb.ts.enabled = tcb.ts.enabled && peer.hasTimestamps;
  if (tcb.ts.enabled) {
    tcb.ts.recent = peer.tsVal;
    tcb.ts.recentAtMs = nowMs;
  }
  // "If an MSS Option is not received at connection setup, TCP implementations MUST assume a default send MSS of
  // 536 (576 - 40) for IPv4 or 1220 (1280 - 60) for IPv6" [MUST-15]; "The maximum size of a segment that a TCP endpoint really sends ... MUST be the smaller of the
  // send MSS ... and the largest transmission size permitted by the IP layer" [MUST-16] — RFC 9293 §3.7.1
  const { defaultSendMssBytes } = tcb.link;
  const offered = peer.mssBytes >= 0 ? Math.max(peer.mssBytes, tcb.shared.minSendMssBytes) : defaultSendMssBytes;
  tcb.mss.peerBytes = offered;
  syncMss(tcb);
  openProbing(tcb, nowMs);
}

/**
 * Writes the options of a SYN or SYN-ACK; returns the next offset, a multiple of 4 from `at`: NOPs fill up, so there is
 * no end of the list, and nothing behind one that "MUST be header padding of zeros" — RFC 9293 §3.1 [MUST-69].
 */
export function writeSynOptions(tcb: Tcb, nowMs: number, bytes: Uint8Array, at: number, tsEcr: Seq): number {
  // "TCP endpoints MUST implement both sending and receiving the MSS Option" [MUST-14]; "SHOULD send an MSS Option in
  // every SYN segment when its receive MSS differs from the default ... [SHLD-5], and MAY send it always" [MAY-3]. It is
  // MMS_R - 20 [MUST-67], and it "MUST NOT be sent in other segments" — §3.7.1, §3.2 [MUST-65]
  const { sackEnabled } = tcb.recovery;
  const scale = tcb.scaling ? tcb.rcv.scale : -1;
  const tsVal = timestampNow(tcb, nowMs);
  return writeSynOptionList(bytes, at, advertisedMssBytes(tcb), sackEnabled, tcb.ts.enabled, tsVal, tsEcr, scale);
}

/** The same from plain values; `scale` is -1 where windows are not scaled. */
export function writeSynOptionList(
  bytes: Uint8Array,
  at: number,
  mssBytes: number,
  sackPermitted: boolean,
  hasTimestamps: boolean,
  tsVal: Seq,
  tsEcr: Seq,
  scale: number,
): number {
  let i = writeMss(bytes, at, mssBytes);
  // NOPs bring the timestamps to a multiple of four; SACK-permitted needs none where they follow.
  if (sackPermitted !== hasTimestamps) i = writeNops(bytes, i, 2);
  if (sackPermitted) i = writeSackPermitted(bytes, i);
  if (hasTimestamps) i = writeTimestamps(bytes, i, tsVal, tsEcr);
  return scale < 0 ? i : writeWindowScale(bytes, i, scale);
}

/** Writes the options of any later segment; returns the next offset. */
export function writeOptions(tcb: Tcb, nowMs: number, bytes: Uint8Array, at: number): number {
  let i = at;
  if (tcb.ts.enabled) {
    i = writeNops(bytes, i, 2);
    i = writeTimestamps(bytes, i, timestampNow(tcb, nowMs), tcb.ts.recent);
  }
  if (!tcb.recovery.sackEnabled || !(tcb.dsack.due || (tcb.pending !== null && tcb.pending.size > 0))) return i;
  return writeSackOption(tcb, bytes, i);
}

/**
 * "the first SACK block MUST specify the contiguous block of data containing the segment which triggered this
 * ACK"; then those reported before it — RFC 2018 §4. If that was a duplicate, a D-SACK block stands in front, and "the
 * second SACK block in that SACK option should specify that (possibly larger) block of data" — RFC 2883 §4 (4)
 */
function writeSackOption(tcb: Tcb, bytes: Uint8Array, at: number): number {
  const { pending, dsack } = tcb;
  const held = pending?.size ?? 0;
  const reports = takeReport(tcb) ? 1 : 0;
  const blocks = Math.min(held + reports, tcb.ts.enabled ? 3 : 4);
  let i = writeNops(bytes, at, 2);
  i = writeSackHeader(bytes, i, blocks);
  if (reports > 0) i = writeSackBlock(bytes, i, dsack.start, dsack.end);
  return pending === null ? i : writeHeldBlocks(tcb, pending, bytes, i, blocks - reports);
}

/** `blocks` of the out-of-order ranges, the one where something came last in front. */
function writeHeldBlocks(tcb: Tcb, ranges: RangeSet, bytes: Uint8Array, at: number, blocks: number): number {
  const base = tcb.rcv.nxtOffset;
  let i = at;
  let index = ranges.indexOf(tcb.latestPendingOffset);
  if (index < 0) index = ranges.size - 1;
  for (let b = 0; b < blocks; b++) {
    i = writeSackBlock(
      bytes,
      i,
      add(tcb.rcv.nxt, ranges.startAt(index) - base),
      add(tcb.rcv.nxt, ranges.endAt(index) - base),
    );
    index = index === 0 ? ranges.size - 1 : index - 1;
  }
  return i;
}

/** "TSecr ... MUST be zero" when the ACK bit is not set (RFC 7323 §3.2). */
export const NO_ECHO = seq(0);
