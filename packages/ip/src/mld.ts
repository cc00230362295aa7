/** Multicast Listener Discovery, the host's part (RFC 3810): switches and routers are told which groups we listen to. */

import { ETHERNET_HEADER_BYTES, ETHERTYPE_IPV6, writeEthernet } from '@tcpstack/wire/ethernet';
import { finishIcmpv6 } from '@tcpstack/wire/icmpv6';
import { ANY_IPV6, copyOf, IpAddress, isAny, isIpv4, isLinkLocal, sameAddress } from '@tcpstack/wire/ip-address';
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
  writeRecord,
  writeReport,
  writeReportV1,
  writeRouterAlert,
} from '@tcpstack/wire/mld';
import { solicitedNodeOf } from '@tcpstack/wire/ndp';
import type { EthernetCounters } from './ethernet-counters.ts';
import type { FrameQueue } from './frame-queue.ts';
import type { LinkAddresses } from './link-address.ts';
import { multicastMac } from './multicast.ts';
import type { NdpMessage } from './ndp.ts';

/** Groups that one interface listens to; each address needs at most one. */
const GROUPS_MAX = 64;
const FRAME_MAX_BYTES = ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES + ROUTER_ALERT_HEADER_BYTES + 8 + 20;
/** "[Robustness Variable] ... Default value: 2": a change is told so often (RFC 3810 §9.1). */
const ROBUSTNESS = 2;
/** "Unsolicited Report Interval ... Default value: 1 second" (RFC 3810 §9.11). */
const UNSOLICITED_MS = 1000;
/** "Older Version Querier Present Timeout": 2 * 125 s + 10 s by default (RFC 3810 §9.12). */
const V1_PRESENT_MS = 260_000;
/** "ff02::16", all routers that speak version 2 (RFC 3810 §5.2.14). */
const MLDV2_ROUTERS: Readonly<IpAddress> = new IpAddress(0xff02_0000 | 0, 0, 0, 0x16);

interface Group {
  readonly address: Readonly<IpAddress>;
  /** We listen to it; else it is only still to be said that we do not. */
  joined: boolean;
  /** How often the last change is still to be told. */
  changesLeft: number;
  changeAtMs: number;
  /** A query is to be answered. */
  answerAtMs: number;
}

/** The groups of one interface. */
export class ListenerDiscovery {
  readonly #mac: number;
  readonly #random: () => number;
  readonly #frames: FrameQueue;
  readonly #addresses: LinkAddresses;
  readonly #counters: EthernetCounters;
  #groups: Group[] = [];
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
    this.#random = random;
    this.#frames = frames;
    this.#addresses = addresses;
    this.#counters = counters;
  }

  /** When `handleTimeout` is due. */
  get deadlineMs(): number {
    let earliestMs = Infinity;
    for (const { changeAtMs, answerAtMs } of this.#groups) earliestMs = Math.min(earliestMs, changeAtMs, answerAtMs);
    return earliestMs;
  }

  /** Joins the solicited-node groups of our addresses, and leaves those of addresses that are gone. */
  followAddresses(nowMs: number): void {
    for (const group of this.#groups) {
      if (group.joined && !this.#isNeeded(group.address)) this.#change(nowMs, group, false);
    }
    for (const { address, state } of this.#addresses.list) {
      if (isIpv4(address) || state === 'duplicate') continue;
      solicitedNodeOf(address, this.#group);
      const known = this.#groups.find((group) => sameAddress(group.address, this.#group));
      if (known !== undefined) {
        if (!known.joined) this.#change(nowMs, known, true);
      } else if (this.#groups.length < GROUPS_MAX) {
        const group: Group = {
          address: copyOf(this.#group),
          joined: false,
          changesLeft: 0,
          changeAtMs: Infinity,
          answerAtMs: Infinity,
        };
        this.#groups.push(group);
        this.#change(nowMs, group, true);
      }
    }
  }

  /**
   * We have a link-local address now: tells everything again, since reports without one pass no further than switches
   * that look at them (RFC 3590 §4: the unspecified address is for those who have none yet).
   */
  tellAgain(nowMs: number): void {
    for (const group of this.#groups) if (group.joined) this.#change(nowMs, group, true);
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
    const withinMs = maximumResponseMs(bytes, at, version);
    readGroup(bytes, at, this.#group);
    for (const group of this.#groups) {
      if (!group.joined || !(isAny(this.#group) || sameAddress(this.#group, group.address))) continue;
      // "a delay for a response is randomly selected in the range (0, [Maximum Response Delay])"; one that is due sooner
      // stays — RFC 3810 §6.2
      group.answerAtMs = Math.min(group.answerAtMs, nowMs + this.#random() * withinMs);
    }
  }

  /** Does what is due. */
  handleTimeout(nowMs: number): void {
    for (const group of this.#groups) {
      if (group.changeAtMs <= nowMs) this.#tellChange(nowMs, group);
      if (group.answerAtMs <= nowMs) {
        group.answerAtMs = Infinity;
        this.#report(nowMs, group.address, MODE_IS_EXCLUDE);
      }
    }
    this.#groups = this.#groups.filter(({ joined, changesLeft }) => joined || changesLeft > 0);
  }

  #isNeeded(group: Readonly<IpAddress>): boolean {
    return this.#addresses.list.some(({ address, state }) => {
      if (isIpv4(address) || state === 'duplicate') return false;
      solicitedNodeOf(address, this.#group);
      return sameAddress(this.#group, group);
    });
  }

  #change(nowMs: number, group: Group, joined: boolean): void {
    group.joined = joined;
    group.changesLeft = ROBUSTNESS;
    group.changeAtMs = nowMs;
    group.answerAtMs = Infinity;
  }

  #tellChange(nowMs: number, group: Group): void {
    group.changesLeft--;
    group.changeAtMs = group.changesLeft > 0 ? nowMs + this.#random() * UNSOLICITED_MS : Infinity;
    this.#report(nowMs, group.address, group.joined ? CHANGE_TO_EXCLUDE : CHANGE_TO_INCLUDE);
  }

  #report(nowMs: number, group: Readonly<IpAddress>, record: number): void {
    const isV1 = nowMs < this.#v1UntilMs;
    // Version 1 routers forget by themselves who leaves.
    if (isV1 && record === CHANGE_TO_INCLUDE) return;
    const at = this.#frames.reserve(FRAME_MAX_BYTES);
    if (at < 0) return;
    const { bytes } = this.#frames;
    const to = isV1 ? group : MLDV2_ROUTERS;
    // "if a valid link-local address is not available ... the unspecified address" — RFC 3590 §4
    const source = this.#addresses.linkLocal()?.address ?? ANY_IPV6;
    const ipAt = writeEthernet(bytes, at, multicastMac(to), this.#mac, ETHERTYPE_IPV6);
    const icmpAt = writeRouterAlert(bytes, ipAt + IPV6_HEADER_BYTES, PROTOCOL_ICMPV6);
    const end = isV1
      ? writeReportV1(bytes, icmpAt, group)
      : writeRecord(bytes, writeReport(bytes, icmpAt, 1), record, group);
    writeIpv6(bytes, ipAt, end - ipAt, HOP_BY_HOP, source, to, 1, 0, 0);
    finishIcmpv6(bytes, icmpAt, end, pseudoHeaderSum6(source, to, PROTOCOL_ICMPV6));
    this.#frames.commit(end - at);
    this.#counters.mldSent++;
  }
}
