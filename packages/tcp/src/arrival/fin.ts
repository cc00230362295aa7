/** Eighth: the FIN bit (RFC 9293 §3.10.7.4). */

import { add, diff } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { FIN } from '@tcpstack/wire/tcp';
import { reachedFin, stepOverFin } from '../reassembly.ts';
import { enter, mayReceive } from '../state.ts';
import { type Tcb, WAKE_READ, WAKE_STATE } from '../tcb.ts';
import { enterTimeWait } from '../timeouts.ts';
import { ownTimers } from '../timers.ts';

/** Notes the place of a FIN, which may come out of order, and acts once everything before it is here. */
export function arriveFin(tcb: Tcb, seg: Segment, nowMs: number): void {
  const { rcv } = tcb;
  // Deviation: a FIN beyond the FIN that we have is ignored, as text there is.
  if (!mayReceive(tcb.state)) {
    // With text it is counted already.
    if ((seg.flags & FIN) !== 0 && seg.payloadEnd === seg.payloadAt) tcb.shared.counters.textAfterFin++;
    return;
  }
  if ((seg.flags & FIN) !== 0 && rcv.finOffset < 0) {
    const finSeq = add(seg.seq, seg.payloadEnd - seg.payloadAt);
    const ahead = diff(finSeq, rcv.nxt);
    // A FIN beyond the window was trimmed off with the bytes before it; the peer sends it again.
    if (ahead < 0 || ahead > diff(rcv.edge, rcv.nxt)) {
      tcb.shared.counters.beyondWindowDrops++;
      return;
    }
    rcv.finOffset = rcv.nxtOffset + ahead;
    // Out of order it is answered at once, as text is, also when it came without any (RFC 5681 §4.2) [MAY-13].
    tcb.out.ackNow = true;
  }
  if (!reachedFin(tcb)) return;
  // "If the FIN bit is set, signal the user 'connection closing' ... advance RCV.NXT over the FIN, and send an
  // acknowledgment for the FIN."
  stepOverFin(tcb);
  tcb.out.ackNow = true;
  tcb.wake |= WAKE_READ | WAKE_STATE;
  switch (tcb.state) {
    case 'ESTABLISHED':
      enter(tcb, 'CLOSE-WAIT');
      return;
    case 'FIN-WAIT-1':
      // Had this segment acknowledged our FIN, the state would be FIN-WAIT-2 by now.
      enter(tcb, 'CLOSING');
      return;
    default:
      enterTimeWait(tcb, nowMs);
  }
}

/** "TIME-WAIT: Remain in the TIME-WAIT state. Restart the 2 MSL time-wait timeout." */
export function restartTimeWait(tcb: Tcb, nowMs: number): void {
  if (tcb.state === 'TIME-WAIT') ownTimers(tcb).lingerAtMs = nowMs + tcb.shared.timeWaitMs;
}
