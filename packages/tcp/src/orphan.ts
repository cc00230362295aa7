/** A connection without a descriptor, and how long it waits for the peer's FIN. */

import { rtoMs } from './rtt.ts';
import type { Tcb } from './tcb.ts';
import { endConnection } from './timeouts.ts';
import { ownTimers } from './timers.ts';
import { closeSend } from './user-calls.ts';

/** Like Linux, FIN-WAIT-2 is not shorter than so many retransmission time-outs: the FIN may have to be sent again. */
const FIN_WAIT_2_RTOS = 3.5;

/**
 * CLOSE by a user who does not read on: "A host MAY implement a 'half-duplex' TCP close sequence, so that an application
 * that has called CLOSE cannot continue to read" — RFC 9293 §3.6.1 [MAY-1]; shutdown(2) is the other one.
 *
 * @param finWait2Ms How long it stays in FIN-WAIT-2, 0 for as long as all do; negative for not at all (`TCP_LINGER2`).
 * @returns False when it must be aborted at once: FIN-WAIT-2 is reached, and not wanted.
 */
export function becomeOrphan(tcb: Tcb, nowMs: number, finWait2Ms: number): boolean {
  tcb.orphan = true;
  tcb.noReader = true;
  tcb.finWait2Ms = finWait2Ms;
  closeSend(tcb);
  return tcb.state !== 'FIN-WAIT-2' || armFinWait2(tcb, nowMs);
}

/** In FIN-WAIT-2 it does not wait for ever for a FIN that may never come. False when it is not to wait at all. */
export function armFinWait2(tcb: Tcb, nowMs: number): boolean {
  if (tcb.finWait2Ms < 0) return false;
  const waitMs = tcb.finWait2Ms === 0 ? tcb.shared.finTimeoutMs : tcb.finWait2Ms;
  ownTimers(tcb).lingerAtMs = nowMs + Math.max(waitMs, FIN_WAIT_2_RTOS * rtoMs(tcb));
  return true;
}

/** The FIN of an orphan was acknowledged: it waits for the peer's, or ends, and what the peer sends is reset. */
export function orphanInFinWait2(tcb: Tcb, nowMs: number): 'go-on' | 'reset' {
  if (armFinWait2(tcb, nowMs)) return 'go-on';
  // Linux counts it here, too.
  tcb.shared.counters.dataAfterClose++;
  endConnection(tcb, '');
  return 'reset';
}
