/** Segment arrival in all states from SYN-RECEIVED on, in the order of RFC 9293 §3.10.7.4. */

import type { Segment } from '@tcpstack/wire/segment';
import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import { reportOldSegment } from '../dsack.ts';
import { agreeOnAnswer, heedSynAgain, takeMark } from '../ecn.ts';
import { answerSynAgain } from '../handshake.ts';
import type { Tcb } from '../tcb.ts';
import { failsPaws, isAcceptable, receiveWindowBytes, rememberRepeated, rememberTimestamp } from './acceptable.ts';
import { arriveAck } from './ack.ts';
import { challenge } from './challenge.ts';
import { arriveFin, restartTimeWait } from './fin.ts';
import { arriveReset } from './reset.ts';
import { arriveText } from './text.ts';
import { arriveUrgent } from './urgent.ts';
import type { Verdict } from './verdict.ts';

/** Takes one segment. */
export function arriveSynchronized(tcb: Tcb, seg: Segment, nowMs: number): Verdict {
  if (failsPaws(tcb, seg, nowMs)) {
    tcb.shared.counters.pawsDrops++;
    refuse(tcb, seg, nowMs);
    return 'done';
  }
  if (isCrossedSynAck(tcb, seg)) {
    agreeOnAnswer(tcb, seg);
    const verdict = arriveAck(tcb, seg, nowMs);
    // Our own SYN-ACK may have been lost.
    if (verdict === 'go-on') tcb.out.ackNow = true;
    return verdict === 'reset' ? 'reset' : 'done';
  }
  // "First, check sequence number"
  if (!isAcceptable(tcb, seg)) {
    tcb.shared.counters.unacceptableSegments++;
    rememberRepeated(tcb, seg, nowMs);
    const verdict = findsNoWindow(tcb, seg) ? arriveAck(tcb, seg, nowMs) : 'go-on';
    if (verdict !== 'go-on') return verdict;
    // "MUST also process the RST and URG fields of all incoming segments" with a window of zero — §3.4 [MUST-66]
    if (findsNoWindow(tcb, seg)) arriveUrgent(tcb, seg);
    refuse(tcb, seg, nowMs);
    return 'done';
  }
  // "Second, check the RST bit"
  if ((seg.flags & RST) !== 0) {
    arriveReset(tcb, seg, nowMs);
    return 'done';
  }
  // "Fourth, check the SYN bit": "irrespective of the sequence number, TCP endpoints MUST send a challenge ACK"
  // Deviation: in SYN-RECEIVED after a passive OPEN too, where the RFC goes back to LISTEN: a guess ends nothing.
  if ((seg.flags & SYN) !== 0) {
    tcb.shared.counters.synChallenges++;
    challenge(tcb, nowMs);
    return 'done';
  }
  // "Fifth, check the ACK field: if the ACK bit is off, drop the segment and return"
  if ((seg.flags & ACK) === 0) {
    tcb.shared.counters.noAckDrops++;
    return 'done';
  }
  rememberTimestamp(tcb, seg, nowMs);
  const verdict = arriveAck(tcb, seg, nowMs);
  if (verdict !== 'go-on') return verdict;
  if (tcb.ecn.enabled && seg.payloadEnd > seg.payloadAt) takeMark(tcb, seg);
  // "Sixth, check the URG bit"
  arriveUrgent(tcb, seg);
  // "Seventh, process the segment text", "Eighth, check the FIN bit"
  if (seg.payloadEnd > seg.payloadAt && arriveText(tcb, seg, nowMs) === 'reset') return 'reset';
  if ((seg.flags & FIN) !== 0 || tcb.rcv.finOffset >= 0) arriveFin(tcb, seg, nowMs);
  return 'done';
}

/**
 * Simultaneous open: the SYN-ACK of the peer repeats the SYN that we have, so it lies before the window, and yet
 * its ACK opens the connection (RFC 9293 §3.5, figure 7) [MUST-10].
 */
function isCrossedSynAck(tcb: Tcb, seg: Segment): boolean {
  const synAck = SYN | ACK;
  if (tcb.passive) return false;
  return tcb.state === 'SYN-RECEIVED' && (seg.flags & (synAck | RST)) === synAck && seg.seq === tcb.rcv.irs;
}

/**
 * "If the RCV.WND is zero, no segments will be acceptable, but special allowance should be made to accept valid
 * ACKs": of a segment that is not acceptable for its text alone.
 */
function findsNoWindow(tcb: Tcb, seg: Segment): boolean {
  const plain = (seg.flags & (SYN | RST | ACK)) === ACK;
  return plain && seg.seq === tcb.rcv.nxt && receiveWindowBytes(tcb) === 0;
}

/** "If an incoming segment is not acceptable, an acknowledgment should be sent in reply (unless the RST bit is set)" */
function refuse(tcb: Tcb, seg: Segment, nowMs: number): void {
  if ((seg.flags & RST) !== 0) return;
  if ((seg.flags & SYN) !== 0 && tcb.state === 'SYN-RECEIVED' && seg.seq === tcb.rcv.irs) {
    heedSynAgain(tcb, seg);
    if (tcb.passive) answerSynAgain(tcb, nowMs);
    else tcb.out.resendSyn = true;
    return;
  }
  if ((seg.flags & FIN) !== 0) restartTimeWait(tcb, nowMs);
  // Data that we have already must be acknowledged again at once; empty segments only at a bounded rate, or two
  // ends that disagree would answer each other for ever.
  if (seg.len === 0 || (seg.flags & SYN) !== 0) {
    if ((seg.flags & SYN) !== 0) tcb.shared.counters.synChallenges++;
    challenge(tcb, nowMs);
    return;
  }
  reportOldSegment(tcb, seg);
  tcb.out.ackNow = true;
}
