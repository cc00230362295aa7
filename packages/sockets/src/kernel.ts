/** The state that all parts of one Host share. */

import { assert } from '@tcpstack/bytes/assert';
import { createIpCounters } from '@tcpstack/ip/counters';
import type { EchoOutput } from '@tcpstack/ip/echo';
import type { EthernetPort } from '@tcpstack/ip/ethernet-port';
import { createForwarder, type Forwarder } from '@tcpstack/ip/forward';
import { createIcmpError, type IcmpError } from '@tcpstack/ip/icmp-error';
import type { IcmpSender } from '@tcpstack/ip/icmp-send';
import type { IpInput } from '@tcpstack/ip/input';
import type { IpOutput } from '@tcpstack/ip/output';
import { createIpPacket, type IpPacket } from '@tcpstack/ip/packet';
import type { PathMtuCache } from '@tcpstack/ip/path-mtu';
import type { Routing } from '@tcpstack/ip/routing';
import { createTrouble } from '@tcpstack/ip/trouble';
import { seq } from '@tcpstack/seq/seq';
import { type SipKey, sipHash, sipKey } from '@tcpstack/seq/siphash';
import { ChallengeBudget, type ResetReply } from '@tcpstack/tcp/connection';
import { createTcpShared } from '@tcpstack/tcp/shared';
import type { TcpShared } from '@tcpstack/tcp/tcb';
import { createExtensionChain } from '@tcpstack/wire/ipv6-extensions';
import { createSegment, type Segment } from '@tcpstack/wire/segment';
import type { Connection } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import { type CookieDoor, createCookieDoor } from './cookie-door.ts';
import { createSocketCounters, type SocketCounters } from './counters.ts';
import { DeadlineHeap } from './deadline-heap.ts';

import { EphemeralPorts } from './ephemeral-ports.ts';
import { attachEthernet } from './ethernet.ts';
import { FastOpenHost } from './fast-open.ts';
import { FdTable } from './fd-table.ts';
import { createNetwork, type NetworkOptions } from './interface-options.ts';
import { createIpLayer } from './ip-layer.ts';
import { Loopback } from './loopback.ts';
import { createOptionValues, type OptionValues } from './option-values.ts';
import { createOutlet, type Outlet } from './outlet.ts';
import { PortTable } from './port-table.ts';
import { type MutableSettings, settingsFrom, shareSettings, type WantedSettings } from './settings.ts';
import { checkSettings } from './settings-check.ts';
import type { Socket } from './socket.ts';
import type { HalfOpenTally } from './syn-queue.ts';
import { TimeWaitTable } from './time-wait-table.ts';
import { TupleHash } from './tuple-hash.ts';
import { Inodes } from './views/inodes.ts';

/** What a Host needs to know. */
export interface HostOptions extends NetworkOptions {
  /** 32 bytes or more of real entropy; a simulation hands in seeded ones. */
  readonly entropy: Uint8Array;
  readonly settings?: WantedSettings;
}

/** Everything. One per Host. */
export interface Kernel {
  nowMs: number;
  /** Interfaces, addresses and routes: changed by `network` only. */
  readonly routing: Routing;
  readonly pathMtu: PathMtuCache;
  /** By the index of their interface. */
  readonly outlets: readonly Outlet[];
  /** Link layers by the index of their interface; `null` where packets need none. */
  readonly ethernet: (EthernetPort | null)[];
  readonly loopback: Loopback;
  /** Those of now: sysctl changes them. */
  readonly settings: MutableSettings;
  /** Those of every fresh socket. */
  optionValues: OptionValues;
  readonly isnKey: SipKey;
  readonly portKey: SipKey;
  readonly scratch: Int32Array;
  readonly shared: TcpShared;
  readonly ip: IpOutput;
  readonly ipInput: IpInput;
  /** Tells senders what became of their packets. */
  readonly icmp: IcmpSender;
  /** Passes packets for others on. */
  readonly forwarder: Forwarder;
  /** The way out for datagrams, of ICMP and UDP. */
  readonly datagrams: EchoOutput;
  /** The packet that is being taken. */
  readonly packet: IpPacket;
  /** Descriptors of the owner whose call runs now: Linux's `current->files`. */
  fds: FdTable;
  /** Those of the owner that the Host itself is, which `pollReady` tells of. */
  readonly ownFds: FdTable;
  readonly owners: Set<FdTable>;
  readonly use: { openFiles: number; epollWatches: number; orphans: number };
  readonly ports: PortTable;
  /** The ports of UDP, which are others. */
  readonly datagramPorts: PortTable;
  /** Datagram sockets that were told that too many wait to leave. */
  readonly awaitRoom: Socket[];
  /** Where a datagram is put together; made with the first one. */
  datagramMemory: Uint8Array | null;
  readonly ephemeralPorts: EphemeralPorts;
  readonly connections: ConnectionTable;
  readonly timeWaits: TimeWaitTable;
  readonly deadlines: DeadlineHeap<Connection>;
  /** Descriptors of `ownFds` to which something happened; those without the table's mark are void. */
  readonly ready: number[];
  readonly halfOpen: HalfOpenTally;
  readonly door: CookieDoor;
  readonly fastOpen: FastOpenHost;
  /** Chooses among listeners that share a port. */
  readonly groupHash: TupleHash;
  readonly segment: Segment;
  readonly icmpError: IcmpError;
  readonly resetReply: ResetReply;
  readonly counters: SocketCounters;
  readonly inodes: Inodes;
}

const ENTROPY_BYTES = 32;
/** Sets what is made with it apart from other hashes of the same key. */
const IDENTIFICATION = 0x6970_6964;

/** Makes the state of a Host. Throws `RangeError` on an option out of range. */
export function createKernel(options: HostOptions): Kernel {
  const { routing, pathMtu } = createNetwork(options);
  if (options.entropy.length < ENTROPY_BYTES) throw new RangeError(`entropy must have ${ENTROPY_BYTES} bytes or more`);
  const settings = settingsFrom(options.settings ?? {});
  checkSettings(settings);
  const isnKey = sipKey(options.entropy.subarray(0, 16));
  const portKey = sipKey(options.entropy.subarray(16, 32));
  const { fragments, identifications, icmp } = createIpLayer(routing.interfaces, settings, portKey);
  const ip: IpOutput = {
    identification: sipHash(portKey, new Int32Array([IDENTIFICATION]), 1) & 0xffff,
    counters: createIpCounters(),
  };
  const outlets = routing.interfaces.list.map(createOutlet);
  const [loopback, first = loopback] = outlets;
  assert(first !== undefined, 'a Host has interfaces');
  const shared = createTcpShared(options.entropy.subarray(16, 32), {
    ...first.ipv4,
    challenges: new ChallengeBudget(portKey, settings.challengeAcksPerSecond),
  });
  shareSettings(settings, shared);
  const ownFds = new FdTable(settings.descriptorsMax);
  const kernel: Kernel = {
    nowMs: 0,
    routing,
    pathMtu,
    outlets,
    ethernet: outlets.map(() => null),
    loopback: new Loopback(),
    settings,
    optionValues: createOptionValues(settings),
    isnKey,
    portKey,
    scratch: new Int32Array(10),
    shared,
    ip,
    ipInput: {
      interfaces: routing.interfaces,
      settings,
      counters: ip.counters,
      chain: createExtensionChain(),
      nowMs: 0,
      fragments,
      trouble: createTrouble(),
      isForOthers: false,
    },
    icmp,
    forwarder: createForwarder(
      routing,
      ip.counters,
      outlets.map(({ transit }) => transit),
    ),
    datagrams: { counters: ip.counters, identifications, settings },
    packet: createIpPacket(),
    fds: ownFds,
    ownFds,
    owners: new Set([ownFds]),
    use: { openFiles: 0, epollWatches: 0, orphans: 0 },
    ports: new PortTable(),
    datagramPorts: new PortTable(),
    awaitRoom: [],
    datagramMemory: null,
    ephemeralPorts: new EphemeralPorts(portKey, settings),
    connections: new ConnectionTable(new TupleHash(portKey)),
    timeWaits: new TimeWaitTable(new TupleHash(portKey)),
    deadlines: new DeadlineHeap(),
    ready: [],
    halfOpen: { count: 0 },
    door: createCookieDoor(portKey),
    fastOpen: new FastOpenHost(portKey),
    groupHash: new TupleHash(isnKey),
    segment: createSegment(),
    icmpError: createIcmpError(),
    resetReply: { seq: seq(0), ack: seq(0), flags: 0 },
    counters: createSocketCounters(),
    inodes: new Inodes(),
  };
  attachEthernet(kernel, options.interfaces ?? []);
  return kernel;
}
