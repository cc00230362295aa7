/** What the peer has sacked of the sent stream, and what follows from it (RFC 2018, RFC 6675). */

import { diff } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { sackedRanges, type Tcb } from '../tcb.ts';

/** Adds the SACK blocks of `seg`; returns how many bytes were not sacked before. */
export function takeSackBlocks(tcb: Tcb, seg: Segment): number {
  const { snd } = tcb;
  const { options } = seg;
  const ranges = sackedRanges(tcb);
  const before = ranges.total();
  const outstanding = diff(snd.nxt, snd.una);
  for (let b = 0; b < options.sackCount; b++) {
    const left = options.sackLeft[b];
    const right = options.sackRight[b];
    if (left === undefined || right === undefined) continue;
    // Blocks below SND.UNA (duplicates, RFC 2883) or beyond SND.NXT say nothing about what is outstanding.
    // Counted from SND.UNA: two ends that lie half the sequence space apart are in no order at all.
    const start = diff(left, snd.una);
    const end = diff(right, snd.una);
    if (start <= 0 || end <= start || end > outstanding) continue;
    ranges.add(snd.unaOffset + start, snd.unaOffset + end);
  }
  return ranges.total() - before;
}

/** Bytes of `[from, to)` (stream offsets) that are not sacked. */
export function unsackedBytes(tcb: Tcb, from: number, to: number): number {
  if (to <= from) return 0;
  let bytes = to - from;
  const ranges = tcb.recovery.sacked;
  if (ranges === null) return bytes;
  for (let i = 0; i < ranges.size; i++) {
    const overlap = Math.min(to, ranges.endAt(i)) - Math.max(from, ranges.startAt(i));
    if (overlap > 0) bytes -= overlap;
  }
  return bytes;
}

/**
 * Stream offset below which everything unsacked counts as lost: "the number of octets that have been SACKed ...
 * greater than (DupThresh - 1) * SMSS" above it — RFC 6675 §4, IsLost. `none` when nothing is lost.
 */
export function lostBelow(tcb: Tcb, none: number): number {
  const ranges = tcb.recovery.sacked;
  if (ranges === null) return none;
  let above = 0;
  for (let i = ranges.size - 1; i >= 0; i--) {
    above += ranges.endAt(i) - ranges.startAt(i);
    if (above > 2 * tcb.snd.mssBytes) return ranges.startAt(i);
  }
  return none;
}

/** The first unsacked stream offset at or after `from`. */
export function nextUnsacked(tcb: Tcb, from: number): number {
  const i = tcb.recovery.sacked?.indexOf(from) ?? -1;
  return i < 0 || tcb.recovery.sacked === null ? from : tcb.recovery.sacked.endAt(i);
}

/** Where the unsacked run that begins at `from` ends, at most `to`. */
export function unsackedRunEnd(tcb: Tcb, from: number, to: number): number {
  const ranges = tcb.recovery.sacked;
  if (ranges === null) return to;
  for (let i = 0; i < ranges.size; i++) {
    if (ranges.startAt(i) >= from) return Math.min(to, ranges.startAt(i));
  }
  return to;
}
