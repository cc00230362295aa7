/** Multicast Listener Discovery, the host's part (RFC 3810): switches and routers are told which groups we listen to. */

import { ETHERNET_HEADER_BYTES, ETHERTYPE_IPV6, writeEthernet } from '@tcpstack/wire/ethernet';
import { finishIcmpv6 } from '@tcpstack/wire/icmpv6';
import { ANY_IPV6, copyOf, IpAddress, isIpv4, isLinkLocal, sameAddress } from '@tcpstack/wire/ip-address';
import { IPV6_HEADER_BYTES, PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import { HOP_BY_HOP } from '@tcpstack/wire/ipv6-extensions';
import {
  CHANGE_TO_EXCLUDE,
  CHANGE_TO_INCLUDE,
  MODE_IS_EXCLUDE,
  maximumResponseMs,
  queryVersion,
  ROUTER_ALERT_HEADER_BYTES,
  readGroup,
  writeDoneV1,
  writeRecord,
  writeReport,
  writeReportV1,
  writeRouterAlert,
} from '@tcpstack/wire/mld';
import { solicitedNodeOf } from '@tcpstack/wire/ndp';
import type { EthernetCounters } from './ethernet-counters.ts';
import type { FrameQueue } from './frame-queue.ts';
import { GroupReports, type ReportKind } from './group-reports.ts';
import type { LinkAddresses } from './link-address.ts';
import { GROUPS_MAX, isForAll } from './memberships.ts';
import { multicastMac } from './multicast.ts';
import type { NdpMessage } from './ndp.ts';

/** Addresses of an interface whose groups are told of; each needs one at most. */
const ADDRESSES_MAX = 64;
const FRAME_MAX_BYTES = ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES + ROUTER_ALERT_HEADER_BYTES + 8 + 20;
/** "Older Version Querier Present Timeout": 2 * 125 s + 10 s by default (RFC 3810 §9.12). */
const V1_PRESENT_MS = 260_000;
/** "ff02::16", all routers that speak version 2 (RFC 3810 §5.2.14). */
const MLDV2_ROUTERS: Readonly<IpAddress> = new IpAddress(0xff02_0000 | 0, 0, 0, 0x16);
/** "ff02::2", all routers, whom version 1 tells who leaves (RFC 2710 §4). */
const ALL_ROUTERS: Readonly<IpAddress> = new IpAddress(0xff02_0000 | 0, 0, 0, 2);
const INTERFACE_LOCAL = 1;

/** The groups of one interface. */
export class ListenerDiscovery {
  readonly #mac: number;
  readonly #frames: FrameQueue;
  readonly #addresses: LinkAddresses;
  readonly #counters: EthernetCounters;
  readonly #reports: GroupReports;
  /** What sockets joined. */
  #joined: Readonly<IpAddress>[] = [];
  #v1UntilMs = -Infinity;
  readonly #group = new IpAddress();

  constructor(
    mac: number,
    random: () => number,
    frames: FrameQueue,
    addresses: LinkAddresses,
    counters: EthernetCounters,
  ) {
    this.#mac = mac;
    this.#frames = frames;
    this.#addresses = addresses;
    this.#counters = counters;
    this.#reports = new GroupReports(random, ADDRESSES_MAX + GROUPS_MAX, (nowMs, group, kind) =>
      this.#report(nowMs, group, kind),
    );
  }

  /** When `handleTimeout` is due. */
  get deadlineMs(): number {
    return this.#reports.deadlineMs;
  }

  /** Joins the solicited-node groups of our addresses, and leaves those of addresses that are gone. */
  followAddresses(nowMs: number): void {
    this.#reports.leaveUnless(nowMs, (group) => this.#isNeeded(group));
    let told = 0;
    for (const { address, state } of this.#addresses.list) {
      if (isIpv4(address) || state === 'duplicate' || ++told > ADDRESSES_MAX) continue;
      solicitedNodeOf(address, this.#group);
      this.#reports.join(nowMs, this.#group);
    }
  }

  /** A socket is the first to listen to the group, or was the last one. */
  groupChanged(nowMs: number, group: Readonly<IpAddress>, joined: boolean): void {
    // "all nodes ... never" and "multicast addresses of scope 0 ... or 1": nobody is told — RFC 3810 §6
    if (isForAll(group) || ((group.w0 >>> 16) & 0xf) <= INTERFACE_LOCAL) return;
    if (joined) {
      this.#joined.push(copyOf(group));
      this.#reports.join(nowMs, group);
      return;
    }
    this.#joined = this.#joined.filter((one) => !sameAddress(one, group));
    this.#reports.leaveUnless(nowMs, (one) => this.#isNeeded(one));
  }

  /**
   * We have a link-local address now: tells everything again, since reports without one pass no further than switches
   * that look at them (RFC 3590 §4: the unspecified address is for those who have none yet).
   */
  tellAgain(nowMs: number): void {
    this.#reports.tellAgain(nowMs);
  }

  /** A query came, its checksum right (RFC 3810 §6.2). */
  queried(nowMs: number, { bytes, at, end, hops, source }: NdpMessage): void {
    this.#counters.mldReceived++;
    const version = queryVersion(end - at);
    // "all MLD messages ... are sent with a link-local IPv6 Source Address, an IPv6 Hop Limit of 1"; others "must be
    // silently ignored" — RFC 3810 §5, §5.1.14
    if (version === 0 || hops !== 1 || !isLinkLocal(source)) {
      this.#counters.mldBad++;
      return;
    }
    if (version === 1) this.#v1UntilMs = nowMs + V1_PRESENT_MS;
    readGroup(bytes, at, this.#group);
    this.#reports.queried(nowMs, this.#group, maximumResponseMs(bytes, at, version));
  }

  /** Does what is due. */
  handleTimeout(nowMs: number): void {
    this.#reports.handleTimeout(nowMs);
  }

  #isNeeded(group: Readonly<IpAddress>): boolean {
    if (this.#joined.some((one) => sameAddress(one, group))) return true;
    return this.#addresses.list.some(({ address, state }) => {
      if (isIpv4(address) || state === 'duplicate') return false;
      solicitedNodeOf(address, this.#group);
      return sameAddress(this.#group, group);
    });
  }

  #report(nowMs: number, group: Readonly<IpAddress>, kind: ReportKind): void {
    const isV1 = nowMs < this.#v1UntilMs;
    const at = this.#frames.reserve(FRAME_MAX_BYTES);
    if (at < 0) return;
    const { bytes } = this.#frames;
    const to = isV1 ? (kind === 'left' ? ALL_ROUTERS : group) : MLDV2_ROUTERS;
    // "if a valid link-local address is not available ... the unspecified address" — RFC 3590 §4
    const source = this.#addresses.linkLocal()?.address ?? ANY_IPV6;
    const ipAt = writeEthernet(bytes, at, multicastMac(to), this.#mac, ETHERTYPE_IPV6);
    const icmpAt = writeRouterAlert(bytes, ipAt + IPV6_HEADER_BYTES, PROTOCOL_ICMPV6);
    const end = isV1 ? writeV1(bytes, icmpAt, group, kind) : writeV2(bytes, icmpAt, group, kind);
    writeIpv6(bytes, ipAt, end - ipAt, HOP_BY_HOP, source, to, 1, 0, 0);
    finishIcmpv6(bytes, icmpAt, end, pseudoHeaderSum6(source, to, PROTOCOL_ICMPV6));
    this.#frames.commit(end - at);
    this.#counters.mldSent++;
  }
}

function writeV1(bytes: Uint8Array, at: number, group: Readonly<IpAddress>, kind: ReportKind): number {
  return kind === 'left' ? writeDoneV1(bytes, at, group) : writeReportV1(bytes, at, group);
}

function writeV2(bytes: Uint8Array, at: number, group: Readonly<IpAddress>, kind: ReportKind): number {
  const change = kind === 'left' ? CHANGE_TO_INCLUDE : CHANGE_TO_EXCLUDE;
  return writeRecord(bytes, writeReport(bytes, at, 1), kind === 'is' ? MODE_IS_EXCLUDE : change, group);
}
