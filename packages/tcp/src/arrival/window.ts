/** The peer's window: SND.WND, SND.WL1 and SND.WL2 (RFC 9293 §3.10.7.4, fifth check). */

import { le, lt } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { SYN } from '@tcpstack/wire/tcp';
import type { Tcb } from '../tcb.ts';
import { ownTimers } from '../timers.ts';

/** SEG.WND in bytes: "The window field in a segment where the SYN bit is set ... MUST NOT be scaled" — RFC 7323 §2.2 */
export function windowBytes(tcb: Tcb, seg: Segment): number {
  return (seg.flags & SYN) !== 0 ? seg.wndRaw : seg.wndRaw * 2 ** tcb.snd.scale;
}

/**
 * "If SND.UNA =< SEG.ACK =< SND.NXT, the send window should be updated. If (SND.WL1 < SEG.SEQ or (SND.WL1 =
 * SEG.SEQ and SND.WL2 =< SEG.ACK)), set SND.WND <- SEG.WND, set SND.WL1 <- SEG.SEQ, and set SND.WL2 <- SEG.ACK."
 *
 * @returns Whether the window changed.
 */
export function updateWindow(tcb: Tcb, seg: Segment): boolean {
  const { snd } = tcb;
  if (lt(seg.ack, snd.una)) return false;
  if (!(lt(snd.wl1, seg.seq) || (snd.wl1 === seg.seq && le(snd.wl2, seg.ack)))) return false;
  const wnd = windowBytes(tcb, seg);
  const changed = wnd !== snd.wnd;
  snd.wnd = wnd;
  snd.wl1 = seg.seq;
  snd.wl2 = seg.ack;
  if (wnd > snd.maxWnd) snd.maxWnd = wnd;
  if (wnd > 0) leavePersist(tcb);
  return changed;
}

/** The window opened, or nothing waits for it: sending goes on from SND.NXT, with the byte that the probe carried. */
export function leavePersist(tcb: Tcb): void {
  tcb.liveness.windowClosedSinceMs = Infinity;
  if (tcb.timers.persistAtMs === Infinity && !tcb.out.probe) return;
  ownTimers(tcb).persistAtMs = Infinity;
  tcb.out.probe = false;
  tcb.rtt.backoff = 0;
}
