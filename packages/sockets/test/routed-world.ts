/** Two hosts with a router of ours between them, in virtual time: each has a link of its own to it. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { type DecodedPacket, decodePacket } from '@tcpstack/wire/decode';
import { finishPacket } from '@tcpstack/wire/finish';
import { expect } from 'vitest';
import { Host, type InterfaceOptions, type Settings } from '../src/host.ts';
import { entropy, type Family } from './world.ts';

/** What a link may be besides plain. */
export interface LinkShape extends Partial<Pick<InterfaceOptions, 'mtuBytes' | 'superSegmentBytes' | 'checksum'>> {
  /** Of all on it: "fe80::1/64". */
  readonly moreAddress?: string;
}

/** Where something crossed: the link of `near`, or that of `far`. */
export type Side = 'near' | 'far';

/** One packet that crossed a link. */
export interface Crossed extends DecodedPacket {
  readonly side: Side;
  /** From the router, or to it. */
  readonly way: 'from-router' | 'to-router';
  readonly bytes: Uint8Array;
  readonly segmentBytes: number;
}

/** How the world is to be. */
export interface RoutedOptions {
  readonly family?: Family;
  readonly near?: LinkShape;
  readonly far?: LinkShape;
  /** Of the router. Default: it forwards. */
  readonly settings?: Partial<Settings>;
}

export const FORWARDS: Partial<Settings> = { forwardIpv4: true, forwardIpv6: true };
const ROUNDS_MAX = 10_000;

/** Addresses: the router's ends are .1 and ::1 of each link, the hosts' .2 and ::2. */
export function addressOn(family: Family, side: Side, host: number): string {
  return family === 4 ? `10.0.${side === 'near' ? 0 : 1}.${host}` : `fd00:${side === 'near' ? 1 : 2}::${host}`;
}

/** The world. */
export class RoutedWorld {
  nowMs = 0;
  readonly near: Host;
  readonly far: Host;
  readonly router: Host;
  readonly log: Crossed[] = [];
  /** False drops the packet. */
  passes: (packet: Crossed) => boolean = () => true;
  readonly #batch = new PacketBatch({ capacityPackets: 64, arenaBytes: 512 * 1024 });

  constructor({ family = 4, near = {}, far = {}, settings = FORWARDS }: RoutedOptions = {}) {
    const bits = family === 4 ? 24 : 64;
    const end = (side: Side, host: number, { moreAddress, ...shape }: LinkShape): InterfaceOptions => ({
      name: side,
      mtuBytes: 1500,
      ...shape,
      addresses: [`${addressOn(family, side, host)}/${bits}`, ...(moreAddress === undefined ? [] : [moreAddress])],
    });
    const all = family === 4 ? '0.0.0.0/0' : '::/0';
    const hostOn = (side: Side, shape: LinkShape, seed: number): Host =>
      new Host({
        interfaces: [end(side, 2, shape)],
        routes: [{ to: all, via: addressOn(family, side, 1) }],
        entropy: entropy(seed),
      });
    this.near = hostOn('near', near, 1);
    this.far = hostOn('far', far, 2);
    const interfaces = [end('near', 1, near), end('far', 1, far)];
    this.router = new Host({ interfaces, entropy: entropy(3), settings });
  }

  /** Lets packets cross until nothing more happens without the clock. */
  settle(): this {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const crossed = [
        this.#collect(this.near, 1, 'near', 'to-router'),
        this.#collect(this.far, 1, 'far', 'to-router'),
        this.#collect(this.router, 1, 'near', 'from-router'),
        this.#collect(this.router, 2, 'far', 'from-router'),
      ];
      if (!crossed.includes(true)) return this;
    }
    throw new Error('the hosts never fall silent');
  }

  /** Lets the time pass, deadline by deadline. */
  run(ms: number): this {
    const untilMs = this.nowMs + ms;
    const hosts = [this.near, this.far, this.router];
    this.settle();
    for (;;) {
      const nextMs = Math.min(...hosts.map((host) => host.pollDeadlineMs()));
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(nextMs, this.nowMs);
      for (const host of hosts) host.handleTimeout(this.nowMs);
      this.settle();
    }
    this.nowMs = untilMs;
    for (const host of hosts) host.advance(untilMs);
    return this;
  }

  /** A packet of the test's own comes to the router from one side; what crosses upon it. */
  inject(side: Side, bytes: Uint8Array, flags = 0, segmentBytes = 0): Crossed[] {
    this.log.length = 0;
    this.giveRouter(side, bytes, flags, segmentBytes);
    this.settle();
    return this.log;
  }

  /** The same, and nothing crosses yet. */
  giveRouter(side: Side, bytes: Uint8Array, flags = 0, segmentBytes = 0): void {
    this.#give(this.router, side === 'near' ? 1 : 2, bytes, flags, segmentBytes);
  }

  #collect(host: Host, interfaceIndex: number, side: Side, way: Crossed['way']): boolean {
    let any = false;
    for (let more = true; more; ) {
      const batch = this.#batch;
      batch.clear();
      more = host.pollTransmit(this.nowMs, batch, interfaceIndex);
      any ||= batch.count > 0;
      const sent = Array.from({ length: batch.count }, (_, i) => {
        const at = batch.offsetAt(i);
        return [batch.arena.slice(at, at + batch.lengthAt(i)), batch.flagsAt(i), batch.segmentBytesAt(i)] as const;
      });
      for (const [bytes, flags, segmentBytes] of sent) this.#cross(side, way, bytes, flags, segmentBytes);
    }
    return any;
  }

  #cross(side: Side, way: Crossed['way'], bytes: Uint8Array, flags: number, segmentBytes: number): void {
    const seen = bytes.slice();
    if ((flags & PKT_CSUM_PARTIAL) !== 0) finishPacket(seen, 0, seen.length);
    const packet: Crossed = { ...decodePacket(seen), side, way, bytes, segmentBytes };
    // Everything that leaves a host is well formed, whatever came in.
    expect(packet.fault).toBeNull();
    this.log.push(packet);
    if (!this.passes(packet)) return;
    if (way === 'to-router') this.giveRouter(side, bytes, flags, segmentBytes);
    else this.#give(side === 'near' ? this.near : this.far, 1, bytes, flags, segmentBytes);
  }

  #give(host: Host, interfaceIndex: number, bytes: Uint8Array, flags: number, segmentBytes: number): void {
    const batch = new PacketBatch({ capacityPackets: 1, arenaBytes: 72 * 1024 });
    batch.arena.set(bytes, batch.reserve(bytes.length));
    batch.commit(bytes.length, flags, segmentBytes);
    host.handlePackets(this.nowMs, batch, interfaceIndex);
  }
}
