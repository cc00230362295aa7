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
import { ChallengeBudget, type ResetReply } from '@tcpstack/tcp/connection';
import { createTcpShared } from '@tcpstack/tcp/shared';
import type { TcpShared } from '@tcpstack/tcp/tcb';
import { isAny, isIpv4, parseAddress } from '@tcpstack/wire/ip-address';
import { createSegment, type Segment } from '@tcpstack/wire/segment';
import { TCP_HEADER_BYTES, TCP_HEADER_BYTES_MAX } from '@tcpstack/wire/tcp';
import type { Connection } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import { type CookieDoor, createCookieDoor } from './cookie-door.ts';
import { createSocketCounters, type SocketCounters } from './counters.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { EphemeralPorts } from './ephemeral-ports.ts';
import { FdTable } from './fd-table.ts';
import { createOptionValues, type OptionValues } from './option-values.ts';
import { PortTable } from './port-table.ts';
import { ResetQueue } from './reset-queue.ts';
import { type MutableSettings, type Settings, settingsFrom, shareSettings } from './settings.ts';
import type { HalfOpenTally } from './syn-queue.ts';
import { TimeWaitTable } from './time-wait-table.ts';
import { TupleHash } from './tuple-hash.ts';

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

/** Everything. One per Host. */
export interface Kernel {
  nowMs: number;
  readonly own: OwnAddress;
  /** Those of now: sysctl changes them. */
  readonly settings: MutableSettings;
  /** Those of every fresh socket. */
  optionValues: OptionValues;
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
  readonly use: { openFiles: number; epollWatches: number; orphans: number };
  readonly ports: PortTable;
  readonly ephemeralPorts: EphemeralPorts;
  readonly connections: ConnectionTable;
  readonly timeWaits: TimeWaitTable;
  readonly deadlines: DeadlineHeap<Connection>;
  readonly dirty: Connection[];
  /** Descriptors of `ownFds` to which something happened; those without the table's mark are void. */
  readonly ready: number[];
  readonly resets: ResetQueue;
  readonly halfOpen: HalfOpenTally;
  readonly door: CookieDoor;
  /** Chooses among listeners that share a port. */
  readonly groupHash: TupleHash;
  readonly segment: Segment;
  readonly icmpError: IcmpError;
  readonly resetReply: ResetReply;
  readonly counters: SocketCounters;
}

const ENTROPY_BYTES = 32;
const MTU_MIN_BYTES = 68;
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
  const settings = settingsFrom(options.settings ?? {});
  const isnKey = sipKey(options.entropy.subarray(0, 16));
  const portKey = sipKey(options.entropy.subarray(16, 32));
  const ip: IpOutput = {
    identification: sipHash(portKey, new Int32Array([address.w3]), 1) & 0xffff,
    counters: createIpCounters(),
  };
  const superBytes = options.superSegmentBytes ?? 0;
  const shared = createTcpShared(options.entropy.subarray(16, 32), {
    // "when the effective MTU of an interface varies packet-to-packet, TCP implementations SHOULD use the smallest
    // effective MTU of the interface to calculate the value to advertise in the MSS Option" — RFC 9293 §3.7.3 [SHLD-6]
    advertisedMssBytes: smallestMtuBytes - IP_HEADROOM_BYTES - TCP_HEADER_BYTES,
    superSegmentPayloadBytes: superBytes === 0 ? 0 : superBytes - IP_HEADROOM_BYTES - TCP_HEADER_BYTES_MAX,
    challenges: new ChallengeBudget(portKey, settings.challengeAcksPerSecond),
  });
  shareSettings(settings, shared);
  const ownFds = new FdTable(settings.descriptorsMax);
  return {
    nowMs: 0,
    own,
    settings,
    optionValues: createOptionValues(settings.sendBufferBytes, settings.receiveBufferBytes, settings.congestion),
    software: (options.checksum ?? 'software') === 'software',
    isnKey,
    portKey,
    scratch: new Int32Array(10),
    shared,
    ip,
    ipInput: { own, acceptSourceRoute: settings.acceptSourceRoute, counters: ip.counters },
    packet: createIpPacket(),
    echo: new EchoResponder(ip, options.mtuBytes),
    pathMtu: new PathMtuCache(options.mtuBytes),
    fds: ownFds,
    ownFds,
    owners: new Set([ownFds]),
    use: { openFiles: 0, epollWatches: 0, orphans: 0 },
    ports: new PortTable(),
    ephemeralPorts: new EphemeralPorts(portKey, settings),
    connections: new ConnectionTable(new TupleHash(portKey)),
    timeWaits: new TimeWaitTable(new TupleHash(portKey)),
    deadlines: new DeadlineHeap(),
    dirty: [],
    ready: [],
    resets: new ResetQueue(),
    halfOpen: { count: 0 },
    door: createCookieDoor(portKey),
    groupHash: new TupleHash(isnKey),
    segment: createSegment(),
    icmpError: createIcmpError(),
    resetReply: { seq: seq(0), ack: seq(0), flags: 0 },
    counters: createSocketCounters(),
  };
}
