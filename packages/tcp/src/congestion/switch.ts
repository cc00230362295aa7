/** Another congestion control for a connection that has one already: `TCP_CONGESTION` on a socket in use. */

import { INITIAL_CWND_SEGMENTS } from '../limits.ts';
import { flightBytes } from '../recovery/marks.ts';
import { beginPrr } from '../recovery/prr.ts';
import type { Tcb } from '../tcb.ts';
import type { CongestionController } from './controller.ts';
import { type CongestionName, createCongestion } from './registry.ts';

/**
 * Gives `tcb` the control of this name, unless it is the one that it has.
 *
 * @param isOpen False before the first segment: nothing was learnt that the new one could go on with.
 */
export function switchCongestion(tcb: Tcb, nowMs: number, name: CongestionName, isOpen: boolean): void {
  const { congestion: last, snd, ts } = tcb;
  if (last.name === name) return;
  const next = createCongestion(name, snd.mssBytes, ts.offset);
  tcb.congestion = next;
  if (!isOpen) return;
  next.adopt(nowMs, learntCwndBytes(tcb, last), last.ssthreshBytes, tcb.rtt.srttMs);
  if (tcb.recovery.mode === 'recovery' && last.ownsRecovery !== next.ownsRecovery) takeOverRecovery(tcb, nowMs);
}

/** "none" has measured nothing: what is in flight is all that is known to fit. */
function learntCwndBytes(tcb: Tcb, last: CongestionController): number {
  if (last.name !== 'none') return last.cwndBytes;
  return Math.max(flightBytes(tcb), INITIAL_CWND_SEGMENTS * tcb.snd.mssBytes);
}

/** The last control led recovery itself, or left it to PRR, and this one does the other: it has to hear of the loss. */
function takeOverRecovery(tcb: Tcb, nowMs: number): void {
  const inFlight = flightBytes(tcb);
  beginPrr(tcb, inFlight);
  tcb.congestion.onLoss(nowMs, inFlight);
}
