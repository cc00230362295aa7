/** Neighbor Discovery (RFC 4861 §7): answers solicitations, and believes advertisements as far as it should. */

import { readMac } from '@tcpstack/wire/ethernet';
import { IpAddress, isAny } from '@tcpstack/wire/ip-address';
import {
  advertisementFlags,
  checkNdp,
  NA_OVERRIDE,
  NA_ROUTER,
  NA_SOLICITED,
  NEIGHBOR_ADVERTISEMENT,
  NEIGHBOR_MESSAGE_BYTES,
  NEIGHBOR_SOLICITATION,
  REDIRECT,
  ROUTER_ADVERTISEMENT,
  readTarget,
} from '@tcpstack/wire/ndp';
import {
  findNdpOption,
  linkLayerAddress,
  NONCE,
  SOURCE_LINK_LAYER_ADDRESS,
  TARGET_LINK_LAYER_ADDRESS,
} from '@tcpstack/wire/ndp-options';
import type { DuplicateDetection } from './dad.ts';
import type { EthernetCounters } from './ethernet-counters.ts';
import { isUsable, type LinkAddress, type LinkAddresses } from './link-address.ts';
import { multicastMac } from './multicast.ts';
import { ALL_NODES, type NdpSender } from './ndp-send.ts';
import type { Neighbour } from './neighbour.ts';
import type { NeighbourTable } from './neighbours.ts';

/** A message of ICMPv6 in its frame. One record, used again for each. */
export interface NdpMessage {
  bytes: Uint8Array;
  /** Where the Ethernet header begins. */
  frameAt: number;
  /** Where the ICMPv6 header begins. */
  at: number;
  end: number;
  hops: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

/** Messages of routers go on to these. */
export interface RouterMessages {
  advertised(nowMs: number, message: NdpMessage): void;
  redirected(nowMs: number, message: NdpMessage): void;
  /** It says that it is a router no more. */
  routerResigned(nowMs: number, address: Readonly<IpAddress>): void;
}

/** Neighbor Discovery of one interface. */
export class Ndp {
  readonly #sender: NdpSender;
  readonly #addresses: LinkAddresses;
  readonly #neighbours: NeighbourTable;
  readonly #duplicates: DuplicateDetection;
  readonly #routers: RouterMessages;
  readonly #counters: EthernetCounters;
  readonly #target = new IpAddress();

  constructor(
    sender: NdpSender,
    addresses: LinkAddresses,
    neighbours: NeighbourTable,
    duplicates: DuplicateDetection,
    routers: RouterMessages,
    counters: EthernetCounters,
  ) {
    this.#sender = sender;
    this.#addresses = addresses;
    this.#neighbours = neighbours;
    this.#duplicates = duplicates;
    this.#routers = routers;
    this.#counters = counters;
  }

  /** Takes a message whose checksum is right. */
  arrive(nowMs: number, message: NdpMessage): void {
    this.#counters.ndpReceived++;
    const { bytes, at, end, hops, source, destination } = message;
    if (checkNdp(bytes, at, end, hops, source, destination) !== null) {
      this.#counters.ndpBad++;
      return;
    }
    switch (bytes[at]) {
      case NEIGHBOR_SOLICITATION:
        this.#solicited(nowMs, message);
        return;
      case NEIGHBOR_ADVERTISEMENT:
        this.#advertised(nowMs, message);
        return;
      case ROUTER_ADVERTISEMENT:
        this.#routers.advertised(nowMs, message);
        return;
      case REDIRECT:
        this.#routers.redirected(nowMs, message);
        return;
      default:
      // "A host MUST silently discard any received Router Solicitation messages." — RFC 4861 §6.2.6
    }
  }

  /** Asks for a neighbour: the group it must be in, or itself when we know where it was. */
  solicit(neighbour: Neighbour, isUnicast: boolean): void {
    const source = this.#addresses.askFrom(neighbour.address, neighbour.source);
    if (source !== null) this.#sender.solicit(neighbour.address, source, isUnicast ? neighbour.mac : -1);
  }

  /** RFC 4861 §7.2.3, RFC 4862 §5.4.3. */
  #solicited(nowMs: number, message: NdpMessage): void {
    const { bytes, at, end, source } = message;
    readTarget(bytes, at, this.#target);
    const own = this.#addresses.find(this.#target);
    if (own === null || own.state === 'duplicate') return;
    if (own.state === 'tentative') {
      // "If the source address of the Neighbor Solicitation is the unspecified address, the solicitation is from a node
      // performing Duplicate Address Detection"; from anybody else: "the solicitation's sender is performing address
      // resolution on the target; the solicitation should be silently ignored." — RFC 4862 §5.4.3
      const nonceAt = findNdpOption(bytes, at + NEIGHBOR_MESSAGE_BYTES, end, NONCE);
      if (isAny(source)) this.#duplicates.solicited(own, nonceAt < 0 ? -1 : readMac(bytes, nonceAt + 2));
      return;
    }
    this.#answer(nowMs, message, own);
  }

  /** RFC 4861 §7.2.4. */
  #answer(nowMs: number, message: NdpMessage, own: LinkAddress): void {
    const { bytes, frameAt, at, end, source } = message;
    if (isAny(source)) {
      // "If the source of the solicitation is the unspecified address, the node MUST set the Solicited flag to zero and
      // multicast the advertisement to the all-nodes address."
      this.#sender.advertise(own.address, ALL_NODES, multicastMac(ALL_NODES), NA_OVERRIDE);
      return;
    }
    const optionAt = findNdpOption(bytes, at + NEIGHBOR_MESSAGE_BYTES, end, SOURCE_LINK_LAYER_ADDRESS);
    // Who gives no address is answered where the frame came from; only what the option says is remembered.
    const toMac = optionAt < 0 ? readMac(bytes, frameAt + 6) : linkLayerAddress(bytes, optionAt);
    if (!isStation(toMac)) return;
    if (optionAt >= 0) {
      const entry = this.#neighbours.need(nowMs, source);
      if (entry !== null) this.#neighbours.learn(nowMs, entry, toMac, 'STALE', true);
    }
    this.#sender.advertise(own.address, source, toMac, NA_SOLICITED | NA_OVERRIDE);
  }

  /** RFC 4861 §7.2.5, RFC 4862 §5.4.4. */
  #advertised(nowMs: number, message: NdpMessage): void {
    const { bytes, at, end } = message;
    readTarget(bytes, at, this.#target);
    const own = this.#addresses.find(this.#target);
    if (own !== null) {
      // "If the target address is tentative, the tentative address is not unique." If it is ours already, somebody else
      // has it, too: "the behavior is outside the scope".
      if (own.state === 'tentative') this.#duplicates.advertised(own);
      else if (isUsable(own)) this.#counters.conflicts++;
      return;
    }
    const entry = this.#neighbours.find(this.#target);
    // "If no entry exists, the advertisement SHOULD be silently discarded."
    if (entry === null || entry.state === 'FAILED' || entry.state === 'NONE') return;
    const flags = advertisementFlags(bytes, at);
    const optionAt = findNdpOption(bytes, at + NEIGHBOR_MESSAGE_BYTES, end, TARGET_LINK_LAYER_ADDRESS);
    const isSolicited = (flags & NA_SOLICITED) !== 0;
    if (optionAt < 0) {
      // "If the link layer has addresses and no Target Link-Layer Address option is included, the receiving node SHOULD
      // silently discard the received advertisement" while INCOMPLETE
      if (entry.state === 'INCOMPLETE') return;
      if (isSolicited) this.#neighbours.confirmKnown(nowMs, entry);
    } else {
      const mac = linkLayerAddress(bytes, optionAt);
      if (!isStation(mac)) return;
      this.#neighbours.learn(nowMs, entry, mac, isSolicited ? 'REACHABLE' : 'STALE', (flags & NA_OVERRIDE) !== 0);
    }
    this.#setRouter(nowMs, entry, (flags & NA_ROUTER) !== 0);
  }

  /**
   * "The IsRouter flag in the cache entry MUST be set based on the Router flag in the received advertisement. In those
   * cases where the IsRouter flag changes from TRUE to FALSE as a result of this update, the node MUST remove that
   * router from the Default Router List" — RFC 4861 §7.2.5
   */
  #setRouter(nowMs: number, entry: Neighbour, isRouter: boolean): void {
    const resigned = entry.isRouter && !isRouter;
    entry.isRouter = isRouter;
    if (resigned) this.#routers.routerResigned(nowMs, entry.address);
  }
}

/** Whether one station may have this Ethernet address: it is of no group, and not zero. */
export function isStation(mac: number): boolean {
  return mac !== 0 && (Math.floor(mac / 0x100_0000_0000) & 1) === 0;
}
