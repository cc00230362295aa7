/** Seventh: the segment text (RFC 9293 §3.10.7.4). Bytes go straight to their place in the receive ring, or are lent. */

import { diff } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { tuneReceive } from '../auto-tune/receive.ts';
import { reportHeldText, reportOldSegment, reportOldText } from '../dsack.ts';
import { LOAN_BYTES_MIN } from '../limits.ts';
import { oweAck } from '../output/delayed-ack.ts';
import { fillFromPending, stepOverText } from '../reassembly.ts';
import { mayReceive } from '../state.ts';
import { pendingRanges, type Tcb, WAKE_READ } from '../tcb.ts';
import { endConnection } from '../timeouts.ts';
import { ownTraffic } from '../traffic.ts';
import type { Verdict } from './verdict.ts';

/** Takes the payload of an acceptable segment. */
export function arriveText(tcb: Tcb, seg: Segment, nowMs: number): Verdict {
  // "This should not occur since a FIN has been received from the remote side. Ignore the segment text."
  if (!mayReceive(tcb.state)) {
    tcb.shared.counters.textAfterFin++;
    return 'done';
  }
  const { rcv } = tcb;
  // "Segments with higher beginning sequence numbers SHOULD be held for later processing" [SHLD-31]; what lies
  // outside of the window is trimmed off, old bytes in front and new ones behind.
  const startAhead = Math.max(0, diff(seg.seq, rcv.nxt));
  const at = seg.payloadAt + startAhead - diff(seg.seq, rcv.nxt);
  const roomEnd = diff(rcv.edge, rcv.nxt);
  const end = Math.min(seg.payloadEnd, at + roomEnd - startAhead);
  if (end <= at) {
    tcb.shared.counters.duplicateDataSegments++;
    reportOldSegment(tcb, seg);
    tcb.out.ackNow = true;
    return 'done';
  }
  if (tcb.noReader) {
    // "if an application closes while data is still to come, the peer SHOULD be told by a reset" [SHLD-3]
    tcb.shared.counters.dataAfterClose++;
    endConnection(tcb, '');
    return 'reset';
  }
  if (end < seg.payloadEnd) tcb.shared.counters.beyondWindowDrops++;
  if (startAhead > 0) {
    keepOutOfOrder(tcb, seg.bytes, at, end, startAhead);
    return 'done';
  }
  const n = end - at;
  if (!reportOldText(tcb, seg)) reportHeldText(tcb, rcv.nxtOffset, rcv.nxtOffset + n);
  tuneReceive(tcb, seg, nowMs);
  const filledHole = lendText(tcb, seg.bytes, at, end) ? false : placeText(tcb, seg.bytes, at, end);
  tcb.wake |= WAKE_READ;
  // "a TCP receiver SHOULD send an immediate ACK when the incoming segment fills in all or part of a gap in the
  // sequence space" — RFC 5681 §4.2
  if (filledHole) tcb.out.ackNow = true;
  else oweAck(tcb, nowMs, n);
  return 'done';
}

/** Returns whether out-of-order data is, or was, waiting. */
function placeText(tcb: Tcb, bytes: Uint8Array, at: number, end: number): boolean {
  tcb.receiveRing.place(0, bytes, at, end);
  return fillFromPending(tcb, end - at);
}

/** Leaves large text where it is until the user had a chance to read it; what follows a loan is lent, however small. */
function lendText(tcb: Tcb, bytes: Uint8Array, at: number, end: number): boolean {
  const { receiveRing, pending, shared } = tcb;
  if (!shared.loans.isOpen) return false;
  if (end - at < LOAN_BYTES_MIN && receiveRing.lentBytes === 0) return false;
  if (pending !== null && pending.size > 0) return false;
  if (!receiveRing.lend(shared.loans, bytes, at, end)) return false;
  stepOverText(tcb, end - at);
  return true;
}

/** "a TCP receiver SHOULD send an immediate duplicate ACK when an out-of-order segment arrives" — RFC 5681 §4.2 */
function keepOutOfOrder(tcb: Tcb, bytes: Uint8Array, at: number, end: number, ahead: number): void {
  const start = tcb.rcv.nxtOffset + ahead;
  tcb.out.ackNow = true;
  reportHeldText(tcb, start, start + end - at);
  if (!pendingRanges(tcb).add(start, start + end - at)) {
    tcb.shared.counters.reassemblyOverflows++;
    return;
  }
  tcb.shared.counters.outOfOrderSegments++;
  ownTraffic(tcb).heldSegments++;
  tcb.latestPendingOffset = start;
  tcb.receiveRing.place(ahead, bytes, at, end);
}
