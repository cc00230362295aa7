/** Fifth check: the ACK field (RFC 9293 §3.10.7.4; RFC 5961 §5). */

import { add, diff, gt, le, lt } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { tuneSend } from '../auto-tune/send.ts';
import { answerEcho, echoesMark, takeEcho } from '../ecn.ts';
import { probeOnAck } from '../mtu-probe.ts';
import { connectionOpened } from '../opened.ts';
import { orphanInFinWait2 } from '../orphan.ts';
import { beginAck, deliverBelow } from '../recovery/delivery.ts';
import { facts } from '../recovery/facts.ts';
import { flightBytes } from '../recovery/marks.ts';
import { recoverOnAck } from '../recovery/recovery.ts';
import { takeSackBlocks } from '../recovery/scoreboard.ts';
import { echoedAtMs, measureDelivered, measureHandshake } from '../rtt.ts';
import { enter, isFinAcked } from '../state.ts';
import { type Tcb, WAKE_STATE, WAKE_WRITE } from '../tcb.ts';
import { endConnection, enterTimeWait } from '../timeouts.ts';
import { ownTimers, restartRetransmitTimer, stopLossTimers } from '../timers.ts';
import { isHalfUnsent } from '../user-bounds.ts';
import { isWritable } from '../user-calls.ts';
import { challenge } from './challenge.ts';
import type { Verdict } from './verdict.ts';
import { leavePersist, updateWindow, windowBytes } from './window.ts';

/** 'go-on': look at text and FIN next. */
export function arriveAck(tcb: Tcb, seg: Segment, nowMs: number): Verdict | 'go-on' {
  const { snd } = tcb;
  if (tcb.state === 'SYN-RECEIVED') {
    // "If SND.UNA < SEG.ACK =< SND.NXT, then enter ESTABLISHED state ... If the segment acknowledgment is not
    // acceptable, form a reset segment <SEQ=SEG.ACK><CTL=RST> and send it."
    // SND.UNA is ISS here, but where Fast Open has let an answer follow the SYN-ACK.
    if (!(lt(snd.iss, seg.ack) && le(seg.ack, snd.nxt))) {
      tcb.shared.counters.unacceptableAcks++;
      return 'reset';
    }
    establish(tcb, seg, nowMs);
  }
  takeProbeAcked(tcb, seg);
  // "If the ACK acks something not yet sent (SEG.ACK > SND.NXT), then send an ACK, drop the segment, and return";
  // "The ACK value is considered acceptable only if ((SND.UNA - MAX.SND.WND) <= SEG.ACK <= SND.NXT)" — RFC 5961 §5.2
  // [MAY-12]
  if (gt(seg.ack, snd.nxt) || lt(seg.ack, add(snd.una, -snd.maxWnd))) {
    tcb.shared.counters.unacceptableAcks++;
    challenge(tcb, nowMs);
    return 'done';
  }
  const changed = updateWindow(tcb, seg);
  tcb.out.probesUnanswered = 0;
  tcb.softError = '';
  const ackedBytes = Math.max(0, diff(seg.ack, snd.una));
  // A duplicate ACK: nothing new, no data, no window update, while something is outstanding (RFC 5681 §2).
  const duplicate = seg.ack === snd.una && snd.una !== snd.nxt && seg.len === 0 && !changed;
  const hasBlocks = tcb.recovery.sackEnabled && seg.options.sackCount > 0;
  // Most segments of a peer that sends say nothing of what we sent.
  if (ackedBytes > 0 || duplicate || hasBlocks || echoesMark(tcb, seg)) {
    conclude(tcb, seg, nowMs, ackedBytes, duplicate, hasBlocks);
  }
  return afterFinAcked(tcb, nowMs);
}

/** The ACK says something: takes it in, and lets recovery and congestion control draw their conclusions. */
function conclude(
  tcb: Tcb,
  seg: Segment,
  nowMs: number,
  ackedBytes: number,
  duplicate: boolean,
  hasBlocks: boolean,
): void {
  const { options } = seg;
  beginAck(tcb, nowMs, flightBytes(tcb), echoedAtMs(tcb, nowMs, options.hasTimestamps, options.tsEcr));
  if (ackedBytes > 0) advance(tcb, seg, nowMs, ackedBytes);
  if (hasBlocks) takeSackBlocks(tcb, seg, nowMs);
  measureDelivered(tcb, nowMs);
  if (ackedBytes > 0) rearm(tcb, nowMs);
  takeEcho(tcb, seg, facts.sample.deliveredBytes);
  recoverOnAck(tcb, nowMs, duplicate);
  answerEcho(tcb, seg, nowMs, facts.sample.priorFlightBytes);
}

/** A peer whose window was closed may still have kept what a probe carried. */
function takeProbeAcked(tcb: Tcb, seg: Segment): void {
  const { snd, out } = tcb;
  if (!gt(seg.ack, snd.nxt) || gt(seg.ack, out.probeEnd) || diff(out.probeEnd, snd.nxt) > tcb.sendRing.readable + 1)
    return;
  if (diff(seg.ack, snd.una) > tcb.sendRing.readable) tcb.finSent = true;
  snd.nxt = seg.ack;
}

function establish(tcb: Tcb, seg: Segment, nowMs: number): void {
  const { snd } = tcb;
  // The SYN is acknowledged: from here on SND.UNA points into the stream.
  snd.una = add(snd.iss, 1);
  snd.wnd = windowBytes(tcb, seg);
  snd.maxWnd = snd.wnd;
  snd.wl1 = seg.seq;
  snd.wl2 = seg.ack;
  ownTimers(tcb).retransmitAtMs = Infinity;
  measureHandshake(tcb, nowMs, seg.ack, seg.options.hasTimestamps, seg.options.tsEcr);
  enter(tcb, 'ESTABLISHED');
  connectionOpened(tcb, nowMs);
  tcb.rtt.backoff = 0;
  tcb.rtt.tries = 0;
  tcb.out.resendSyn = false;
  if (snd.una !== snd.nxt && tcb.handshake.fastOpen.isOpen) restartRetransmitTimer(tcb, nowMs);
  if (tcb.finQueued) enter(tcb, 'FIN-WAIT-1');
  tcb.wake |= WAKE_STATE | WAKE_WRITE;
}

/** "If SND.UNA < SEG.ACK =< SND.NXT, then set SND.UNA <- SEG.ACK. Any segments ... entirely acknowledged are removed." */
function advance(tcb: Tcb, seg: Segment, nowMs: number, ackedBytes: number): void {
  const { snd } = tcb;
  facts.sample.ackedBytes = ackedBytes;
  deliverBelow(tcb, nowMs, snd.unaOffset + ackedBytes);
  const dataBytes = Math.min(ackedBytes, tcb.sendRing.readable);
  tcb.sendRing.discard(dataBytes);
  if (tcb.sendRing.readable === 0) tcb.sendRing.park();
  snd.unaOffset += dataBytes;
  snd.una = seg.ack;
  tcb.liveness.unansweredSinceMs = nowMs;
  tcb.rtt.tries = 0;
  if (tcb.mtuProbe.isOn) probeOnAck(tcb, nowMs);
  // A probe was kept, and nothing is left to probe with.
  if (tcb.sendRing.readable === 0 && (!tcb.finQueued || tcb.finSent)) leavePersist(tcb);
  tuneSend(tcb, nowMs);
  if (tcb.awaitsSpace && isWritable(tcb) && isHalfUnsent(tcb)) {
    tcb.awaitsSpace = false;
    tcb.wake |= WAKE_WRITE;
  }
}

/** "(5.2) When all outstanding data has been acknowledged, turn off the retransmission timer"; (5.3) — RFC 6298 §5 */
function rearm(tcb: Tcb, nowMs: number): void {
  const { snd } = tcb;
  if (snd.una === snd.nxt) stopLossTimers(tcb);
  else if (tcb.timers.persistAtMs === Infinity) restartRetransmitTimer(tcb, nowMs);
}

function afterFinAcked(tcb: Tcb, nowMs: number): Verdict | 'go-on' {
  if (!isFinAcked(tcb)) return 'go-on';
  switch (tcb.state) {
    case 'FIN-WAIT-1':
      // "if the FIN segment is now acknowledged, then enter FIN-WAIT-2"
      enter(tcb, 'FIN-WAIT-2');
      tcb.wake |= WAKE_STATE;
      return tcb.orphan ? orphanInFinWait2(tcb, nowMs) : 'go-on';
    case 'CLOSING':
      enterTimeWait(tcb, nowMs);
      return 'go-on';
    case 'LAST-ACK':
      endConnection(tcb, '');
      return 'done';
    default:
      return 'go-on';
  }
}
