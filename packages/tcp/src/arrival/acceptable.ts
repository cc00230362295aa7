/** First check: is the segment acceptable? (RFC 9293 §3.10.7.4, figure 5's table in §3.4) */

import { add, diff, gt, inWindow } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { RST, SYN } from '@tcpstack/wire/tcp';
import { TS_RECENT_STALE_MS } from '../limits.ts';
import type { Tcb } from '../tcb.ts';

/** RCV.WND in bytes: what we offered and has not been used. */
export function receiveWindowBytes(tcb: Tcb): number {
  return Math.max(0, diff(tcb.rcv.edge, tcb.rcv.nxt));
}

/** The four cases of segment length and window. */
export function isAcceptable(tcb: Tcb, seg: Segment): boolean {
  const wnd = receiveWindowBytes(tcb);
  if (seg.len === 0) {
    //   0       0     SEG.SEQ = RCV.NXT
    //   0      >0     RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND
    return wnd === 0 ? seg.seq === tcb.rcv.nxt : inWindow(seg.seq, tcb.rcv.nxt, wnd);
  }
  //  >0       0     not acceptable; but "special allowance should be made to accept valid ... RSTs" [MUST-66]
  if (wnd === 0) return (seg.flags & RST) !== 0 && seg.seq === tcb.rcv.nxt;
  //  >0      >0     RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND or RCV.NXT =< SEG.SEQ+SEG.LEN-1 < RCV.NXT+RCV.WND
  return (
    inWindow(seg.seq, tcb.rcv.nxt, wnd) ||
    inWindow(add(seg.seq, seg.len - 1), tcb.rcv.nxt, wnd) ||
    // Deviation: a super-segment may begin before the window and end beyond it, a case that the table leaves out.
    (seg.len > wnd && diff(seg.seq, tcb.rcv.nxt) < 0 && diff(add(seg.seq, seg.len), tcb.rcv.edge) > 0)
  );
}

/**
 * PAWS: "If there is a Timestamps option in the arriving segment, SEG.TSval < TS.Recent, TS.Recent is valid ...
 * and if the RST bit is not set, then treat the arriving segment as not acceptable" — RFC 7323 §5.3 R1.
 * Tolerant of peers that stop sending timestamps: a segment without the option passes.
 */
export function failsPaws(tcb: Tcb, seg: Segment, nowMs: number): boolean {
  if (!tcb.ts.enabled || !seg.options.hasTimestamps || (seg.flags & (RST | SYN)) !== 0) return false;
  return isOlder(tcb, seg, nowMs);
}

/** SEG.TSval < TS.Recent, which is valid for 24 days only (RFC 7323 §5.5). */
function isOlder(tcb: Tcb, seg: Segment, nowMs: number): boolean {
  return gt(tcb.ts.recent, seg.options.tsVal) && nowMs - tcb.ts.recentAtMs < TS_RECENT_STALE_MS;
}

/**
 * Like Linux, takes the timestamp of a segment that we have already and that reaches Last.ACK.sent: the ACK of a
 * resent segment must echo the copy that it answers, or its sender measures its own time-outs and waits ever longer.
 */
export function rememberRepeated(tcb: Tcb, seg: Segment, nowMs: number): void {
  if ((seg.flags & (RST | SYN)) === 0 && diff(add(seg.seq, seg.len), tcb.ts.lastAckSent) >= 0)
    rememberTimestamp(tcb, seg, nowMs);
}

/**
 * "If SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent, then SEG.TSval is copied to TS.Recent"
 * — RFC 7323 §4.3 (2)
 */
export function rememberTimestamp(tcb: Tcb, seg: Segment, nowMs: number): void {
  if (!tcb.ts.enabled || !seg.options.hasTimestamps) return;
  if (isOlder(tcb, seg, nowMs) || gt(seg.seq, tcb.ts.lastAckSent)) return;
  tcb.ts.recent = seg.options.tsVal;
  tcb.ts.recentAtMs = nowMs;
}
