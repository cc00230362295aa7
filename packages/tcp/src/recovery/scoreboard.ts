/** Takes SACK and D-SACK blocks into the sent log (RFC 2018, RFC 2883). */

import { diff } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import type { TcpOptions } from '@tcpstack/wire/tcp-options';
import type { Tcb } from '../tcb.ts';
import { deliverSacked } from './delivery.ts';
import { facts } from './facts.ts';
import { nxtOffset } from './marks.ts';
import { SACKED, type SentLog } from './sent-log.ts';

/** Takes the blocks of `seg`. SND.UNA was moved already. */
export function takeSackBlocks(tcb: Tcb, seg: Segment, nowMs: number): void {
  const { snd } = tcb;
  const { options } = seg;
  const first = takeDsack(tcb, options) ? 1 : 0;
  const end = nxtOffset(tcb);
  for (let b = first; b < options.sackCount; b++) {
    // Counted from SND.UNA: two ends that lie half the sequence space apart are in no order at all.
    const left = snd.unaOffset + diff(options.sackLeft[b] ?? snd.una, snd.una);
    const right = snd.unaOffset + diff(options.sackRight[b] ?? snd.una, snd.una);
    // What begins at or below SND.UNA, or reaches beyond SND.NXT, says nothing about what is outstanding.
    if (left > snd.unaOffset && left < right && right <= end) sackRange(tcb, nowMs, left, right);
  }
}

/**
 * "the first block of the SACK option should be compared to the cumulative ACK: ... if it is covered by it, it is a
 * D-SACK; else ... compared to the second block" — RFC 2883 §4.
 */
function takeDsack(tcb: Tcb, { sackCount, sackLeft, sackRight }: TcpOptions): boolean {
  const { snd } = tcb;
  const left = sackLeft[0];
  const right = sackRight[0];
  if (sackCount === 0 || left === undefined || right === undefined) return false;
  const bytes = diff(right, left);
  const belowUna = diff(right, snd.una) <= 0;
  const secondLeft = sackLeft[1];
  const secondRight = sackRight[1];
  const insideSecond =
    sackCount > 1 &&
    secondLeft !== undefined &&
    secondRight !== undefined &&
    diff(left, secondLeft) >= 0 &&
    diff(right, secondRight) <= 0;
  // A block further back than the largest window is of another age of the stream, or forged.
  if (bytes <= 0 || bytes > snd.maxWnd || !(belowUna || insideSecond)) return false;
  if (belowUna && diff(snd.una, left) > Math.max(snd.maxWnd, tcb.sendRing.limitBytes)) return true;
  facts.dsackBytes = bytes;
  facts.dsackOffset = snd.unaOffset + diff(left, snd.una);
  tcb.shared.counters.dsacksReceived++;
  if (!belowUna) tcb.shared.counters.dsacksHeldReceived++;
  return true;
}

/** `[left, right)` was sacked: entries at its ends are parted. */
function sackRange(tcb: Tcb, nowMs: number, left: number, right: number): void {
  const { log } = tcb.recovery;
  if (log === null) return;
  let i = log.indexOf(left);
  while (i < log.count && log.startAt(i) < right) {
    if ((log.flagsAt(i) & SACKED) === 0 && cutTo(log, i, left, right)) {
      if (log.startAt(i) < left) i++;
      deliverSacked(tcb, nowMs, log, i);
      i = log.markSacked(i);
    }
    i++;
  }
}

/** Parts entry `i` so that one lies wholly in `[left, right)`; false when the log has no room for that. */
function cutTo(log: SentLog, i: number, left: number, right: number): boolean {
  if (log.endAt(i) > right && !log.split(i, right)) return false;
  return log.startAt(i) >= left || log.split(i, left);
}
