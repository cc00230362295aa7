/** Writes one segment: header, options and payload, and moves SND.NXT and the timers along. */

import { assert } from '@tcpstack/bytes/assert';
import { add, diff, gt, lt, max, type Seq, seq } from '@tcpstack/seq/seq';
import { ACK, FIN, PSH, SYN, TCP_HEADER_BYTES, TCP_HEADER_BYTES_MAX, URG, writeTcp } from '@tcpstack/wire/tcp';
import { payloadBesideCwr, takeSegmentBits, takeSynBits } from '../ecn.ts';
import { synAckSent, writeFastOpenOption, writeSynData } from '../fast-open.ts';
import { MIN_RTO_MS } from '../limits.ts';
import { noteProbe } from '../mtu-probe.ts';
import { NO_ECHO, writeOptions, writeSynOptions } from '../options.ts';
import { noteCwndFull, noteNothingToSend, noteSent, noteSentAgain } from '../recovery/sending.ts';
import { scheduleTailProbe, tailProbeSent } from '../recovery/tail-probe.ts';
import { rtoMs, stopTiming, timeSyn } from '../rtt.ts';
import { isSynchronized } from '../state.ts';
import type { Tcb } from '../tcb.ts';
import { armRetransmitTimer, ownTimers } from '../timers.ts';
import { countSegmentOut, ownTraffic, segmentsOf } from '../traffic.ts';
import { urgentPointerAt } from '../urgent.ts';
import { advertiseWindow } from './advertise.ts';
import { decide, decidePaced, type HoldReason, isSend, type SendPlan, type SendReason } from './decide.ts';
import { ackSent, noteAnswer } from './delayed-ack.ts';
import { writeKeepAlive } from './keep-alive.ts';
import { armCork, noteNewData } from './nagle.ts';
import { mustWait, paceSent } from './pacing.ts';

const ZERO = seq(0);

/** Most bytes that the next segment of `tcb` may take, header included. */
export function segmentBytesMax(tcb: Tcb): number {
  const { superSegmentPayloadBytes } = tcb.link;
  const { synDataMax } = tcb.handshake.fastOpen;
  return (
    TCP_HEADER_BYTES_MAX + Math.max(tcb.snd.mssBytes, superSegmentPayloadBytes, tcb.mtuProbe.highBytes, synDataMax)
  );
}

/**
 * Writes the next segment at `bytes[at...]`, where `segmentBytesMax` bytes are free. The checksum field is left
 * zero: the IP layer below knows the pseudo-header.
 *
 * @returns The segment's length in bytes, 0 when there is nothing to send now.
 */
export function writeNext(tcb: Tcb, nowMs: number, bytes: Uint8Array, at: number): number {
  tcb.out.ipEcn = 0;
  const probeBytes = tcb.liveness.keepProbeDue ? writeKeepAlive(tcb, nowMs, bytes, at) : 0;
  if (probeBytes > 0) return probeBytes;
  restartAfterIdle(tcb, nowMs);
  let plan = decide(tcb);
  if (isPaced(plan.reason) && mustWait(tcb, nowMs)) plan = decidePaced(tcb);
  if (!isSend(plan.reason)) {
    hold(tcb, nowMs, plan.reason);
    return 0;
  }
  if (plan.reason === 'syn') return writeSyn(tcb, nowMs, bytes, at);
  return writeInStream(tcb, nowMs, bytes, at, plan);
}

function isPaced(reason: SendReason | HoldReason): boolean {
  return reason === 'data' || reason === 'mtu-probe' || reason === 'retransmit';
}

/**
 * "if TCP has not sent data in an interval exceeding the retransmission timeout, ... cwnd SHOULD be set to no more
 * than RW" — RFC 5681 §4.1; what exactly is the congestion control's.
 */
function restartAfterIdle(tcb: Tcb, nowMs: number): void {
  const { snd, out } = tcb;
  if (snd.una !== snd.nxt || tcb.sendRing.readable === 0 || !isSynchronized(tcb.state)) return;
  if (!tcb.shared.slowStartAfterIdle) return;
  const idleMs = nowMs - out.sentAtMs;
  if (idleMs < MIN_RTO_MS || idleMs <= rtoMs(tcb)) return;
  out.sentAtMs = nowMs;
  tcb.congestion.onIdle(nowMs, idleMs, rtoMs(tcb));
}

function hold(tcb: Tcb, nowMs: number, reason: HoldReason): void {
  // Once for all that left together.
  if (tcb.out.sentAtMs === nowMs) scheduleTailProbe(tcb, nowMs);
  if (reason === 'cwnd-full') noteCwndFull(tcb);
  else if (reason === 'nothing-to-send' && isSynchronized(tcb.state)) noteNothingToSend(tcb);
  else if (reason === 'corked') armCork(tcb, nowMs);
  else armPersist(tcb, nowMs, reason);
}

/**
 * Nothing is outstanding and the window keeps us from sending: without a timer a lost window update would be the
 * end. "The transmitting host SHOULD send the first zero-window probe when a zero window has existed for the
 * retransmission timeout period" — RFC 9293 §3.8.6.1 [SHLD-29]
 */
function armPersist(tcb: Tcb, nowMs: number, reason: HoldReason): void {
  if (reason !== 'window-closed' && reason !== 'silly-window') return;
  if (tcb.timers.persistAtMs !== Infinity || tcb.timers.retransmitAtMs !== Infinity) return;
  ownTimers(tcb).persistAtMs = nowMs + rtoMs(tcb);
}

function writeSyn(tcb: Tcb, nowMs: number, bytes: Uint8Array, at: number): number {
  const { snd } = tcb;
  const passive = tcb.state === 'SYN-RECEIVED';
  const plainEnd = writeSynOptions(tcb, nowMs, bytes, at + TCP_HEADER_BYTES, passive ? tcb.ts.recent : NO_ECHO);
  const end = writeFastOpenOption(tcb, bytes, plainEnd);
  const dataBytes = writeSynData(tcb, bytes, end);
  const window = advertiseWindow(tcb, true);
  const flags = (passive ? SYN | ACK : SYN) | takeSynBits(tcb, snd.nxt === snd.iss);
  writeTcp(bytes, at, tcb.localPort, tcb.remotePort, snd.iss, passive ? tcb.rcv.nxt : ZERO, end - at, flags, window, 0);
  if (snd.nxt === snd.iss) {
    snd.nxt = add(snd.iss, 1 + dataBytes);
    tcb.out.probeEnd = snd.nxt;
    timeSyn(tcb, nowMs, add(snd.iss, 1));
    synAckSent(tcb);
  } else {
    stopTiming(tcb, nowMs);
    countRetransmit(tcb, 0);
    tcb.shared.counters.synRetransmits++;
  }
  tcb.out.resendSyn = false;
  if (passive) ackSent(tcb);
  // As in Linux, where a half-open connection is none yet.
  else countSegmentOut(tcb, 0);
  armRetransmitTimer(tcb, nowMs);
  return end - at + dataBytes;
}

function writeInStream(tcb: Tcb, nowMs: number, bytes: Uint8Array, at: number, plan: SendPlan): number {
  const { snd } = tcb;
  const payloadAt = writeOptions(tcb, nowMs, bytes, at + TCP_HEADER_BYTES);
  const isNew = plan.reason === 'data' || plan.reason === 'mtu-probe';
  const urgent = urgentPointerAt(tcb, plan.seq);
  // The parts of a super-segment would all carry the pointer of the first.
  const most = urgent > 0 ? Math.min(plan.payloadBytes, snd.mssBytes) : plan.payloadBytes;
  const wanted = isNew ? payloadBesideCwr(tcb, most) : most;
  const payloadBytes = fittingPayload(tcb, wanted, payloadAt - at - TCP_HEADER_BYTES);
  const fin = plan.fin && payloadBytes === plan.payloadBytes;
  const skip = diff(plan.seq, snd.una);
  if (payloadBytes > 0) tcb.sendRing.peek(skip, bytes, payloadAt, payloadBytes);
  // "A TCP endpoint MUST set the PSH bit in the last buffered segment" [MUST-61]
  const last = payloadBytes > 0 && skip + payloadBytes === tcb.sendRing.readable;
  const bits = ACK | (last ? PSH : 0) | (fin ? FIN : 0) | (urgent > 0 ? URG : 0);
  const flags = bits | takeSegmentBits(tcb, isNew);
  const window = advertiseWindow(tcb, false);
  writeTcp(bytes, at, tcb.localPort, tcb.remotePort, plan.seq, tcb.rcv.nxt, payloadAt - at, flags, window, urgent);
  ackSent(tcb);
  countSegmentOut(tcb, payloadBytes);
  const segLen = payloadBytes + (fin ? 1 : 0);
  if (segLen > 0) afterSending(tcb, nowMs, plan, add(plan.seq, segLen), fin);
  // Cut off for the sake of options or CWR it is not small.
  if (isNew) noteAnswer(tcb, nowMs);
  if (isNew) noteNewData(tcb, payloadBytes === plan.payloadBytes && payloadBytes % snd.mssBytes > 0);
  return payloadAt - at + payloadBytes;
}

/** SACK blocks in the options take room from the payload of a single segment; a super-segment has its own. */
function fittingPayload(tcb: Tcb, payloadBytes: number, optionBytes: number): number {
  const { mssBytes } = tcb.snd;
  const usual = tcb.ts.enabled ? 12 : 0;
  if (optionBytes <= usual || payloadBytes <= mssBytes - (optionBytes - usual)) return payloadBytes;
  // With SACK blocks aboard every split segment would carry them: send one plain segment.
  return mssBytes - (optionBytes - usual);
}

function afterSending(tcb: Tcb, nowMs: number, plan: SendPlan, end: Seq, fin: boolean): void {
  const { snd, out } = tcb;
  assert(!lt(plan.seq, snd.una), 'what is acknowledged is not sent again');
  const isNew = plan.seq === snd.nxt && plan.reason !== 'probe';
  if (plan.reason === 'tail-probe') tailProbeSent(tcb, nowMs, !isNew, isNew ? end : snd.nxt);
  if (isPaced(plan.reason)) paceSent(tcb, nowMs, diff(end, plan.seq));
  if (plan.reason !== 'probe' && !isNew) {
    const from = snd.unaOffset + diff(plan.seq, snd.una);
    noteSentAgain(tcb, nowMs, from, from + diff(end, plan.seq));
    out.sentAtMs = nowMs;
    countRetransmit(tcb, diff(end, plan.seq) - (fin ? 1 : 0));
    armRetransmitTimer(tcb, nowMs);
    return;
  }
  if (plan.reason === 'probe') {
    // SND.NXT stays: what the window forbade counts as sent only once the peer acknowledges it.
    out.probe = false;
    out.probeEnd = max(out.probeEnd, end);
    tcb.shared.counters.windowProbes++;
    ownTimers(tcb).persistAtMs = nowMs + rtoMs(tcb);
    return;
  }
  assert(gt(end, snd.nxt), 'new data moves SND.NXT forward');
  noteSent(tcb, nowMs, diff(end, plan.seq));
  snd.nxt = end;
  out.sentAtMs = nowMs;
  out.probeEnd = max(out.probeEnd, end);
  if (fin) tcb.finSent = true;
  if (plan.reason === 'mtu-probe' && diff(end, plan.seq) === plan.payloadBytes) noteProbe(tcb, plan.seq, end);
  // What waited for the window need not: the retransmission timer takes over.
  ownTimers(tcb).persistAtMs = Infinity;
  armRetransmitTimer(tcb, nowMs);
}

function countRetransmit(tcb: Tcb, payloadBytes: number): void {
  const segments = segmentsOf(tcb, payloadBytes);
  tcb.retransmits += segments;
  if (payloadBytes > 0) ownTraffic(tcb).resentBytes += payloadBytes;
  const { counters } = tcb.shared;
  counters.retransmittedSegments += segments;
  if (tcb.recovery.mode === 'recovery') counters.fastRetransmits += segments;
}
