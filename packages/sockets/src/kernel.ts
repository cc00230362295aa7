/** The state that all parts of one Host share. */

import { isUsableOwn, type OwnAddress, subnetBroadcast } from '@tcpstack/ip/addresses';
import { createIpCounters } from '@tcpstack/ip/counters';
import { EchoResponder } from '@tcpstack/ip/echo';
import { createIcmpError, type IcmpError } from '@tcpstack/ip/icmp-error';
import type { IpInput } from '@tcpstack/ip/input';
import { IP_HEADROOM_BYTES, type IpOutput } from '@tcpstack/ip/output';
import { createIpPacket, type IpPacket } from '@tcpstack/ip/packet';
import { PathMtuCache } from '@tcpstack/ip/path-mtu';
import { seq } from '@tcpstack/seq/seq';
import { type SipKey, sipHash, sipKey } from '@tcpstack/seq/siphash';
import { type CongestionName, DEFAULT_CONGESTION } from '@tcpstack/tcp/congestion';
import { ChallengeBudget, type ResetReply } from '@tcpstack/tcp/connection';
import {
  CHALLENGE_ACKS_PER_SECOND,
  DEFAULT_RECEIVE_BUFFER_BYTES,
  DEFAULT_SEND_BUFFER_BYTES,
  FIN_WAIT_2_ORPHAN_MS,
  MAX_BUFFER_MEMORY_BYTES,
  MAX_RECEIVE_BUFFER_BYTES,
  MAX_SEND_BUFFER_BYTES,
  SYN_ACK_RETRIES,
  TIME_WAIT_MS,
  TIME_WAITS_MAX,
} from '@tcpstack/tcp/limits';
import { createTcpShared } from '@tcpstack/tcp/shared';
import type { TcpShared } from '@tcpstack/tcp/tcb';
import { isAny, isIpv4, parseAddress } from '@tcpstack/wire/ip-address';
import { createSegment, type Segment } from '@tcpstack/wire/segment';
import { TCP_HEADER_BYTES, TCP_HEADER_BYTES_MAX } from '@tcpstack/wire/tcp';
import type { Connection } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { FdTable } from './fd-table.ts';
import { createOptionValues, type OptionValues } from './option-values.ts';
import { PortTable } from './port-table.ts';
import { ResetQueue } from './reset-queue.ts';
import type { HalfOpenTally } from './syn-queue.ts';
import { TimeWaitTable } from './time-wait-table.ts';
import { TupleHash } from './tuple-hash.ts';

/** Defaults of a Host that a user may change. */
export interface Settings {
  /** Descriptors that one owner may have open besides the standard streams; then EMFILE. Default 65536. */
  readonly descriptorsMax: number;
  /** Sockets and epoll instances of all owners that may be open; then ENFILE; Linux's `fs.file-max`. Default 1048576. */
  readonly filesMax: number;
  /** Watches of all epoll instances; then ENOSPC; Linux's `fs.epoll.max_user_watches`. Default 1048576. */
  readonly epollWatchesMax: number;
  /** Cap of every backlog; Linux's `net.core.somaxconn`. Default 4096. */
  readonly somaxconn: number;
  /** Half-open connections of all listeners of the Host at once. Default 16384. */
  readonly halfOpenMax: number;
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

/** What a Host needs to know. */
export interface HostOptions {
  /** Our IPv4 address, "10.77.0.2". */
  readonly address: string;
  /** Leading bits of our address that name the subnet, 1 to 32; they tell its broadcast address. Default 32: unknown. */
  readonly prefixBits?: number;
  /** Most bytes of an IP packet on the link, 68 to 65535. */
  readonly mtuBytes: number;
  /**
   * What a packet may at least have where `mtuBytes` varies from packet to packet, as with header compression: larger
   * ones are not asked for. Default `mtuBytes`.
   */
  readonly smallestMtuBytes?: number;
  /** Largest packet that the link splits for us, 0 for none. */
  readonly superSegmentBytes?: number;
  /** Who sums payloads; see `Link.checksum`. */
  readonly checksum?: 'software' | 'offload' | 'trusted';
  /** 32 bytes or more of real entropy; a simulation hands in seeded ones. */
  readonly entropy: Uint8Array;
  readonly settings?: Partial<Settings>;
}

/** Counters of the socket layer. */
export interface SocketCounters {
  /** Segments given to a connection; what it did not like, the engine's counters tell. */
  connectionSegments: number;
  badSegments: number;
  badChecksums: number;
  noListener: number;
  /** ICMP errors given to the connection that they quote. */
  connectionIcmpErrors: number;
  /** ICMP errors that quote nothing of ours. */
  strayIcmpErrors: number;
  pathMtuLearnt: number;
  /** "fragmentation needed" that told nothing new, or what cannot be. */
  pathMtuIgnored: number;
  /** SYNs that made a half-open connection. */
  halfOpens: number;
  /** Segments with RST for a listener, which ignores them. */
  listenResets: number;
  /** Segments with ACK for a listener, answered by a reset. */
  listenAcks: number;
  /** Finished handshakes, and SYNs, for which the accept queue had no place. */
  listenOverflows: number;
  /** SYNs and third segments that listeners dropped, for whatever reason. */
  listenDrops: number;
  /** SYNs dropped because too many handshakes are under way. */
  synQueueDrops: number;
  /** ACKs without data that `TCP_DEFER_ACCEPT` ignored. */
  deferAcceptDrops: number;
  /** Half-open connections that we reset. */
  embryonicResets: number;
  resetsSent: number;
  resetsDropped: number;
  timeWaitReused: number;
  /** Active opens that took a port in TIME-WAIT; Linux's `TWRecycled`. */
  timeWaitRecycled: number;
  /** Connections that ended without TIME-WAIT because there were too many; Linux's `TCPTimeWaitOverflow`. */
  timeWaitOverflows: number;
  activeOpens: number;
  passiveOpens: number;
}

/** Everything. One per Host. */
export interface Kernel {
  nowMs: number;
  readonly own: OwnAddress;
  readonly settings: Settings;
  /** Those of every fresh socket. */
  readonly optionValues: OptionValues;
  readonly software: boolean;
  readonly isnKey: SipKey;
  readonly portKey: SipKey;
  readonly scratch: Int32Array;
  readonly shared: TcpShared;
  readonly ip: IpOutput;
  readonly ipInput: IpInput;
  /** The packet that is being taken. */
  readonly packet: IpPacket;
  readonly echo: EchoResponder;
  readonly pathMtu: PathMtuCache;
  /** Descriptors of the owner whose call runs now: Linux's `current->files`. */
  fds: FdTable;
  /** Those of the owner that the Host itself is, which `pollReady` tells of. */
  readonly ownFds: FdTable;
  readonly owners: Set<FdTable>;
  readonly use: { openFiles: number; epollWatches: number };
  readonly ports: PortTable;
  readonly connections: ConnectionTable;
  readonly timeWaits: TimeWaitTable;
  readonly deadlines: DeadlineHeap<Connection>;
  readonly dirty: Connection[];
  /** Descriptors of `ownFds` to which something happened; those without the table's mark are void. */
  readonly ready: number[];
  readonly resets: ResetQueue;
  readonly halfOpen: HalfOpenTally;
  readonly segment: Segment;
  readonly icmpError: IcmpError;
  readonly resetReply: ResetReply;
  readonly counters: SocketCounters;
}

const ENTROPY_BYTES = 32;
const MTU_MIN_BYTES = 68;
const DEFAULTS: Settings = {
  descriptorsMax: 65_536,
  filesMax: 1_048_576,
  epollWatchesMax: 1_048_576,
  somaxconn: 4096,
  halfOpenMax: 16_384,
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
  timestamps: true,
  sack: true,
  windowScaling: true,
  ecn: 2,
  rfc1337: false,
  challengeAcksPerSecond: CHALLENGE_ACKS_PER_SECOND,
};

/** Makes the state of a Host. Throws `RangeError` on an option out of range. */
export function createKernel(options: HostOptions): Kernel {
  const address = parseAddress(options.address);
  if (address === null || !isIpv4(address) || isAny(address))
    throw new RangeError(`not an IPv4 address: ${options.address}`);
  const prefixBits = options.prefixBits ?? 32;
  if (!(prefixBits >= 1 && prefixBits <= 32)) throw new RangeError(`prefixBits must be 1 to 32, not ${prefixBits}`);
  const own: OwnAddress = { address, broadcast: subnetBroadcast(address, prefixBits) };
  if (!isUsableOwn(own)) throw new RangeError(`not an address of one host: ${options.address}`);
  if (!(options.mtuBytes >= MTU_MIN_BYTES && options.mtuBytes <= 65_535)) {
    throw new RangeError(`mtuBytes must be 68 to 65535, not ${options.mtuBytes}`);
  }
  const smallestMtuBytes = options.smallestMtuBytes ?? options.mtuBytes;
  if (!(smallestMtuBytes >= MTU_MIN_BYTES && smallestMtuBytes <= options.mtuBytes)) {
    throw new RangeError(`smallestMtuBytes must be 68 to mtuBytes, not ${smallestMtuBytes}`);
  }
  if (options.entropy.length < ENTROPY_BYTES) throw new RangeError(`entropy must have ${ENTROPY_BYTES} bytes or more`);
  for (const name of Object.keys(options.settings ?? {})) {
    if (!(name in DEFAULTS)) throw new RangeError(`there is no setting ${name}`);
  }
  const settings = { ...DEFAULTS, ...options.settings };
  const portKey = sipKey(options.entropy.subarray(16, 32));
  const ip: IpOutput = {
    identification: sipHash(portKey, new Int32Array([address.w3]), 1) & 0xffff,
    counters: createIpCounters(),
  };
  const ownFds = new FdTable(settings.descriptorsMax);
  const superBytes = options.superSegmentBytes ?? 0;
  return {
    nowMs: 0,
    own,
    settings,
    optionValues: createOptionValues(settings.sendBufferBytes, settings.receiveBufferBytes, settings.congestion),
    software: (options.checksum ?? 'software') === 'software',
    isnKey: sipKey(options.entropy.subarray(0, 16)),
    portKey,
    scratch: new Int32Array(10),
    shared: createTcpShared(options.entropy.subarray(16, 32), {
      // "when the effective MTU of an interface varies packet-to-packet, TCP implementations SHOULD use the smallest
      // effective MTU of the interface to calculate the value to advertise in the MSS Option" — RFC 9293 §3.7.3 [SHLD-6]
      advertisedMssBytes: smallestMtuBytes - IP_HEADROOM_BYTES - TCP_HEADER_BYTES,
      superSegmentPayloadBytes: superBytes === 0 ? 0 : superBytes - IP_HEADROOM_BYTES - TCP_HEADER_BYTES_MAX,
      sendBufferBytes: settings.sendBufferBytes,
      receiveBufferBytes: settings.receiveBufferBytes,
      sendBufferMaxBytes: settings.sendBufferMaxBytes,
      receiveBufferMaxBytes: settings.receiveBufferMaxBytes,
      bufferMemoryMaxBytes: settings.bufferMemoryMaxBytes,
      mtuProbing: settings.mtuProbing,
      timeWaitMs: settings.timeWaitMs,
      finWait2OrphanMs: settings.finTimeoutMs,
      timestamps: settings.timestamps,
      sack: settings.sack,
      windowScaling: settings.windowScaling,
      ecn: settings.ecn,
      rfc1337: settings.rfc1337,
      challenges: new ChallengeBudget(portKey, settings.challengeAcksPerSecond),
    }),
    ip,
    ipInput: { own, acceptSourceRoute: settings.acceptSourceRoute, counters: ip.counters },
    packet: createIpPacket(),
    echo: new EchoResponder(ip, options.mtuBytes),
    pathMtu: new PathMtuCache(options.mtuBytes),
    fds: ownFds,
    ownFds,
    owners: new Set([ownFds]),
    use: { openFiles: 0, epollWatches: 0 },
    ports: new PortTable(),
    connections: new ConnectionTable(new TupleHash(portKey)),
    timeWaits: new TimeWaitTable(new TupleHash(portKey)),
    deadlines: new DeadlineHeap(),
    dirty: [],
    ready: [],
    resets: new ResetQueue(),
    halfOpen: { count: 0 },
    segment: createSegment(),
    icmpError: createIcmpError(),
    resetReply: { seq: seq(0), ack: seq(0), flags: 0 },
    counters: {
      connectionSegments: 0,
      badSegments: 0,
      badChecksums: 0,
      noListener: 0,
      connectionIcmpErrors: 0,
      strayIcmpErrors: 0,
      pathMtuLearnt: 0,
      pathMtuIgnored: 0,
      halfOpens: 0,
      listenResets: 0,
      listenAcks: 0,
      listenOverflows: 0,
      listenDrops: 0,
      synQueueDrops: 0,
      deferAcceptDrops: 0,
      embryonicResets: 0,
      resetsSent: 0,
      resetsDropped: 0,
      timeWaitReused: 0,
      timeWaitRecycled: 0,
      timeWaitOverflows: 0,
      activeOpens: 0,
      passiveOpens: 0,
    },
  };
}
