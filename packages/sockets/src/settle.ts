/** When a connection has to be looked at next. */

import { rest, restsAtMs, settleTimers } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';

/** Once there is nothing more to do at this moment: its next deadline, or when it may rest; now is the time to, if that is due. */
export function settle(tcb: Tcb, nowMs: number): number {
  const deadlineMs = settleTimers(tcb);
  if (deadlineMs !== Infinity) return deadlineMs;
  const atMs = restsAtMs(tcb);
  if (atMs > nowMs) return atMs;
  rest(tcb);
  return Infinity;
}
