/** Neighbor Discovery and listener messages on their way out: whole frames, written in place. */

import { ETHERNET_HEADER_BYTES, ETHERTYPE_IPV6, writeEthernet } from '@tcpstack/wire/ethernet';
import { finishIcmpv6 } from '@tcpstack/wire/icmpv6';
import { ANY_IPV6, IpAddress, setAddress } from '@tcpstack/wire/ip-address';
import { IPV6_HEADER_BYTES, PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import { NA_ROUTER, NDP_HOPS, solicitedNodeOf } from '@tcpstack/wire/ndp';
import {
  SOURCE_LINK_LAYER_ADDRESS,
  TARGET_LINK_LAYER_ADDRESS,
  writeLinkLayerAddress,
  writeNonce,
} from '@tcpstack/wire/ndp-options';
import {
  writeNeighborAdvertisement,
  writeNeighborSolicitation,
  writeRouterSolicitation,
} from '@tcpstack/wire/ndp-write';
import type { EthernetCounters } from './ethernet-counters.ts';
import type { FrameQueue } from './frame-queue.ts';
import { multicastMac } from './multicast.ts';

/** More than any of these messages has. */
const FRAME_MAX_BYTES = 128;
/** "ff02::1" and "ff02::2" (RFC 4291 §2.7.1). */
export const ALL_NODES: Readonly<IpAddress> = new IpAddress(0xff02_0000 | 0, 0, 0, 1);
export const ALL_ROUTERS: Readonly<IpAddress> = new IpAddress(0xff02_0000 | 0, 0, 0, 2);

/** Writes them for one interface. */
export class NdpSender {
  readonly #mac: number;
  readonly #frames: FrameQueue;
  readonly #counters: EthernetCounters;
  readonly #isRouter: () => boolean;
  readonly #to = new IpAddress();

  /** @param isRouter Whether we pass packets of others on. */
  constructor(mac: number, frames: FrameQueue, counters: EthernetCounters, isRouter: () => boolean) {
    this.#mac = mac;
    this.#frames = frames;
    this.#counters = counters;
    this.#isRouter = isRouter;
  }

  /**
   * Neighbor solicitation: to the neighbour itself at `toMac`, or (-1) to the group of those who may have the address.
   *
   * "If the solicitation is being sent to a solicited-node multicast address, the sender MUST include its link-layer
   * address (if it has one) as a Source Link-Layer Address option. Otherwise, the sender SHOULD" — RFC 4861 §7.2.2
   */
  solicit(target: Readonly<IpAddress>, source: Readonly<IpAddress>, toMac: number): void {
    const at = this.#begin();
    if (at < 0) return;
    if (toMac < 0) solicitedNodeOf(target, this.#to);
    else setAddress(this.#to, target);
    const options = writeNeighborSolicitation(this.#frames.bytes, icmpAt(at), target);
    const end = writeLinkLayerAddress(this.#frames.bytes, options, SOURCE_LINK_LAYER_ADDRESS, this.#mac);
    this.#finish(at, end, toMac < 0 ? multicastMac(this.#to) : toMac, source);
  }

  /** The solicitation of duplicate address detection (RFC 4862 §5.4.2), with a nonce to know our own by (RFC 7527). */
  solicitDuplicate(target: Readonly<IpAddress>, nonce: number): void {
    const at = this.#begin();
    if (at < 0) return;
    solicitedNodeOf(target, this.#to);
    const options = writeNeighborSolicitation(this.#frames.bytes, icmpAt(at), target);
    const end = writeNonce(this.#frames.bytes, options, nonce);
    this.#finish(at, end, multicastMac(this.#to), ANY_IPV6);
  }

  /**
   * Neighbor advertisement of our own address `target`.
   *
   * @param flags `NA_*`, but for that of routers, which we are while we forward (RFC 4861 §7.2.4).
   */
  advertise(target: Readonly<IpAddress>, to: Readonly<IpAddress>, toMac: number, flags: number): void {
    const at = this.#begin();
    if (at < 0) return;
    setAddress(this.#to, to);
    const all = flags | (this.#isRouter() ? NA_ROUTER : 0);
    const options = writeNeighborAdvertisement(this.#frames.bytes, icmpAt(at), target, all);
    const end = writeLinkLayerAddress(this.#frames.bytes, options, TARGET_LINK_LAYER_ADDRESS, this.#mac);
    this.#finish(at, end, toMac, target);
  }

  /** Router solicitation from our link-local address. */
  solicitRouters(source: Readonly<IpAddress>): void {
    const at = this.#begin();
    if (at < 0) return;
    setAddress(this.#to, ALL_ROUTERS);
    this.#counters.routerSolicitationsSent++;
    const options = writeRouterSolicitation(this.#frames.bytes, icmpAt(at));
    const end = writeLinkLayerAddress(this.#frames.bytes, options, SOURCE_LINK_LAYER_ADDRESS, this.#mac);
    this.#finish(at, end, multicastMac(ALL_ROUTERS), source);
  }

  #begin(): number {
    return this.#frames.reserve(FRAME_MAX_BYTES);
  }

  /** Puts checksum and headers around the message that ends at `end`, to `#to`. */
  #finish(at: number, end: number, toMac: number, source: Readonly<IpAddress>): void {
    const { bytes } = this.#frames;
    const ipAt = writeEthernet(bytes, at, toMac, this.#mac, ETHERTYPE_IPV6);
    writeIpv6(bytes, ipAt, end - ipAt, PROTOCOL_ICMPV6, source, this.#to, NDP_HOPS, 0, 0);
    finishIcmpv6(bytes, icmpAt(at), end, pseudoHeaderSum6(source, this.#to, PROTOCOL_ICMPV6));
    this.#frames.commit(end - at);
    this.#counters.ndpSent++;
  }
}

/** Where the message of the frame at `at` begins. */
function icmpAt(at: number): number {
  return at + ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES;
}
