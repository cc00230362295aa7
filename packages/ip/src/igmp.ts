/** IGMP, the host's part (RFC 3376; versions 2 and 1 where a router speaks no other): who is told which groups we listen to. */

import { ETHERNET_HEADER_BYTES, ETHERTYPE_IPV4, writeEthernet } from '@tcpstack/wire/ethernet';
import {
  checkIgmp,
  finishIgmp,
  IGMP_QUERY,
  IGMP_V1_REPORT,
  IGMP_V2_LEAVE,
  IGMP_V2_REPORT,
  maximumResponseMs,
  messageType,
  queryVersion,
  ROUTER_ALERT_IPV4_BYTES,
  readGroup,
  writeIgmpIpv4,
  writeMessage,
  writeRecord,
  writeReport,
} from '@tcpstack/wire/igmp';
import { ANY_IPV4, copyOf, IpAddress, ipv4Address, isIpv4, sameAddress } from '@tcpstack/wire/ip-address';
import { checkIpv4, headerBytes, IPV4_HEADER_BYTES, isFragment, totalLength } from '@tcpstack/wire/ipv4';
import { CHANGE_TO_EXCLUDE, CHANGE_TO_INCLUDE, MODE_IS_EXCLUDE } from '@tcpstack/wire/mld';
import type { EthernetCounters } from './ethernet-counters.ts';
import type { FrameQueue } from './frame-queue.ts';
import { GroupReports, type ReportKind } from './group-reports.ts';
import { isUsable, type LinkAddresses } from './link-address.ts';
import { GROUPS_MAX, isForAll } from './memberships.ts';
import { multicastMac } from './multicast.ts';

const FRAME_MAX_BYTES = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES + ROUTER_ALERT_IPV4_BYTES + 16;
/** "Older Version Querier Present Timeout": 2 * 125 s + 10 s by default (RFC 3376 §8.12). */
const OLDER_PRESENT_MS = 260_000;
/** "224.0.0.22", all routers that speak version 3 (RFC 3376 §4.2.14); "224.0.0.2", all of them. */
const IGMPV3_ROUTERS: Readonly<IpAddress> = ipv4Address(0xe000_0016);
const ALL_ROUTERS: Readonly<IpAddress> = ipv4Address(0xe000_0002);

/** The groups of one interface. */
export class GroupManagement {
  readonly #mac: number;
  readonly #frames: FrameQueue;
  readonly #addresses: LinkAddresses;
  readonly #counters: EthernetCounters;
  readonly #reports: GroupReports;
  #joined: Readonly<IpAddress>[] = [];
  /** Until then a router is there that speaks this version only. */
  #v1UntilMs = -Infinity;
  #v2UntilMs = -Infinity;
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
    this.#reports = new GroupReports(random, GROUPS_MAX, (nowMs, group, kind) => this.#report(nowMs, group, kind));
  }

  /** When `handleTimeout` is due. */
  get deadlineMs(): number {
    return this.#reports.deadlineMs;
  }

  /** A socket is the first to listen to the group, or was the last one. */
  groupChanged(nowMs: number, group: Readonly<IpAddress>, joined: boolean): void {
    // "The all-systems multicast address, 224.0.0.1, is handled as a special case": nobody is told — RFC 3376 §5
    if (isForAll(group)) return;
    if (joined) {
      this.#joined.push(copyOf(group));
      this.#reports.join(nowMs, group);
      return;
    }
    this.#joined = this.#joined.filter((one) => !sameAddress(one, group));
    this.#reports.leaveUnless(nowMs, (left) => this.#joined.some((one) => sameAddress(one, left)));
  }

  /** The IPv4 packet `bytes[at, end)` carries IGMP. */
  arrive(nowMs: number, bytes: Uint8Array, at: number, end: number): void {
    this.#counters.igmpReceived++;
    const igmpAt = at + headerBytes(bytes, at);
    const isWhole = checkIpv4(bytes, at, end) === null && !isFragment(bytes, at);
    const igmpEnd = isWhole ? at + totalLength(bytes, at) : igmpAt;
    // "the checksum of IGMP messages MUST be verified before processing the packet" — RFC 3376 §4.1.2
    if (!checkIgmp(bytes, igmpAt, igmpEnd)) {
      this.#counters.igmpBad++;
      return;
    }
    // What other hosts listen to is the routers' concern.
    if (messageType(bytes, igmpAt) === IGMP_QUERY) this.#queried(nowMs, bytes, igmpAt, igmpEnd);
  }

  /** Does what is due. */
  handleTimeout(nowMs: number): void {
    this.#reports.handleTimeout(nowMs);
  }

  #queried(nowMs: number, bytes: Uint8Array, at: number, end: number): void {
    const version = queryVersion(bytes, at, end);
    if (version === 0) {
      this.#counters.igmpBad++;
      return;
    }
    // "Host Compatibility Mode" (RFC 3376 §7.2.1)
    if (version === 1) this.#v1UntilMs = nowMs + OLDER_PRESENT_MS;
    if (version === 2) this.#v2UntilMs = nowMs + OLDER_PRESENT_MS;
    readGroup(bytes, at, this.#group);
    this.#reports.queried(nowMs, this.#group, maximumResponseMs(bytes, at, version));
  }

  #report(nowMs: number, group: Readonly<IpAddress>, kind: ReportKind): void {
    const version = nowMs < this.#v1UntilMs ? 1 : nowMs < this.#v2UntilMs ? 2 : 3;
    // Version 1 has no word for who leaves.
    if (version === 1 && kind === 'left') return;
    const at = this.#frames.reserve(FRAME_MAX_BYTES);
    if (at < 0) return;
    const { bytes } = this.#frames;
    const to = version === 3 ? IGMPV3_ROUTERS : kind === 'left' ? ALL_ROUTERS : group;
    const ipAt = writeEthernet(bytes, at, multicastMac(to), this.#mac, ETHERTYPE_IPV4);
    const igmpAt = ipAt + IPV4_HEADER_BYTES + ROUTER_ALERT_IPV4_BYTES;
    const end = version === 3 ? writeV3(bytes, igmpAt, group, kind) : writeOlder(bytes, igmpAt, group, kind, version);
    finishIgmp(bytes, igmpAt, end);
    writeIgmpIpv4(bytes, ipAt, end - ipAt, this.#source(), to);
    this.#frames.commit(end - at);
    this.#counters.igmpSent++;
  }

  /** "may be sent with 0.0.0.0 when a system has not yet acquired an IP address" — RFC 3376 §4.2.13 */
  #source(): Readonly<IpAddress> {
    return this.#addresses.list.find((own) => isIpv4(own.address) && isUsable(own))?.address ?? ANY_IPV4;
  }
}

function writeV3(bytes: Uint8Array, at: number, group: Readonly<IpAddress>, kind: ReportKind): number {
  const change = kind === 'left' ? CHANGE_TO_INCLUDE : CHANGE_TO_EXCLUDE;
  return writeRecord(bytes, writeReport(bytes, at, 1), kind === 'is' ? MODE_IS_EXCLUDE : change, group);
}

function writeOlder(
  bytes: Uint8Array,
  at: number,
  group: Readonly<IpAddress>,
  kind: ReportKind,
  version: 1 | 2,
): number {
  const report = version === 1 ? IGMP_V1_REPORT : IGMP_V2_REPORT;
  return writeMessage(bytes, at, kind === 'left' ? IGMP_V2_LEAVE : report, group);
}
