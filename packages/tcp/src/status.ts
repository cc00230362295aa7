/** STATUS (RFC 9293 §3.9.1.5, §3.10.6): what a connection can tell of itself, in one record. */

import { diff, toUint32 } from '@tcpstack/seq/seq';
import { receiveWindowBytes } from './arrival/acceptable.ts';
import { advertisedMssBytes } from './mss.ts';
import { flightBytes } from './recovery/marks.ts';
import { rtoMs } from './rtt.ts';
import { isSynchronized, type TcpState } from './state.ts';
import type { Tcb } from './tcb.ts';
import { urgentBytes } from './urgent.ts';

/** Filled by `status`; flat, and reused by who asks often. Sequence numbers are unsigned, 0 to 4294967295. */
export interface TcpStatus {
  state: TcpState;
  localPort: number;
  remotePort: number;
  /** ISS, IRS, SND.UNA, SND.NXT, RCV.NXT; means little before the handshake is complete. */
  iss: number;
  irs: number;
  sndUna: number;
  sndNxt: number;
  rcvNxt: number;
  sndWndBytes: number;
  rcvWndBytes: number;
  sndScale: number;
  rcvScale: number;
  /** Payload of one segment that we send, and the MSS that we allowed the peer. */
  sndMssBytes: number;
  rcvMssBytes: number;
  congestion: string;
  recovery: string;
  cwndBytes: number;
  ssthreshBytes: number;
  flightBytes: number;
  /** "transmission timeout": how long the next one is waited for, back-off included. */
  rtoMs: number;
  backoff: number;
  /** -1 before the first measurement. */
  srttMs: number;
  rttVarMs: number;
  /** Retransmissions since the peer last took something; from R1 on the path is suspect. */
  unansweredRetransmits: number;
  unansweredProbes: number;
  unansweredKeepAlives: number;
  /** Segments sent again in the whole life of the connection. */
  retransmits: number;
  /** "buffers awaiting acknowledgment", of them what was not sent yet, and "pending receipt". */
  sendQueueBytes: number;
  unsentBytes: number;
  receiveQueueBytes: number;
  outOfOrderBytes: number;
  sendBufferBytes: number;
  receiveBufferBytes: number;
  /** "urgent state": urgent bytes that the user has not read, and of ours that the peer has not acknowledged. */
  urgentBytes: number;
  urgentUnackedBytes: number;
  /** The limit that the user set for an answer; 0 when none. */
  userTimeoutMs: number;
  /** Since the last segment came; `Infinity` before the first. */
  sinceHeardMs: number;
  /** "Diffserv field value" */
  tosByte: number;
  passive: boolean;
  timestamps: boolean;
  sack: boolean;
  windowScaling: boolean;
  ecn: boolean;
  keepAlive: boolean;
  noDelay: boolean;
}

/** An empty record, all fields made in one order. */
export function createStatus(): TcpStatus {
  return {
    state: 'CLOSED',
    localPort: 0,
    remotePort: 0,
    iss: 0,
    irs: 0,
    sndUna: 0,
    sndNxt: 0,
    rcvNxt: 0,
    sndWndBytes: 0,
    rcvWndBytes: 0,
    sndScale: 0,
    rcvScale: 0,
    sndMssBytes: 0,
    rcvMssBytes: 0,
    congestion: '',
    recovery: '',
    cwndBytes: 0,
    ssthreshBytes: 0,
    flightBytes: 0,
    rtoMs: 0,
    backoff: 0,
    srttMs: -1,
    rttVarMs: 0,
    unansweredRetransmits: 0,
    unansweredProbes: 0,
    unansweredKeepAlives: 0,
    retransmits: 0,
    sendQueueBytes: 0,
    unsentBytes: 0,
    receiveQueueBytes: 0,
    outOfOrderBytes: 0,
    sendBufferBytes: 0,
    receiveBufferBytes: 0,
    urgentBytes: 0,
    urgentUnackedBytes: 0,
    userTimeoutMs: 0,
    sinceHeardMs: Infinity,
    tosByte: 0,
    passive: false,
    timestamps: false,
    sack: false,
    windowScaling: false,
    ecn: false,
    keepAlive: false,
    noDelay: false,
  };
}

/**
 * Fills `into` with what there is to know now. Changes nothing.
 *
 * @returns False in CLOSED, where "connection does not exist": what is told then is how it ended.
 */
export function status(tcb: Tcb, nowMs: number, into: TcpStatus): boolean {
  into.state = tcb.state;
  into.localPort = tcb.localPort;
  into.remotePort = tcb.remotePort;
  into.passive = tcb.passive;
  fillNumbers(tcb, into);
  fillPath(tcb, nowMs, into);
  fillQueues(tcb, into);
  fillAgreed(tcb, into);
  return tcb.state !== 'CLOSED';
}

function fillNumbers(tcb: Tcb, into: TcpStatus): void {
  const { snd, rcv } = tcb;
  into.iss = toUint32(snd.iss);
  into.irs = toUint32(rcv.irs);
  into.sndUna = toUint32(snd.una);
  into.sndNxt = toUint32(snd.nxt);
  into.rcvNxt = toUint32(rcv.nxt);
  into.sndWndBytes = snd.wnd;
  into.sndScale = snd.scale;
  into.rcvScale = rcv.scale;
  into.sndMssBytes = snd.mssBytes;
  into.rcvMssBytes = advertisedMssBytes(tcb);
}

function fillPath(tcb: Tcb, nowMs: number, into: TcpStatus): void {
  const { rtt, congestion, recovery, liveness, wishes, out } = tcb;
  into.rcvWndBytes = receiveWindowBytes(tcb);
  into.congestion = congestion.name;
  into.recovery = recovery.mode;
  into.cwndBytes = congestion.cwndBytes;
  into.ssthreshBytes = congestion.ssthreshBytes;
  into.flightBytes = isSynchronized(tcb.state) ? flightBytes(tcb) : 0;
  into.rtoMs = rtoMs(tcb);
  into.backoff = rtt.backoff;
  into.srttMs = rtt.srttMs;
  into.rttVarMs = rtt.varMs;
  into.unansweredRetransmits = rtt.tries;
  into.unansweredProbes = out.probesUnanswered;
  into.unansweredKeepAlives = liveness.keepProbesUnanswered;
  into.retransmits = tcb.retransmits;
  into.userTimeoutMs = wishes.userTimeoutMs;
  into.sinceHeardMs = nowMs - liveness.heardAtMs;
}

function fillQueues(tcb: Tcb, into: TcpStatus): void {
  const { snd, sendRing, receiveRing, urgent, pending } = tcb;
  const outstanding = isSynchronized(tcb.state) ? diff(snd.nxt, snd.una) : 0;
  into.sendQueueBytes = sendRing.readable;
  // The FIN is outstanding too, and is no byte.
  into.unsentBytes = Math.max(0, sendRing.readable - outstanding);
  into.receiveQueueBytes = receiveRing.readable;
  into.outOfOrderBytes = 0;
  for (let i = 0; pending !== null && i < pending.size; i++)
    into.outOfOrderBytes += pending.endAt(i) - pending.startAt(i);
  into.sendBufferBytes = sendRing.limitBytes;
  into.receiveBufferBytes = receiveRing.limitBytes;
  into.urgentBytes = urgentBytes(tcb);
  into.urgentUnackedBytes = Math.max(0, urgent.sendUp - snd.unaOffset);
}

function fillAgreed(tcb: Tcb, into: TcpStatus): void {
  into.tosByte = tcb.out.tosByte;
  into.timestamps = tcb.ts.enabled;
  into.sack = tcb.recovery.sackEnabled;
  into.windowScaling = tcb.scaling;
  into.ecn = tcb.ecn.enabled;
  into.keepAlive = tcb.wishes.keepAlive;
  into.noDelay = tcb.noDelay;
}
