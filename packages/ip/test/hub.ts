/** An Ethernet hub in virtual time: whoever sends, all others hear it. Stations are ports of ours, or the test itself. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import {
  IpAddress as Address,
  copyOf,
  formatAddress,
  type IpAddress,
  isIpv4,
  parseAddress,
  samePrefix,
} from '@tcpstack/wire/ip-address';
import { writeIpv4 } from '@tcpstack/wire/ipv4';
import { writeIpv6 } from '@tcpstack/wire/ipv6';
import type { EthernetOptions } from '../src/ethernet-options.ts';
import { EthernetPort } from '../src/ethernet-port.ts';
import type { LinkAddress, LinkEvents } from '../src/link-address.ts';
import { isUsable } from '../src/link-address.ts';
import type { NextHops } from '../src/next-hops.ts';

/** One frame that crossed the hub. */
export interface Crossed {
  readonly atMs: number;
  readonly from: Station | null;
  readonly bytes: Uint8Array;
}

/** Numbers that follow from the seed, 0 to 1 (a multiplicative congruential generator). */
export function numbers(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** An address from its text. */
export function ip(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return address;
}

/** A host with one interface, as far as the link layer needs one. */
export class Station implements LinkEvents, NextHops {
  readonly port: EthernetPort;
  readonly hub: Hub;
  readonly macAddress: number;
  /** What the port told, one line each. */
  readonly told: string[] = [];
  /** IP packets that arrived for the host. */
  readonly received: Uint8Array[] = [];
  readonly prefixes: { prefix: IpAddress; bits: number }[] = [];
  router: IpAddress | null = null;
  /** The router for IPv4. */
  gateway: IpAddress | null = null;

  constructor(hub: Hub, macAddress: number, options: Partial<EthernetOptions>) {
    this.hub = hub;
    this.macAddress = macAddress;
    const random = numbers(macAddress % 1_000_003);
    this.port = new EthernetPort({ macAddress, mtuBytes: 1500, random, events: this, nextHops: this, ...options });
  }

  add(text: string): LinkAddress {
    const [address, bits] = text.split('/');
    return this.port.addAddress(this.hub.nowMs, ip(address as string), Number(bits));
  }

  addressChanged({ address, state }: LinkAddress): void {
    this.told.push(`${formatAddress(address)} ${state}`);
  }
  addressRemoved({ address }: LinkAddress): void {
    this.told.push(`${formatAddress(address)} removed`);
  }
  prefixChanged(prefix: Readonly<IpAddress>, bits: number, isOnLink: boolean): void {
    this.told.push(`${formatAddress(prefix)}/${bits} ${isOnLink ? 'on' : 'off'}`);
    if (isOnLink) this.prefixes.push({ prefix: copyOf(prefix), bits });
    else
      this.prefixes.splice(
        0,
        this.prefixes.length,
        ...this.prefixes.filter((one) => !samePrefix(one.prefix, prefix, bits)),
      );
  }
  routerChanged(router: Readonly<IpAddress> | null): void {
    this.told.push(`router ${router === null ? 'none' : formatAddress(router)}`);
    this.router = router === null ? null : copyOf(router);
  }
  mtuChanged(mtuBytes: number): void {
    this.told.push(`mtu ${mtuBytes}`);
  }
  hopsChanged(hops: number): void {
    this.told.push(`hops ${hops}`);
  }
  unreachable(bytes: Uint8Array, at: number, end: number): void {
    this.told.push(`unreachable ${end - at} bytes`);
    if (bytes.length < end) throw new Error('a packet lies within its array');
  }

  nextHopFor(destination: Readonly<IpAddress>, into: IpAddress): boolean {
    const isNear =
      this.prefixes.some(({ prefix, bits }) => samePrefix(prefix, destination, bits)) ||
      this.port.addresses.list.some(
        (own) =>
          isUsable(own) &&
          samePrefix(own.address, destination, isIpv4(own.address) ? 96 + own.prefixBits : own.prefixBits),
      );
    const hop = isNear ? destination : isIpv4(destination) ? this.gateway : this.router;
    if (hop === null) return false;
    into.w0 = hop.w0;
    into.w1 = hop.w1;
    into.w2 = hop.w2;
    into.w3 = hop.w3;
    return true;
  }

  /** Sends an IP packet of the host's, and lets what follows from it happen. */
  send(packet: Uint8Array): void {
    this.sendMany([packet]);
  }

  /** Sends several in one batch. */
  sendMany(packets: readonly Uint8Array[]): void {
    const batch = this.hub.batch();
    for (const packet of packets) {
      batch.arena.set(packet, batch.reserve(packet.length));
      batch.commit(packet.length, 0, 0);
    }
    this.port.frame(this.hub.nowMs, batch, 0);
    this.hub.carry(this, batch);
    this.hub.settle();
  }

  /** An empty UDP-like packet (no transport header is looked at here) to `to`. */
  packet(to: string, from?: string): Uint8Array {
    const destination = ip(to);
    const source = from === undefined ? this.port.addresses.sourceFor(destination)?.address : ip(from);
    if (source === undefined) throw new Error('there is no source address');
    if (isIpv4(destination)) {
      const bytes = new Uint8Array(28);
      writeIpv4(bytes, 0, 28, 17, source.w3, destination.w3, 1, 0, 64, 0);
      return bytes;
    }
    const bytes = new Uint8Array(48);
    writeIpv6(bytes, 0, 48, 17, source, destination, 64, 0, 0);
    return bytes;
  }
}

/** The hub. */
export class Hub {
  nowMs: number;
  readonly stations: Station[] = [];
  /** Everything that crossed. */
  readonly log: Crossed[] = [];
  /** False drops the frame for this listener. */
  hears: (frame: Crossed, listener: Station) => boolean = () => true;
  readonly #batch = new PacketBatch({ capacityPackets: 64, arenaBytes: 512 * 1024, headroomBytes: 32 });

  constructor(nowMs = 0) {
    this.nowMs = nowMs;
  }

  /** Plugs in a station. Quiet ones do nothing of themselves: no link-local address, no routers, no checks. */
  station(macAddress: number, options: Partial<EthernetOptions> = {}): Station {
    const station = new Station(this, macAddress, options);
    this.stations.push(station);
    return station;
  }

  quiet(macAddress: number, ...addresses: string[]): Station {
    const station = this.station(macAddress, { dadTransmits: 0, linkLocal: false, acceptsRouters: false });
    for (const text of addresses) station.add(text);
    return station;
  }

  batch(): PacketBatch {
    this.#batch.clear();
    return this.#batch;
  }

  /** A frame made by hand. */
  inject(bytes: Uint8Array): void {
    this.#spread({ atMs: this.nowMs, from: null, bytes });
    this.settle();
  }

  /** Lets everybody say what they have to say now. */
  settle(): void {
    for (let round = 0; round < 10_000; round++) {
      let any = false;
      for (const station of this.stations) {
        if (station.port.pollDeadlineMs() <= this.nowMs) station.port.handleTimeout(this.nowMs);
        const batch = this.batch();
        station.port.pollTransmit(batch);
        any ||= batch.count > 0;
        this.carry(station, batch);
      }
      if (!any) return;
    }
    throw new Error('the stations never fall silent');
  }

  /** Lets the time pass, deadline by deadline. */
  run(ms: number): this {
    const untilMs = this.nowMs + ms;
    this.settle();
    for (;;) {
      const nextMs = Math.min(...this.stations.map(({ port }) => port.pollDeadlineMs()));
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(nextMs, this.nowMs);
      for (const { port } of this.stations) port.handleTimeout(this.nowMs);
      this.settle();
    }
    this.nowMs = untilMs;
    return this;
  }

  /** Frames that crossed since the last call. */
  take(): Crossed[] {
    return this.log.splice(0);
  }

  carry(from: Station, batch: PacketBatch): void {
    const frames: Uint8Array[] = [];
    for (let i = 0; i < batch.count; i++) {
      frames.push(batch.arena.slice(batch.offsetAt(i), batch.offsetAt(i) + batch.lengthAt(i)));
    }
    for (const bytes of frames) this.#spread({ atMs: this.nowMs, from, bytes });
  }

  #spread(frame: Crossed): void {
    this.log.push(frame);
    for (const station of this.stations) {
      if (station === frame.from || !this.hears(frame, station)) continue;
      const at = station.port.arrive(this.nowMs, frame.bytes, 0, frame.bytes.length);
      if (at >= 0) station.received.push(frame.bytes.slice(at));
    }
  }
}

export { Address };
