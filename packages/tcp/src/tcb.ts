/** The transmission control block (RFC 9293 §3.3.1): everything one connection remembers. */

import { ByteRing } from '@tcpstack/bytes/byte-ring';
import type { LoanDesk } from '@tcpstack/bytes/loans';
import { RangeSet } from '@tcpstack/bytes/range-set';
import type { SlabPool } from '@tcpstack/bytes/slab-pool';
import type { ChallengeBudget } from './arrival/challenge-budget.ts';
import type { TuneState } from './auto-tune/state.ts';
import type { CongestionController } from './congestion/controller.ts';
import { type CongestionName, createCongestion, DEFAULT_CONGESTION } from './congestion/registry.ts';
import type { TcpCounters } from './counters.ts';
import { type DsackState, NO_DUPLICATE } from './dsack.ts';
import { type EcnState, NO_ECN } from './ecn.ts';
import type { ErrorReport } from './error-report.ts';
import { type HandshakeState, NO_HANDSHAKE } from './handshake-state.ts';
import { DEFAULT_SEND_MSS_BYTES, REASSEMBLY_RANGES_MAX } from './limits.ts';
import { createLiveness, type LivenessState } from './liveness-state.ts';
import { createMssState, type MssState } from './mss.ts';
import { type MtuProbeState, NOT_PROBING } from './mtu-probe.ts';
import { type DelayedAckState, NOTHING_CAME } from './output/delayed-ack.ts';
import { type NagleState, NOTHING_HELD } from './output/nagle.ts';
import { createOutState, type OutState } from './output/out-state.ts';
import { type PaceState, paceOfFresh } from './output/pacing.ts';
import { createRecoveryState, NOTHING_SENT, type RateState, type RecoveryState } from './recovery/state.ts';
import { createRttState, type RttState } from './rtt.ts';
import {
  createReceiveState,
  createSendState,
  createTimestampState,
  type ReceiveState,
  type SendState,
  type TimestampState,
} from './sequence-state.ts';
import type { TcpState } from './state.ts';
import type { TcpSettings } from './tcp-settings.ts';
import { NO_TIMERS, type TimerState } from './timers.ts';
import { NO_TRAFFIC, type Traffic } from './traffic.ts';
import { NOTHING_URGENT, type UrgentState } from './urgent-state.ts';
import { NOTHING_ASKED, type Wishes } from './wishes.ts';

/** Why a connection ended badly, as the POSIX name of the error; '' while it has not. */
export type TcpError =
  | ''
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EPIPE'
  | 'ETIMEDOUT'
  | 'ECONNABORTED'
  | 'ENETUNREACH'
  | 'EHOSTUNREACH'
  | 'EHOSTDOWN'
  | 'ENONET'
  | 'ENOPROTOOPT'
  | 'EOPNOTSUPP'
  | 'EPROTO'
  | 'EACCES'
  | 'EMSGSIZE';

/** What all connections over one link, in one family of addresses, have in common. */
export interface LinkLimits {
  /** MSS that we advertise: MTU less IP and TCP headers without options. */
  readonly advertisedMssBytes: number;
  /** MSS of a peer that names none; the family of addresses decides. */
  readonly defaultSendMssBytes: number;
  /** Most payload bytes in one super-segment that the link splits; 0 when it splits none. */
  readonly superSegmentPayloadBytes: number;
}

/** What all connections of one Host share. The limits are those of a link that nothing more is said of. */
export interface TcpShared extends TcpSettings, LinkLimits {
  readonly pool: SlabPool;
  /** While it is open, receive rings may borrow from the segments that arrive. */
  readonly loans: LoanDesk;
  readonly counters: TcpCounters;
  readonly challenges: ChallengeBudget;
}

/** One connection. */
export interface Tcb {
  state: TcpState;
  readonly shared: TcpShared;
  /** Of the link that its segments leave by. */
  link: LinkLimits;
  /** Opened by a SYN that a listener took [MUST-11]. */
  readonly passive: boolean;
  readonly localPort: number;
  readonly remotePort: number;
  readonly snd: SendState;
  readonly rcv: ReceiveState;
  readonly mss: MssState;
  readonly ts: TimestampState;
  readonly recovery: RecoveryState;
  readonly rtt: RttState;
  readonly liveness: LivenessState;
  readonly out: OutState;
  /** Those from here to `traffic` are shared by connections until first written: each has its own function for that. */
  mtuProbe: Readonly<MtuProbeState>;
  pace: Readonly<PaceState>;
  rate: Readonly<RateState>;
  urgent: Readonly<UrgentState>;
  ecn: Readonly<EcnState>;
  dsack: Readonly<DsackState>;
  delayedAck: Readonly<DelayedAckState>;
  nagle: Readonly<NagleState>;
  handshake: Readonly<HandshakeState>;
  timers: Readonly<TimerState>;
  wishes: Readonly<Wishes>;
  traffic: Readonly<Traffic>;
  /** Another one from `switchCongestion` on. */
  congestion: CongestionController;
  /** `null` until data flows. */
  tune: TuneState | null;
  /** Bytes from SND.UNA on: sent and unacknowledged, then unsent. */
  readonly sendRing: ByteRing;
  /** Bytes that wait for the user; beyond its tail, data that came out of order. */
  readonly receiveRing: ByteRing;
  /** Out-of-order ranges as stream offsets. Made when first needed. */
  pending: RangeSet | null;
  /** The most recent out-of-order range begins here; its block comes first in a SACK option. */
  latestPendingOffset: number;
  error: TcpError;
  /** What the network said of our segments since the peer last answered: no reason to end, but the user may ask. */
  softError: TcpError;
  /** Reports that wait for the user; `null` while the user does not want any. */
  reports: ErrorReport[] | null;
  /** CLOSE or shutdown of the sending side was called: FIN follows the last byte. */
  finQueued: boolean;
  /** The FIN is part of what was sent: SND.NXT is past it. */
  finSent: boolean;
  /** No descriptor refers to it any more. */
  orphan: boolean;
  /** How long an orphan stays in FIN-WAIT-2: 0 as all do, negative not at all. */
  finWait2Ms: number;
  /** The user will not read: arriving data is answered with a reset. */
  noReader: boolean;
  noDelay: boolean;
  /** The last urgent byte stays in its place in the stream; else it is kept out of it, as "out-of-band" data of POSIX. */
  urgentInline: boolean;
  /** The user chose the size, and it stays; Linux's `SOCK_SNDBUF_LOCK` and `SOCK_RCVBUF_LOCK`. */
  sendBufferLocked: boolean;
  receiveBufferLocked: boolean;
  /** Window scaling was offered (before the SYN-ACK) or agreed on (after it). */
  scaling: boolean;
  /** The user met a full send buffer and waits for room. */
  awaitsSpace: boolean;
  /** `WAKE_*` bits: what happened that a user may wait for. The owner reads and clears them. */
  wake: number;
  /** Segments sent again so far. */
  retransmits: number;
}

/** There is something new to read, or the end of the stream. */
export const WAKE_READ = 1;
/** There is room to write again. */
export const WAKE_WRITE = 2;
/** The state or the error changed. */
export const WAKE_STATE = 4;

/** The path to the peer may be dead: advice for the IP layer. */
export const WAKE_PATH = 8;

/** The peer's urgent pointer moved ahead of what was read. */
export const WAKE_URGENT = 16;

/** What `createTcb` needs to know. */
export interface TcbOptions {
  readonly shared: TcpShared;
  /** Default: those of `shared`. */
  readonly link?: LinkLimits;
  readonly passive: boolean;
  readonly localPort: number;
  readonly remotePort: number;
  /** Random; what else needs chance in this connection takes it from here too. */
  readonly timestampOffset: number;
  /** Default: `DEFAULT_CONGESTION`. */
  readonly congestion?: CongestionName;
  /** How loss is inferred where the peer agrees to SACK. Default 'rack'. */
  readonly lossDetection?: 'rack' | 'sack';
  /** Every congestion control is paced. Default false. */
  readonly pacing?: boolean;
}

/** A connection in CLOSED; all fields made here, in one order. */
export function createTcb(options: TcbOptions): Tcb {
  const { shared, link = shared, congestion = DEFAULT_CONGESTION } = options;
  return {
    state: 'CLOSED',
    shared,
    link,
    passive: options.passive,
    localPort: options.localPort,
    remotePort: options.remotePort,
    snd: createSendState(),
    rcv: createReceiveState(),
    mss: createMssState(link.advertisedMssBytes, link.defaultSendMssBytes),
    ts: createTimestampState(options.timestampOffset | 0),
    recovery: createRecoveryState(options.lossDetection ?? 'rack'),
    rtt: createRttState(),
    liveness: createLiveness(),
    out: createOutState(),
    mtuProbe: NOT_PROBING,
    pace: paceOfFresh(options.pacing ?? false),
    rate: NOTHING_SENT,
    urgent: NOTHING_URGENT,
    ecn: NO_ECN,
    dsack: NO_DUPLICATE,
    delayedAck: NOTHING_CAME,
    nagle: NOTHING_HELD,
    handshake: NO_HANDSHAKE,
    timers: NO_TIMERS,
    wishes: NOTHING_ASKED,
    traffic: NO_TRAFFIC,
    congestion: createCongestion(congestion, DEFAULT_SEND_MSS_BYTES, options.timestampOffset),
    tune: null,
    sendRing: new ByteRing(shared.pool, shared.sendBufferBytes),
    receiveRing: new ByteRing(shared.pool, shared.receiveBufferBytes),
    pending: null,
    latestPendingOffset: 0,
    error: '',
    softError: '',
    reports: null,
    finQueued: false,
    finSent: false,
    orphan: false,
    finWait2Ms: 0,
    noReader: false,
    noDelay: false,
    urgentInline: true,
    sendBufferLocked: false,
    receiveBufferLocked: false,
    scaling: false,
    awaitsSpace: false,
    wake: 0,
    retransmits: 0,
  };
}

/** The out-of-order ranges, made on first use. */
export function pendingRanges(tcb: Tcb): RangeSet {
  tcb.pending ??= new RangeSet(REASSEMBLY_RANGES_MAX);
  return tcb.pending;
}
