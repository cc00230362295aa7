/** What a Host sets for all its connections; it may change while they live, and is read where it matters. */

import type { BufferLimits } from './auto-tune/state.ts';
import type { EcnSetting } from './ecn.ts';
import {
  CHALLENGE_ACK_INTERVAL_MS,
  DATA_RETRIES,
  DEFAULT_RECEIVE_BUFFER_BYTES,
  DEFAULT_SEND_BUFFER_BYTES,
  DEFAULT_TTL_HOPS,
  FIN_WAIT_2_ORPHAN_MS,
  KEEP_ALIVE_IDLE_MS,
  KEEP_ALIVE_INTERVAL_MS,
  KEEP_ALIVE_PROBES,
  MAX_BUFFER_MEMORY_BYTES,
  MAX_RECEIVE_BUFFER_BYTES,
  MAX_SEND_BUFFER_BYTES,
  MIN_RTT_WINDOW_MS,
  MIN_SEND_MSS_BYTES,
  MTU_PROBE_BASE_BYTES,
  MTU_PROBE_FLOOR_BYTES,
  MTU_PROBE_INTERVAL_MS,
  MTU_PROBE_THRESHOLD_BYTES,
  REPORTED_RETRIES,
  SYN_RETRIES,
  TIME_WAIT_MS,
} from './limits.ts';

/** Part of `TcpShared`. Behind each stands Linux's name for it, of `net.ipv4`. */
export interface TcpSettings extends BufferLimits {
  /** Buffers of a new connection (`tcp_wmem[1]`, `tcp_rmem[1]`). */
  sendBufferBytes: number;
  receiveBufferBytes: number;
  /** A receive buffer grows by itself (`tcp_moderate_rcvbuf`). */
  receiveAutoTuning: boolean;
  /** Bytes that wait for their first sending, from which on a connection is not writable (`tcp_notsent_lowat`). */
  notSentLowBytes: number;
  /** 0 never, 1 once a black hole is suspected, 2 from the start (`tcp_mtu_probing`). */
  mtuProbing: 0 | 1 | 2;
  /** Where the search begins, how low it may go, when it ends, when it begins anew (`tcp_base_mss` and others). */
  mtuProbeBaseBytes: number;
  mtuProbeFloorBytes: number;
  mtuProbeThresholdBytes: number;
  mtuProbeIntervalMs: number;
  /** The least MSS that a peer may ask for (`tcp_min_snd_mss`). */
  minSendMssBytes: number;
  /** Time to live, and hop limit, that a user did not choose (`ip_default_ttl`, IPv6's `hop_limit`). */
  defaultTtlHops: number;
  defaultHopLimit: number;
  timeWaitMs: number;
  /** How long FIN-WAIT-2 lasts without an owner (`tcp_fin_timeout`). */
  finTimeoutMs: number;
  /** Which options of RFC 7323, RFC 2018 and RFC 2883 we offer and accept (`tcp_timestamps` and others). */
  timestamps: boolean;
  sack: boolean;
  windowScaling: boolean;
  dsack: boolean;
  /** 0 never, 1 ask and accept, 2 accept (`tcp_ecn`). */
  ecn: EcnSetting;
  /** Resets do not end TIME-WAIT (`tcp_rfc1337`). */
  rfc1337: boolean;
  /** Unanswered SYNs sent again, of connections that have no number of their own (`tcp_syn_retries`). */
  synRetries: number;
  /** R1 and R2 of RFC 9293 §3.8.3 (`tcp_retries1`, `tcp_retries2`). */
  reportedRetries: number;
  dataRetries: number;
  /** R2 of a connection without an owner; 0 for Linux's own rule (`tcp_orphan_retries`). */
  orphanRetries: number;
  /** Keep-alives of connections that have no times of their own (`tcp_keepalive_time` and others). */
  keepIdleMs: number;
  keepIntervalMs: number;
  keepProbes: number;
  /** Least time between answers to what may be forged, of one connection (`tcp_invalid_ratelimit`). */
  challengeIntervalMs: number;
  /** How long the least round trip counts (`tcp_min_rtt_wlen`). */
  minRttWindowMs: number;
  /** Whether cwnd shrinks after a pause, whether a time-out is doubted, whether the tail is probed
   * (`tcp_slow_start_after_idle`, `tcp_frto`, `tcp_early_retrans`). */
  slowStartAfterIdle: boolean;
  fRto: boolean;
  tailProbes: boolean;
}

/** The defaults of `limits`. */
export function defaultTcpSettings(): TcpSettings {
  return {
    sendBufferBytes: DEFAULT_SEND_BUFFER_BYTES,
    receiveBufferBytes: DEFAULT_RECEIVE_BUFFER_BYTES,
    sendBufferMaxBytes: MAX_SEND_BUFFER_BYTES,
    receiveBufferMaxBytes: MAX_RECEIVE_BUFFER_BYTES,
    bufferMemoryMaxBytes: MAX_BUFFER_MEMORY_BYTES,
    receiveAutoTuning: true,
    notSentLowBytes: Infinity,
    mtuProbing: 1,
    mtuProbeBaseBytes: MTU_PROBE_BASE_BYTES,
    mtuProbeFloorBytes: MTU_PROBE_FLOOR_BYTES,
    mtuProbeThresholdBytes: MTU_PROBE_THRESHOLD_BYTES,
    mtuProbeIntervalMs: MTU_PROBE_INTERVAL_MS,
    minSendMssBytes: MIN_SEND_MSS_BYTES,
    defaultTtlHops: DEFAULT_TTL_HOPS,
    defaultHopLimit: DEFAULT_TTL_HOPS,
    timeWaitMs: TIME_WAIT_MS,
    finTimeoutMs: FIN_WAIT_2_ORPHAN_MS,
    timestamps: true,
    sack: true,
    windowScaling: true,
    dsack: true,
    ecn: 2,
    rfc1337: false,
    synRetries: SYN_RETRIES,
    reportedRetries: REPORTED_RETRIES,
    dataRetries: DATA_RETRIES,
    orphanRetries: 0,
    keepIdleMs: KEEP_ALIVE_IDLE_MS,
    keepIntervalMs: KEEP_ALIVE_INTERVAL_MS,
    keepProbes: KEEP_ALIVE_PROBES,
    challengeIntervalMs: CHALLENGE_ACK_INTERVAL_MS,
    minRttWindowMs: MIN_RTT_WINDOW_MS,
    slowStartAfterIdle: true,
    fRto: true,
    tailProbes: true,
  };
}
