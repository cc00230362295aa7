/** The path turns out to carry less than was sent, or more than it did (RFC 9293 §3.7.2, RFC 1191 §6.5). */

import { diff } from '@tcpstack/seq/seq';
import { syncMss } from './mss.ts';
import { resendUpTo } from './recovery/resend.ts';
import { isSynchronized } from './state.ts';
import type { Tcb } from './tcb.ts';

/** The path carries segments of this much payload, options not counted. What was too large is sent again at once. */
export function setPathMss(tcb: Tcb, nowMs: number, pathBytes: number): void {
  const { mss, snd } = tcb;
  if (pathBytes === mss.pathBytes || tcb.state === 'CLOSED') return;
  const before = snd.mssBytes;
  mss.pathBytes = pathBytes;
  syncMss(tcb);
  if (!isSynchronized(tcb.state) || snd.mssBytes >= before || diff(snd.nxt, snd.una) <= snd.mssBytes) return;
  // What was dropped for its size is sent again at once, and is no sign of congestion (RFC 1191 §6.5).
  resendUpTo(tcb, nowMs, snd.nxt);
}
