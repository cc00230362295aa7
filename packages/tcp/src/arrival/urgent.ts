/** Sixth: the URG bit (RFC 9293 §3.10.7.4). */

import { diff } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { URG } from '@tcpstack/wire/tcp';
import { report } from '../error-report.ts';
import { mayReceive } from '../state.ts';
import { type Tcb, WAKE_URGENT } from '../tcb.ts';
import { skipOutOfBand, urgentBytes } from '../urgent.ts';
import { ownUrgent } from '../urgent-state.ts';

/** Notes the urgent pointer of a segment; its text comes later, or never when there is no window [MUST-66]. */
export function arriveUrgent(tcb: Tcb, seg: Segment): void {
  // "This should not occur since a FIN has been received from the remote side. Ignore the URG."
  if ((seg.flags & URG) === 0 || !mayReceive(tcb.state)) return;
  const { rcv } = tcb;
  const up = rcv.nxtOffset + diff(seg.seq, rcv.nxt) + seg.up;
  // "the urgent pointer cannot 'recede' in the sequence space, but a TCP receiver should be robust to invalid urgent
  // pointer values" — §3.8.5: "RCV.UP <- max(RCV.UP,SEG.UP)"
  if (up <= tcb.urgent.receiveUp) return;
  const urgent = ownUrgent(tcb);
  // The byte that was read out of band, and stands next in the stream, would be read once more.
  if (urgent.taken) skipOutOfBand(tcb);
  urgent.receiveUp = up;
  urgent.taken = false;
  // "signal the user that the remote side has urgent data if the urgent pointer (RCV.UP) is in advance of the data
  // consumed"
  if (urgentBytes(tcb) === 0) return;
  // "MUST inform the application layer asynchronously whenever it receives an urgent pointer and there was previously no
  // pending urgent data, or whenever the urgent pointer advances in the data stream" [MUST-32]
  tcb.wake |= WAKE_URGENT;
  tcb.shared.counters.urgentPointers++;
  report(tcb, 'urgent', '', 0, 0, 0);
}
