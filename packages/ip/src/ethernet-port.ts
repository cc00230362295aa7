/** An Ethernet interface: frames in and out, and everything that finds out where packets for the link have to go. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import {
  checkEthernet,
  destination as destinationMac,
  ETHERNET_HEADER_BYTES,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  etherType,
  isGroupMac,
} from '@tcpstack/wire/ethernet';
import { PROTOCOL_IGMP } from '@tcpstack/wire/igmp';
import { type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import { Arp } from './arp.ts';
import { ArpConflicts } from './arp-conflict.ts';
import { DuplicateDetection } from './dad.ts';
import { createEthernetCounters, type EthernetCounters } from './ethernet-counters.ts';
import type { EthernetOptions } from './ethernet-options.ts';
import { FrameOutput, type Released } from './frame-output.ts';
import { FrameQueue } from './frame-queue.ts';
import { Icmpv6Filter } from './icmpv6-filter.ts';
import { GroupManagement } from './igmp.ts';
import { linkLocalOf } from './interface-id.ts';
import { isUsable, type LinkAddress, LinkAddresses, withAddressChanged } from './link-address.ts';
import { ListenerDiscovery } from './mld.ts';
import { Ndp } from './ndp.ts';
import { NdpSender } from './ndp-send.ts';
import { createNeighbourSettings, type Neighbour } from './neighbour.ts';
import { type NeighbourActions, NeighbourTable } from './neighbours.ts';
import { RouterDiscovery } from './router-discovery.ts';
import { RouterSolicitor } from './router-solicitor.ts';
import { isSentToMany } from './sent-to-many.ts';
import { Autoconfiguration } from './slaac.ts';

/** Where the header of IPv4 says what follows. */
const PROTOCOL_AT = 9;

/** One interface. Time comes in with each call, and never goes back. */
export class EthernetPort {
  readonly counters: EthernetCounters = createEthernetCounters();
  readonly addresses = new LinkAddresses();
  /** Our Ethernet address, 48 bits. */
  readonly macAddress: number;
  readonly ipv4Neighbours: NeighbourTable;
  readonly ipv6Neighbours: NeighbourTable;
  readonly #options: EthernetOptions;
  readonly #released: Released[] = [];
  readonly #frames = new FrameQueue(this.counters);
  readonly #arp: Arp;
  readonly #conflicts: ArpConflicts;
  readonly #ndp: Ndp;
  readonly #duplicates: DuplicateDetection;
  readonly #listeners: ListenerDiscovery;
  readonly #groups: GroupManagement;
  readonly #solicitor: RouterSolicitor;
  readonly #routers: RouterDiscovery;
  readonly #icmpv6: Icmpv6Filter;
  readonly #output: FrameOutput;
  #nowMs = 0;
  #isStarted = false;

  constructor(options: EthernetOptions) {
    this.#options = options;
    this.macAddress = options.macAddress;
    const { macAddress: mac, random, nextHops } = options;
    const { counters, addresses } = this;
    const frames = this.#frames;
    const own = withAddressChanged(options.events, (address) => this.#addressChanged(address));
    this.ipv4Neighbours = this.#createTable(ETHERTYPE_IPV4, (entry, isUnicast) => this.#arp.solicit(entry, isUnicast));
    this.ipv6Neighbours = this.#createTable(ETHERTYPE_IPV6, (entry, isUnicast) => this.#ndp.solicit(entry, isUnicast));
    this.#arp = new Arp(mac, frames, addresses, this.ipv4Neighbours, counters);
    this.#conflicts = new ArpConflicts(this.#arp, random, own, counters);
    const sender = new NdpSender(mac, frames, counters, () => options.isRouter?.() ?? false);
    const { settings } = this.ipv6Neighbours;
    this.#duplicates = new DuplicateDetection(sender, random, settings, options.dadTransmits ?? 1, own, counters);
    this.#listeners = new ListenerDiscovery(mac, random, frames, addresses, counters);
    this.#groups = new GroupManagement(mac, random, frames, addresses, counters);
    this.#solicitor = new RouterSolicitor(random, () => {
      const source = addresses.linkLocal();
      if (source !== null) sender.solicitRouters(source.address);
    });
    const slaac = new Autoconfiguration(
      mac,
      addresses,
      (nowMs, address) => this.#begin(nowMs, address),
      (address) => this.removeAddress(this.#nowMs, address),
      own,
    );
    this.#routers = new RouterDiscovery(
      this.ipv6Neighbours,
      slaac,
      this.#solicitor,
      nextHops,
      options.mtuBytes,
      options.events,
      counters,
    );
    this.#ndp = new Ndp(sender, addresses, this.ipv6Neighbours, this.#duplicates, this.#routers, counters);
    this.#icmpv6 = new Icmpv6Filter(this.#ndp, this.#listeners, counters, () => this.#acceptsRouters);
    this.#output = new FrameOutput(
      mac,
      addresses,
      nextHops,
      this.#routers.redirects,
      this.ipv4Neighbours,
      this.ipv6Neighbours,
      counters,
      this.#released,
    );
  }

  /**
   * Gives the interface an address.
   *
   * @param prefixBits As people write it: at most 32 for IPv4.
   */
  addAddress(nowMs: number, address: Readonly<IpAddress>, prefixBits: number): LinkAddress {
    this.#nowMs = nowMs;
    const isChecked = isIpv4(address) ? (this.#options.probesIpv4 ?? false) : this.#checksDuplicates;
    const own = this.addresses.add(address, prefixBits, 'manual', isChecked ? 'tentative' : 'preferred');
    if (this.#isStarted) this.#begin(nowMs, own);
    return own;
  }

  /** Takes an address away. */
  removeAddress(nowMs: number, own: LinkAddress): void {
    this.#nowMs = nowMs;
    this.addresses.remove(own);
    this.#conflicts.forget(own);
    this.#duplicates.forget(own);
    this.#listeners.followAddresses(nowMs);
    this.#options.events.addressRemoved(own);
  }

  /** A socket is the first to listen to a multicast group, or was the last one: routers and switches are told. */
  groupChanged(nowMs: number, group: Readonly<IpAddress>, joined: boolean): void {
    this.#nowMs = nowMs;
    (isIpv4(group) ? this.#groups : this.#listeners).groupChanged(nowMs, group, joined);
  }

  /**
   * Takes the frame `bytes[at, end)`.
   *
   * @returns Where the IP packet in it begins, or -1 when the frame was for the link layer, or for nobody here.
   */
  arrive(nowMs: number, bytes: Uint8Array, at: number, end: number): number {
    this.#nowMs = nowMs;
    const { counters } = this;
    counters.framesReceived++;
    const fault = checkEthernet(bytes, at, end);
    if (fault !== null) {
      if (fault === 'short-frame') counters.shortFrames++;
      else counters.notEthernetII++;
      return -1;
    }
    const isToMany = isGroupMac(bytes, at);
    if (isGroupMac(bytes, at + 6) || !(isToMany || destinationMac(bytes, at) === this.#options.macAddress)) {
      counters.foreignFrames++;
      return -1;
    }
    const ipAt = at + ETHERNET_HEADER_BYTES;
    switch (etherType(bytes, at)) {
      case ETHERTYPE_ARP:
        this.#arp.arrive(nowMs, bytes, at, end, this.#conflicts);
        return -1;
      case ETHERTYPE_IPV6:
        if (this.#icmpv6.take(nowMs, bytes, at, ipAt, end)) return -1;
        break;
      case ETHERTYPE_IPV4:
        if (bytes[ipAt + PROTOCOL_AT] !== PROTOCOL_IGMP || end - ipAt <= PROTOCOL_AT) break;
        this.#groups.arrive(nowMs, bytes, ipAt, end);
        return -1;
      default:
        counters.unknownEtherTypes++;
        return -1;
    }
    if (!isToMany || isSentToMany(this.addresses, bytes, ipAt, end)) return ipAt;
    counters.unicastInBroadcast++;
    return -1;
  }

  /** A neighbour hears us: the other end of a connection acknowledged something new. */
  confirm(nowMs: number, nextHop: Readonly<IpAddress>): void {
    (isIpv4(nextHop) ? this.ipv4Neighbours : this.ipv6Neighbours).confirm(nowMs, nextHop);
  }

  /** When `handleTimeout` is due: at once before the first, which starts the interface. */
  pollDeadlineMs(): number {
    if (!this.#isStarted) return 0;
    return Math.min(
      this.ipv4Neighbours.deadlineMs,
      this.ipv6Neighbours.deadlineMs,
      this.#conflicts.deadlineMs,
      this.#duplicates.deadlineMs,
      this.#listeners.deadlineMs,
      this.#groups.deadlineMs,
      this.#routers.deadlineMs,
    );
  }

  /** Does what is due at `nowMs`. */
  handleTimeout(nowMs: number): void {
    this.#nowMs = nowMs;
    if (!this.#isStarted) this.#start(nowMs);
    this.ipv4Neighbours.handleTimeout(nowMs);
    this.ipv6Neighbours.handleTimeout(nowMs);
    this.#conflicts.handleTimeout(nowMs);
    this.#duplicates.handleTimeout(nowMs);
    this.#listeners.handleTimeout(nowMs);
    this.#groups.handleTimeout(nowMs);
    this.#routers.handleTimeout(nowMs);
  }

  /** Whether `pollTransmit` has something. */
  get pending(): boolean {
    return this.#output.pending || this.#frames.pending;
  }

  /** Appends frames of the link layer's own, and packets whose wait is over; false when `batch` is full before the last. */
  pollTransmit(batch: PacketBatch): boolean {
    return this.#output.pollTransmit(batch) && this.#frames.pollTransmit(batch);
  }

  /** Makes frames of the IP packets in `batch` from number `from` on; those that cannot go yet, or at all, are taken out. */
  frame(nowMs: number, batch: PacketBatch, from: number): void {
    this.#nowMs = nowMs;
    this.#output.frame(nowMs, batch, from);
  }

  get #acceptsRouters(): boolean {
    return (this.#options.acceptsRouters ?? true) && !this.#options.isRouter?.();
  }

  get #checksDuplicates(): boolean {
    return (this.#options.dadTransmits ?? 1) > 0;
  }

  #start(nowMs: number): void {
    this.#isStarted = true;
    if (this.#options.linkLocal ?? true) {
      const state = this.#checksDuplicates ? 'tentative' : 'preferred';
      this.addresses.add(linkLocalOf(this.#options.macAddress), 64, 'link-local', state);
    }
    for (const own of [...this.addresses.list]) this.#begin(nowMs, own);
  }

  /** A new address: it is announced, or checked. */
  #begin(nowMs: number, own: LinkAddress): void {
    if (isIpv4(own.address)) this.#conflicts.watch(nowMs, own);
    else if (own.state === 'tentative') this.#duplicates.start(nowMs, own);
    this.#addressChanged(own);
  }

  #addressChanged(own: LinkAddress): void {
    this.#listeners.followAddresses(this.#nowMs);
    if (own.origin === 'link-local' && isUsable(own)) {
      this.#listeners.tellAgain(this.#nowMs);
      // Routers are asked from an address that they can answer: the link-local one, once it is checked.
      if (this.#acceptsRouters) this.#solicitor.start(this.#nowMs);
    }
    this.#options.events.addressChanged(own);
  }

  #createTable(etherType: number, solicit: NeighbourActions['solicit']): NeighbourTable {
    const { macAddress, random, events, neighboursIpv4, neighboursIpv6 } = this.#options;
    const actions: NeighbourActions = {
      solicit,
      resolved: (entry) => {
        for (const packet of entry.waiting) this.#released.push({ header: entry.header.slice(), packet });
        this.#routers.neighbourChanged(entry.address, false);
      },
      failed: (entry: Neighbour) => {
        for (const { bytes } of entry.waiting) events.unreachable(bytes, 0, bytes.length);
        this.#routers.neighbourChanged(entry.address, true);
      },
    };
    const settings = {
      ...createNeighbourSettings(),
      ...(etherType === ETHERTYPE_IPV4 ? neighboursIpv4 : neighboursIpv6),
    };
    return new NeighbourTable(settings, etherType, macAddress, random, actions, this.counters);
  }
}
