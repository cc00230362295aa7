/** Finds that a reduction of cwnd was a mistake, and takes it back (RFC 3522, RFC 2883 with RFC 3708, RFC 5682). */

import type { Tcb } from '../tcb.ts';
import { facts } from './facts.ts';
import { unmarkLost } from './marks.ts';
import { RESENT, type SentLog } from './sent-log.ts';

/** cwnd is about to be reduced because of losses. */
export function rememberForUndo(tcb: Tcb): void {
  const { recovery, snd } = tcb;
  // What is still under way for the second time, of a recovery before, would be taken for a first copy of this one.
  recovery.undoOffset = isAnyResent(recovery.log) ? -1 : snd.unaOffset;
  recovery.undoResentBytes = 0;
  recovery.firstResentMs = -1;
}

function isAnyResent(log: SentLog | null): boolean {
  for (let i = 0; log !== null && i < log.count; i++) if ((log.flagsAt(i) & RESENT) !== 0) return true;
  return false;
}

/** Bytes are sent again. */
export function noteResent(tcb: Tcb, nowMs: number, bytes: number): void {
  const { recovery } = tcb;
  if (recovery.firstResentMs < 0) recovery.firstResentMs = nowMs;
  recovery.undoResentBytes += bytes;
}

/** A D-SACK showed that a retransmission of this recovery was needless. */
export function noteDsack(tcb: Tcb): void {
  const { recovery } = tcb;
  if (facts.dsackBytes === 0 || recovery.undoOffset < 0 || facts.dsackOffset < recovery.undoOffset) return;
  recovery.undoResentBytes = Math.max(0, recovery.undoResentBytes - facts.dsackBytes);
}

/**
 * Whether the losses of this recovery were none: the ACK of what was resent echoes the timestamp of its first copy
 * ("Eifel", RFC 3522 §3.2), or every retransmission was reported as a duplicate.
 */
export function wasSpurious(tcb: Tcb): boolean {
  const { recovery } = tcb;
  if (recovery.undoOffset < 0 || recovery.firstResentMs < 0) return false;
  const echoesOriginal = facts.sample.ackedBytes > 0 && facts.echoMs < Math.floor(recovery.firstResentMs);
  return echoesOriginal || (recovery.undoResentBytes === 0 && facts.dsackBytes > 0);
}

/** Puts back cwnd, and holds nothing for lost. */
export function undo(tcb: Tcb, nowMs: number): void {
  const { recovery } = tcb;
  countUndo(tcb);
  unmarkLost(tcb);
  tcb.congestion.onUndo(nowMs);
  tcb.shared.counters.spuriousRecoveries++;
  recovery.undoOffset = -1;
  recovery.fRto = false;
  recovery.fRtoNewData = false;
  recovery.mode = 'open';
  recovery.dupAcks = 0;
}

/** Under Linux's names for the ways in which a reduction is taken back. */
function countUndo({ recovery, snd, shared: { counters } }: Tcb): void {
  if (recovery.mode === 'loss') counters.lossUndos++;
  else if (recovery.undoResentBytes === 0 && facts.dsackBytes > 0) counters.dsackUndos++;
  else if (snd.unaOffset >= recovery.pointOffset) counters.fullUndos++;
  else counters.partialUndos++;
}
