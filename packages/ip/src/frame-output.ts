/** The way out on Ethernet: each packet gets its neighbour's header in front, or waits until the neighbour is known. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import {
  ETHERNET_HEADER_BYTES,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  MAC_BROADCAST,
  writeEthernet,
} from '@tcpstack/wire/ethernet';
import { IpAddress, isMulticast, readIpv4Address, readIpv6Address } from '@tcpstack/wire/ip-address';
import type { EthernetCounters } from './ethernet-counters.ts';
import { isBroadcast, type LinkAddresses } from './link-address.ts';
import { multicastMac } from './multicast.ts';
import type { Neighbour, WaitingPacket } from './neighbour.ts';
import type { NeighbourTable } from './neighbours.ts';
import type { NextHops } from './next-hops.ts';
import type { Redirects } from './redirects.ts';

/** A packet whose wait is over. */
export interface Released {
  readonly header: Uint8Array;
  readonly packet: WaitingPacket;
}

/** The output of one interface. */
export class FrameOutput {
  readonly #mac: number;
  readonly #addresses: LinkAddresses;
  readonly #nextHops: NextHops;
  readonly #redirects: Redirects;
  readonly #ipv4Neighbours: NeighbourTable;
  readonly #ipv6Neighbours: NeighbourTable;
  readonly #counters: EthernetCounters;
  readonly #released: Released[];
  readonly #source = new IpAddress();
  readonly #destination = new IpAddress();
  readonly #hop = new IpAddress();

  /** @param released Packets whose wait is over: the owner appends, this takes. */
  constructor(
    mac: number,
    addresses: LinkAddresses,
    nextHops: NextHops,
    redirects: Redirects,
    ipv4Neighbours: NeighbourTable,
    ipv6Neighbours: NeighbourTable,
    counters: EthernetCounters,
    released: Released[],
  ) {
    this.#mac = mac;
    this.#addresses = addresses;
    this.#nextHops = nextHops;
    this.#redirects = redirects;
    this.#ipv4Neighbours = ipv4Neighbours;
    this.#ipv6Neighbours = ipv6Neighbours;
    this.#counters = counters;
    this.#released = released;
  }

  /** Makes frames of the IP packets in `batch` from number `from` on; those that cannot go yet, or at all, are taken out. */
  frame(nowMs: number, batch: PacketBatch, from: number): void {
    for (let i = from; i < batch.count; ) {
      if (this.#frameOne(nowMs, batch, i)) i++;
      else batch.remove(i);
    }
  }

  /** Whether packets wait for room in a batch. */
  get pending(): boolean {
    return this.#released.length > 0;
  }

  /** Moves packets whose wait is over into `batch`; false when it is full and some still wait. */
  pollTransmit(batch: PacketBatch): boolean {
    const released = this.#released;
    let taken = 0;
    for (; taken < released.length; taken++) {
      const { header, packet } = released[taken] as Released;
      const lengthBytes = ETHERNET_HEADER_BYTES + packet.bytes.length;
      if (!batch.hasRoom(lengthBytes)) break;
      const at = batch.reserve(lengthBytes);
      batch.arena.set(header, at);
      batch.arena.set(packet.bytes, at + ETHERNET_HEADER_BYTES);
      batch.commit(lengthBytes, packet.flags, packet.segmentBytes);
    }
    released.splice(0, taken);
    return released.length === 0;
  }

  #frameOne(nowMs: number, batch: PacketBatch, i: number): boolean {
    const { arena } = batch;
    const at = batch.offsetAt(i);
    const isV4 = (arena[at] as number) >> 4 === 4;
    if (isV4) readIpv4Address(arena, at + 16, this.#destination);
    else readIpv6Address(arena, at + 24, this.#destination);
    const groupMac = this.#groupMac();
    if (groupMac >= 0) {
      const type = isV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
      writeEthernet(arena, at - ETHERNET_HEADER_BYTES, groupMac, this.#mac, type);
    } else {
      const neighbour = this.#neighbourFor(nowMs, isV4);
      if (neighbour === null) {
        this.#counters.noNextHop++;
        return false;
      }
      if (isV4) readIpv4Address(arena, at + 12, this.#source);
      else readIpv6Address(arena, at + 8, this.#source);
      const table = isV4 ? this.#ipv4Neighbours : this.#ipv6Neighbours;
      if (!table.use(nowMs, neighbour, this.#source)) {
        const bytes = arena.slice(at, at + batch.lengthAt(i));
        table.hold(neighbour, { bytes, flags: batch.flagsAt(i), segmentBytes: batch.segmentBytesAt(i) });
        return false;
      }
      copyHeader(neighbour, arena, at - ETHERNET_HEADER_BYTES);
    }
    batch.prepend(i, ETHERNET_HEADER_BYTES);
    return true;
  }

  /** Ethernet address of the group that `#destination` is, or -1. */
  #groupMac(): number {
    if (isMulticast(this.#destination)) return multicastMac(this.#destination);
    return isBroadcast(this.#addresses, this.#destination) ? MAC_BROADCAST : -1;
  }

  #neighbourFor(nowMs: number, isV4: boolean): Neighbour | null {
    if (!this.#nextHops.nextHopFor(this.#destination, this.#hop)) return null;
    if (isV4) return this.#ipv4Neighbours.need(nowMs, this.#hop);
    return this.#ipv6Neighbours.need(nowMs, this.#redirects.nextHopFor(this.#destination, this.#hop));
  }
}

/** Fourteen bytes: for so few a loop is as fast as `set`, and makes no view. */
function copyHeader({ header }: Neighbour, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < ETHERNET_HEADER_BYTES; i++) bytes[at + i] = header[i] as number;
}
