/** The settings of a Host, their defaults, and what the engine gets of them. */

import { ICMP_LIMIT_DEFAULTS } from '@tcpstack/ip/icmp-limit';
import { createNeighbourSettings, type NeighbourSettings } from '@tcpstack/ip/neighbour';
import { REASSEMBLY_DEFAULTS } from '@tcpstack/ip/reassembly';
import { type CongestionName, DEFAULT_CONGESTION } from '@tcpstack/tcp/congestion';
import { CHALLENGE_ACKS_PER_SECOND, ORPHANS_MAX, SYN_ACK_RETRIES, TIME_WAITS_MAX } from '@tcpstack/tcp/limits';
import { defaultTcpSettings, type TcpSettings } from '@tcpstack/tcp/tcp-settings';

/** What a user may set, for the whole Host; `sysctl` has the same by the kernel's names. */
export interface Settings extends Readonly<TcpSettings> {
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
  /**
   * TCP Fast Open (RFC 7413), the bits of Linux's `tcp_fastopen`: 1 as client, 2 as server, 4 client without a cookie, 0x200
   * server without one, 0x400 every listener. Default 1.
   */
  readonly fastOpen: number;
  /** How long no data rides on SYNs after it seems to be swallowed, 0 for no pause; Linux's `tcp_fastopen_blackhole_timeout_sec`. Default 0. */
  readonly fastOpenBlackHoleMs: number;
  /** Unanswered SYN-ACKs that are sent again; Linux's `tcp_synack_retries`. Default 5. */
  readonly synAckRetries: number;
  /** Where the accept queue is full, the third segment is answered by a reset; Linux's `tcp_abort_on_overflow`. Default false. */
  readonly abortOnOverflow: boolean;
  /** Least that SO_SNDBUF and SO_RCVBUF give; Linux's `tcp_wmem[0]`, `tcp_rmem[0]`. Default 4 KiB. */
  readonly sendBufferMinBytes: number;
  readonly receiveBufferMinBytes: number;
  /** Most that SO_SNDBUF gives; Linux's `net.core.wmem_max`. Default 32 MiB. */
  readonly sendBufferAskedMaxBytes: number;
  /** Most that SO_RCVBUF gives; Linux's `net.core.rmem_max`. Default 32 MiB. */
  readonly receiveBufferAskedMaxBytes: number;
  /** How connections find out what the network can take; Linux's `tcp_congestion_control`. Default "cubic". */
  readonly congestion: CongestionName;
  /** How loss is inferred from SACK: by time (RFC 8985) or by bytes (RFC 6675); Linux's `tcp_recovery`. Default "rack". */
  readonly lossDetection: 'rack' | 'sack';
  /** Every connection spreads what it sends over the round trip, not only those with BBR. Default false. */
  readonly pacing: boolean;
  /** Take packets that came by a source route, and answer by it; Linux's `accept_source_route`. Default false. */
  readonly acceptSourceRoute: boolean;
  /** Packets for other hosts are passed on; Linux's `ip_forward` and, of IPv6, `forwarding`. Default false. */
  readonly forwardIpv4: boolean;
  readonly forwardIpv6: boolean;
  /** Least and last port that is chosen for who names none; Linux's `ip_local_port_range`. Default [32768, 60999]. */
  readonly localPortRange: readonly [min: number, max: number];
  /** Ports of these that are not, as "8080,9000-9010"; Linux's `ip_local_reserved_ports`. Default none. */
  readonly localReservedPorts: string;
  /** How long the fragments of an IPv4 datagram wait for the others; Linux's `ipfrag_time`. Default 30 s. */
  readonly reassemblyMs: number;
  /** The same of IPv6; Linux's `ip6frag_time`. Default 60 s. */
  readonly reassemblyIpv6Ms: number;
  /** Memory of all fragments that wait; Linux's `ipfrag_high_thresh`. Default 4 MiB. */
  readonly reassemblyMemoryBytes: number;
  /** ICMP errors that the Host sends in a second, on average; Linux's `icmp_msgs_per_sec`. Default 1000. */
  readonly icmpErrorsPerSecond: number;
  /** How many of them may leave at once; Linux's `icmp_msgs_burst`. Default 50. */
  readonly icmpErrorsBurst: number;
  /** Time for one ICMP error to one host, on average, 0 for no limit; Linux's `icmp_ratelimit`. Default 1 s. */
  readonly icmpErrorMs: number;
  /** Multicast groups of IPv4 that one socket may join; Linux's `igmp_max_memberships`. Default 20. */
  readonly groupsMax: number;
  /** Times and limits of the neighbour caches, of each interface; Linux's `neigh.default` of either family. */
  readonly neighboursIpv4: NeighbourSettings;
  readonly neighboursIpv6: NeighbourSettings;
  /** IPV6_V6ONLY of new sockets; Linux's `bindv6only`. Default false. */
  readonly bindV6Only: boolean;
  /** Connections in TIME-WAIT; beyond it they end at once. Linux's `tcp_max_tw_buckets`. Default 262144. */
  readonly timeWaitsMax: number;
  /** Active opens take ports in TIME-WAIT (RFC 6191), as Linux's `tcp_tw_reuse`: 0 never, 1 always, 2 on loopback. Default 2. */
  readonly timeWaitReuse: 0 | 1 | 2;
  /** Connections without a descriptor; those beyond it are reset. Linux's `tcp_max_orphans`. Default 262144. */
  readonly orphansMax: number;
  /** Challenge ACKs of all connections in a second, on average (RFC 5961 §7). Default 1000. */
  readonly challengeAcksPerSecond: number;
}

/** What a user wants otherwise than it is by default. */
export type WantedSettings = {
  readonly [K in keyof Settings]?: Settings[K] extends NeighbourSettings ? Partial<NeighbourSettings> : Settings[K];
};

/** The settings themselves, which only `sysctl` may write. */
export type MutableSettings = { -readonly [K in keyof Settings]: Settings[K] };

const TCP_DEFAULTS = defaultTcpSettings();

const DEFAULTS: Settings = {
  ...TCP_DEFAULTS,
  descriptorsMax: 65_536,
  filesMax: 1_048_576,
  epollWatchesMax: 1_048_576,
  somaxconn: 4096,
  halfOpenMax: 4096,
  maxSynBacklog: 4096,
  synCookies: 1,
  fastOpen: 1,
  fastOpenBlackHoleMs: 0,
  synAckRetries: SYN_ACK_RETRIES,
  abortOnOverflow: false,
  sendBufferMinBytes: 4096,
  receiveBufferMinBytes: 4096,
  sendBufferAskedMaxBytes: 32 << 20,
  receiveBufferAskedMaxBytes: 32 << 20,
  congestion: DEFAULT_CONGESTION,
  lossDetection: 'rack',
  pacing: false,
  acceptSourceRoute: false,
  forwardIpv4: false,
  forwardIpv6: false,
  localPortRange: [32_768, 60_999],
  localReservedPorts: '',
  ...REASSEMBLY_DEFAULTS,
  ...ICMP_LIMIT_DEFAULTS,
  groupsMax: 20,
  neighboursIpv4: createNeighbourSettings(),
  neighboursIpv6: createNeighbourSettings(),
  bindV6Only: false,
  timeWaitsMax: TIME_WAITS_MAX,
  timeWaitReuse: 2,
  orphansMax: ORPHANS_MAX,
  challengeAcksPerSecond: CHALLENGE_ACKS_PER_SECOND,
};

/** The defaults, and what a user wants otherwise. Throws `RangeError` for a name that is none. */
export function settingsFrom(wanted: WantedSettings): MutableSettings {
  const { neighboursIpv4 = {}, neighboursIpv6 = {} } = wanted;
  return merge(merge(DEFAULTS, wanted as Partial<Settings>), {
    neighboursIpv4: merge(DEFAULTS.neighboursIpv4, neighboursIpv4),
    neighboursIpv6: merge(DEFAULTS.neighboursIpv6, neighboursIpv6),
  });
}

function merge<T extends object>(defaults: T, wanted: Partial<T>): T {
  if (typeof wanted !== 'object' || wanted === null) throw new RangeError(`not settings: ${String(wanted)}`);
  for (const name of Object.keys(wanted)) {
    if (!(name in defaults)) throw new RangeError(`there is no setting ${name}`);
  }
  return { ...defaults, ...wanted };
}

/** Hands connections what they share of the settings. */
export function shareSettings(settings: Settings, shared: TcpSettings): void {
  const into = shared as unknown as Record<string, unknown>;
  for (const name of Object.keys(TCP_DEFAULTS)) into[name] = settings[name as keyof TcpSettings];
}
