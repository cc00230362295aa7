/** The settings of a Host, their defaults, and what the engine gets of them. */

import { type CongestionName, DEFAULT_CONGESTION } from '@tcpstack/tcp/congestion';
import {
  CHALLENGE_ACKS_PER_SECOND,
  DEFAULT_RECEIVE_BUFFER_BYTES,
  DEFAULT_SEND_BUFFER_BYTES,
  FIN_WAIT_2_ORPHAN_MS,
  MAX_BUFFER_MEMORY_BYTES,
  MAX_RECEIVE_BUFFER_BYTES,
  MAX_SEND_BUFFER_BYTES,
  ORPHANS_MAX,
  SYN_ACK_RETRIES,
  TIME_WAIT_MS,
  TIME_WAITS_MAX,
} from '@tcpstack/tcp/limits';
import type { TcpShared } from '@tcpstack/tcp/tcb';

/** What a user may set, for the whole Host; `sysctl` has the same by the kernel's names. */
export interface Settings {
  /** Descriptors that one owner may have open besides the standard streams; then EMFILE. Default 65536. */
  readonly descriptorsMax: number;
  /** Sockets and epoll instances of all owners that may be open; then ENFILE; Linux's `fs.file-max`. Default 1048576. */
  readonly filesMax: number;
  /** Watches of all epoll instances; then ENOSPC; Linux's `fs.epoll.max_user_watches`. Default 1048576. */
  readonly epollWatchesMax: number;
  /** Cap of every backlog; Linux's `net.core.somaxconn`. Default 4096. */
  readonly somaxconn: number;
  /** Half-open connections of all listeners of the Host at once. Default 4096. */
  readonly halfOpenMax: number;
  /** Without cookies the last quarter of so many places of a SYN queue is kept free; Linux's `tcp_max_syn_backlog`. Default 4096. */
  readonly maxSynBacklog: number;
  /** SYN cookies (RFC 4987), as Linux's `tcp_syncookies`: 0 never, 1 when a SYN queue is full, 2 always. Default 1. */
  readonly synCookies: 0 | 1 | 2;
  /** Unanswered SYN-ACKs that are sent again; Linux's `tcp_synack_retries`. Default 5. */
  readonly synAckRetries: number;
  /** Where the accept queue is full, the third segment is answered by a reset; Linux's `tcp_abort_on_overflow`. Default false. */
  readonly abortOnOverflow: boolean;
  /** Send buffer that a socket begins with. Default 1 MiB. */
  readonly sendBufferBytes: number;
  /** Receive buffer that a socket begins with. Default 1 MiB. */
  readonly receiveBufferBytes: number;
  /** Most that SO_SNDBUF gives; Linux's `net.core.wmem_max`. Default 32 MiB. */
  readonly sendBufferAskedMaxBytes: number;
  /** Most that SO_RCVBUF gives; Linux's `net.core.rmem_max`. Default 32 MiB. */
  readonly receiveBufferAskedMaxBytes: number;
  /** A send buffer grows up to this by itself; Linux's `tcp_wmem[2]`. Default 4 MiB. */
  readonly sendBufferMaxBytes: number;
  /** A receive buffer grows up to this by itself; Linux's `tcp_rmem[2]`. Default 8 MiB. */
  readonly receiveBufferMaxBytes: number;
  /** While the buffers of all sockets hold so much memory, none grows; Linux's `tcp_mem`. Default 256 MiB. */
  readonly bufferMemoryMaxBytes: number;
  /** How connections find out what the network can take; Linux's `tcp_congestion_control`. Default "cubic". */
  readonly congestion: CongestionName;
  /** How loss is inferred from SACK: by time (RFC 8985) or by bytes (RFC 6675); Linux's `tcp_recovery`. Default "rack". */
  readonly lossDetection: 'rack' | 'sack';
  /** Every connection spreads what it sends over the round trip, not only those with BBR. Default false. */
  readonly pacing: boolean;
  /** Probing for what paths carry, as Linux's `tcp_mtu_probing`: 0 never, 1 once segments vanish, 2 always. Default 1. */
  readonly mtuProbing: 0 | 1 | 2;
  /** Take packets that came by a source route, and answer by it; Linux's `accept_source_route`. Default false. */
  readonly acceptSourceRoute: boolean;
  /** Length of TIME-WAIT. Default 60 s. */
  readonly timeWaitMs: number;
  /** Connections in TIME-WAIT; beyond it they end at once. Linux's `tcp_max_tw_buckets`. Default 262144. */
  readonly timeWaitsMax: number;
  /** Active opens take ports in TIME-WAIT (RFC 6191), as Linux's `tcp_tw_reuse`: 0 never, 1 always, 2 on loopback. Default 2. */
  readonly timeWaitReuse: 0 | 1 | 2;
  /** How long FIN-WAIT-2 lasts once no descriptor is left; Linux's `tcp_fin_timeout`. Default 60 s. */
  readonly finTimeoutMs: number;
  /** Connections without a descriptor; those beyond it are reset. Linux's `tcp_max_orphans`. Default 262144. */
  readonly orphansMax: number;
  /** Unanswered retransmissions that end one without a descriptor; Linux's `tcp_orphan_retries`. Default 0, which is 8. */
  readonly orphanRetries: number;
  /** Offer and accept timestamps (RFC 7323); Linux's `tcp_timestamps`. Default true. */
  readonly timestamps: boolean;
  /** Offer and accept selective acknowledgments (RFC 2018); Linux's `tcp_sack`. Default true. */
  readonly sack: boolean;
  /** Offer and accept windows beyond 64 KiB (RFC 7323); Linux's `tcp_window_scaling`. Default true. */
  readonly windowScaling: boolean;
  /** Explicit congestion notification, as Linux's `tcp_ecn`: 0 never, 1 ask and accept, 2 accept. Default 2. */
  readonly ecn: TcpShared['ecn'];
  /** Resets do not end TIME-WAIT (RFC 1337); Linux's `tcp_rfc1337`. Default false, as RFC 9293 §3.10.7.4 has it. */
  readonly rfc1337: boolean;
  /** Challenge ACKs of all connections in a second, on average (RFC 5961 §7). Default 1000. */
  readonly challengeAcksPerSecond: number;
}

/** The settings themselves, which only `sysctl` may write. */
export type MutableSettings = { -readonly [K in keyof Settings]: Settings[K] };

const DEFAULTS: Settings = {
  descriptorsMax: 65_536,
  filesMax: 1_048_576,
  epollWatchesMax: 1_048_576,
  somaxconn: 4096,
  halfOpenMax: 4096,
  maxSynBacklog: 4096,
  synCookies: 1,
  synAckRetries: SYN_ACK_RETRIES,
  abortOnOverflow: false,
  sendBufferBytes: DEFAULT_SEND_BUFFER_BYTES,
  receiveBufferBytes: DEFAULT_RECEIVE_BUFFER_BYTES,
  sendBufferAskedMaxBytes: 32 << 20,
  receiveBufferAskedMaxBytes: 32 << 20,
  sendBufferMaxBytes: MAX_SEND_BUFFER_BYTES,
  receiveBufferMaxBytes: MAX_RECEIVE_BUFFER_BYTES,
  bufferMemoryMaxBytes: MAX_BUFFER_MEMORY_BYTES,
  congestion: DEFAULT_CONGESTION,
  lossDetection: 'rack',
  pacing: false,
  mtuProbing: 1,
  acceptSourceRoute: false,
  timeWaitMs: TIME_WAIT_MS,
  timeWaitsMax: TIME_WAITS_MAX,
  timeWaitReuse: 2,
  finTimeoutMs: FIN_WAIT_2_ORPHAN_MS,
  orphansMax: ORPHANS_MAX,
  orphanRetries: 0,
  timestamps: true,
  sack: true,
  windowScaling: true,
  ecn: 2,
  rfc1337: false,
  challengeAcksPerSecond: CHALLENGE_ACKS_PER_SECOND,
};

/** The defaults, and what a user wants otherwise. Throws `RangeError` for a name that is none. */
export function settingsFrom(wanted: Partial<Settings>): MutableSettings {
  for (const name of Object.keys(wanted)) {
    if (!(name in DEFAULTS)) throw new RangeError(`there is no setting ${name}`);
  }
  return { ...DEFAULTS, ...wanted };
}

/** What connections share of the settings. */
export function tcpSettings(settings: Settings): Partial<TcpShared> {
  return {
    sendBufferBytes: settings.sendBufferBytes,
    receiveBufferBytes: settings.receiveBufferBytes,
    sendBufferMaxBytes: settings.sendBufferMaxBytes,
    receiveBufferMaxBytes: settings.receiveBufferMaxBytes,
    bufferMemoryMaxBytes: settings.bufferMemoryMaxBytes,
    mtuProbing: settings.mtuProbing,
    timeWaitMs: settings.timeWaitMs,
    finWait2OrphanMs: settings.finTimeoutMs,
    orphanRetries: settings.orphanRetries,
    timestamps: settings.timestamps,
    sack: settings.sack,
    windowScaling: settings.windowScaling,
    ecn: settings.ecn,
    rfc1337: settings.rfc1337,
  };
}
