/**
 * Explicit congestion notification (RFC 3168 §6.1): agreed on in the SYNs, marks echoed, echoes answered. "A TCP endpoint
 * SHOULD implement ECN" — RFC 9293 §3.8.2 [SHLD-8].
 */

import { add, gt, type Seq, seq } from '@tcpstack/seq/seq';
import type { Segment } from '@tcpstack/wire/segment';
import { ACK, CWR, ECE, SYN } from '@tcpstack/wire/tcp';
import { hurryAcks } from './output/delayed-ack.ts';
import type { RecoveryState } from './recovery/state.ts';
import type { Tcb } from './tcb.ts';
import { restartRetransmitTimer } from './timers.ts';

/** Linux's `tcp_ecn`: 0 never, 1 ask and accept, 2 accept when the peer asks. */
export type EcnSetting = 0 | 1 | 2;

/** The ECN field, the two low bits of the TOS byte: "ECN-Capable Transport" and "Congestion Experienced" (§5). */
export const ECN_BITS = 3;
export const ECT_0 = 2;
export const CE = 3;

/** Segments acknowledged at once after a mark: the peer's window may soon be very small. */
const QUICK_ACKS_AFTER_MARK = 2;

/** What a connection knows of ECN. */
export interface EcnState {
  /** Our SYN asked. */
  asked: boolean;
  /** A SYN without the request left us: what we send may not be marked. */
  sentPlainSyn: boolean;
  /** Both ends agreed: marks that arrive are echoed. */
  enabled: boolean;
  /** Our new data may be marked. */
  sendsEct: boolean;
  /** All ACKs carry ECE until the peer says CWR. */
  echoing: boolean;
  /** The next new data carries CWR. */
  cwrDue: boolean;
  /** cwnd was reduced for the window that ends at `reducedAt`. */
  reduced: boolean;
  reducedAt: Seq;
  /** The mode of recovery when we last looked. */
  mode: RecoveryState['mode'];
  /** Bytes that the ACK in hand tells to have met congestion. */
  ceBytes: number;
}

function createEcn(): EcnState {
  return {
    asked: false,
    sentPlainSyn: false,
    enabled: false,
    sendsEct: false,
    echoing: false,
    cwrDue: false,
    reduced: false,
    reducedAt: seq(0),
    mode: 'open',
    ceBytes: 0,
  };
}

/** That of every connection on which nothing was asked and nothing agreed. */
export const NO_ECN: Readonly<EcnState> = createEcn();

/** To be written: that of this connection alone. */
function ownEcn(tcb: Tcb): EcnState {
  if (tcb.ecn === NO_ECN) tcb.ecn = createEcn();
  return tcb.ecn;
}

/** ECE and CWR of the SYN or SYN-ACK that leaves now. */
export function takeSynBits(tcb: Tcb, isFirst: boolean): number {
  const { ecn } = tcb;
  if (tcb.state === 'SYN-RECEIVED') return ecn.enabled ? ECE : 0;
  // "A host that receives no reply to an ECN-setup SYN within the normal SYN retransmission timeout interval MAY resend
  // the SYN and any subsequent SYN retransmissions with CWR and ECE cleared." — §6.1.1.1; Linux's `tcp_ecn_fallback`
  if (isFirst && tcb.shared.ecn === 1) {
    ownEcn(tcb).asked = true;
    return ECE | CWR;
  }
  if (ecn.asked) ownEcn(tcb).sentPlainSyn = true;
  return 0;
}

function isSetupSyn(seg: Segment): boolean {
  return (seg.flags & (ECE | CWR)) === (ECE | CWR);
}

/** Whether the answer to a SYN is an ECN-setup SYN-ACK. */
export function agreesToEcn(setting: EcnSetting, seg: Segment): boolean {
  // "A host MUST NOT set ECT on SYN or SYN-ACK packets": bits that are set there were set on the way, by something that
  // would set them on data too. Linux distrusts them as well.
  const isClean = (seg.tosByte & ECN_BITS) === 0;
  return setting !== 0 && isClean && isSetupSyn(seg);
}

/** A SYN made this connection: "If a host has received an ECN-setup SYN packet, then it MAY send an ECN-setup SYN-ACK" */
export function agreeOnSyn(tcb: Tcb, seg: Segment): void {
  if (!agreesToEcn(tcb.shared.ecn, seg)) return;
  const ecn = ownEcn(tcb);
  ecn.enabled = true;
  ecn.sendsEct = true;
}

/** The peer sent its SYN again. */
export function heedSynAgain(tcb: Tcb, seg: Segment): void {
  // "If a host has received at least one non-ECN-setup SYN ..., then it SHOULD NOT set ECT on data packets" — §6.1.1;
  // and "Host B: Sends a non-ECN-setup SYN/ACK" in return (§6.1.1.1).
  if (isSetupSyn(seg) || !tcb.ecn.enabled) return;
  const ecn = ownEcn(tcb);
  ecn.enabled = false;
  ecn.sendsEct = false;
}

/** A SYN or SYN-ACK answers, or crosses, our SYN. */
export function agreeOnAnswer(tcb: Tcb, seg: Segment): void {
  if (!tcb.ecn.asked) return;
  const ecn = ownEcn(tcb);
  // A SYN-ACK that only reflects the bits of our SYN agrees to nothing (§6.1.1.2).
  const agrees = (seg.flags & ACK) !== 0 ? (seg.flags & (ECE | CWR)) === ECE : isSetupSyn(seg);
  ecn.enabled = agrees;
  // "A host MUST NOT set ECT on data packets unless it ... has sent no non-ECN-setup SYN" — §6.1.1
  ecn.sendsEct = ecn.enabled && !ecn.sentPlainSyn;
}

/** Data inside the window arrived. What lies outside is not looked at: "the TCP data receiver SHOULD ignore" it (§6.1.5). */
export function takeMark(tcb: Tcb, seg: Segment): void {
  const { out } = tcb;
  const ecn = ownEcn(tcb);
  if ((seg.flags & CWR) !== 0) {
    // "After the receipt of the CWR packet, acknowledgments for subsequent non-CE data packets do not have the ECN-Echo
    // flag set." — §6.1.3. The peer's window may be one segment now: it is not kept waiting, as in Linux.
    ecn.echoing = false;
    out.ackNow = true;
  }
  if ((seg.tosByte & ECN_BITS) !== CE) return;
  tcb.shared.counters.ceSegments++;
  if (ecn.echoing) return;
  // "When TCP receives a CE data packet ..., the TCP data receiver sets the ECN-Echo flag in the TCP header of the
  // subsequent ACK packet", and "in all the ACK packets it sends ... until it receives a CWR packet" — §6.1.3
  ecn.echoing = true;
  out.ackNow = true;
  hurryAcks(tcb, QUICK_ACKS_AFTER_MARK);
}

/** An ACK arrived, and told of `deliveredBytes`; called before recovery draws its conclusions. */
export function takeEcho(tcb: Tcb, seg: Segment, deliveredBytes: number): void {
  if (!tcb.ecn.sendsEct) return;
  const ecn = ownEcn(tcb);
  ecn.ceBytes = isEcho(seg) ? deliveredBytes : 0;
  noteLoss(tcb);
  if (ecn.reduced && gt(tcb.snd.una, ecn.reducedAt)) ecn.reduced = false;
}

/** The peer tells of a mark on what we sent. */
export function echoesMark(tcb: Tcb, seg: Segment): boolean {
  return tcb.ecn.sendsEct && isEcho(seg);
}

/** On a SYN-ACK that comes late the flag only agrees. */
function isEcho(seg: Segment): boolean {
  return (seg.flags & (SYN | ECE)) === ECE;
}

/**
 * Answers an echo once recovery drew its conclusions. "The indication of congestion should be treated just as a
 * congestion loss"; "TCP should not react to congestion indications more than once every window of data" — §6.1.2
 */
export function answerEcho(tcb: Tcb, seg: Segment, nowMs: number, flightBefore: number): void {
  const { ecn, snd } = tcb;
  if (!ecn.sendsEct || !isEcho(seg) || ecn.reduced || tcb.recovery.mode !== 'open') return;
  tcb.shared.counters.congestionEchoes++;
  // "the sending TCP MUST reset the retransmit timer on receiving the ECN-Echo packet when the congestion window is one"
  // Deviation: new data may leave before it expires, as in Linux.
  if (tcb.congestion.cwndBytes <= snd.mssBytes && snd.una !== snd.nxt) restartRetransmitTimer(tcb, nowMs);
  tcb.congestion.onCongestionMark(nowMs, flightBefore);
  noteReduction(ownEcn(tcb), snd.nxt);
}

/** "reduces its congestion window for any reason (because of a retransmit timeout, a Fast Retransmit, ...)" — §6.1.2 */
function noteLoss(tcb: Tcb): void {
  const ecn = ownEcn(tcb);
  const { mode, pointOffset } = tcb.recovery;
  const before = ecn.mode;
  ecn.mode = mode;
  if (mode === 'open') return;
  const point = add(tcb.snd.una, pointOffset - tcb.snd.unaOffset);
  if (mode !== before || point !== ecn.reducedAt) noteReduction(ecn, point);
}

function noteReduction(ecn: EcnState, at: Seq): void {
  ecn.reduced = true;
  ecn.reducedAt = at;
  ecn.cwrDue = true;
}

/**
 * How much of `payloadBytes` of new data the next segment takes: one with CWR is a single segment, since a link that
 * splits a larger one might repeat the flag on every part.
 */
export function payloadBesideCwr(tcb: Tcb, payloadBytes: number): number {
  if (!tcb.ecn.sendsEct) return payloadBytes;
  noteLoss(tcb);
  return tcb.ecn.cwrDue ? Math.min(payloadBytes, tcb.snd.mssBytes) : payloadBytes;
}

/** ECE and CWR of a segment that leaves now; sets the ECN field of its packet. */
export function takeSegmentBits(tcb: Tcb, isNewData: boolean): number {
  const { ecn, out } = tcb;
  const echo = ecn.echoing ? ECE : 0;
  // Only new data is marked: not "pure acknowledgement packets" (§6.1.4), "retransmitted data packets" (§6.1.5) or
  // window probes (§6.1.6).
  if (!isNewData || !ecn.sendsEct) {
    out.ipEcn = 0;
    return echo;
  }
  // "When only one ECT codepoint is needed by a sender for all packets sent on a TCP connection, ECT(0) SHOULD be used."
  out.ipEcn = ECT_0;
  if (!ecn.cwrDue) return echo;
  // "it SHOULD set the CWR bit only on the first new data packet that it transmits" — §6.1.2
  ownEcn(tcb).cwrDue = false;
  return echo | CWR;
}
