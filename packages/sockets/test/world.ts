/** A world for tests: Hosts in virtual time, joined by a pump of packets that can be filtered, delayed and read. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { formatIpv4 } from '@tcpstack/wire/address';
import { type DecodedPacket, decodePacket } from '@tcpstack/wire/decode';
import { finishPacket } from '@tcpstack/wire/finish';
import { findSourceRoute, insertOptions, isRouteCompleted } from '@tcpstack/wire/ip-options';
import { destination, headerBytes } from '@tcpstack/wire/ipv4';
import { summarizePacket } from '@tcpstack/wire/summary';
import { expect } from 'vitest';
import { Host, type HostOptions, type Settings } from '../src/host.ts';

/** One packet that a host sent, or that the test injected. */
export interface Logged extends DecodedPacket {
  readonly sentAtMs: number;
  /** The addresses of its IP header. */
  readonly from: string;
  readonly to: string;
  /** In the manner of tcpdump. */
  readonly line: string;
  /** The control bits of a segment, such as 'SYN,ACK'; 'ICMP' otherwise. */
  readonly kind: string;
  readonly payloadBytes: number;
  readonly bytes: Uint8Array;
  readonly flags: number;
  readonly segmentBytes: number;
}

/** Which addresses hosts have. */
export type Family = 4 | 6;
/** For `describe.each`. */
export const FAMILIES: readonly (readonly [name: string, family: Family])[] = [
  ['IPv4', 4],
  ['IPv6', 6],
];

/** Shape of a world. */
export interface WorldOptions {
  /** 4: their addresses are 10.0.0.1, 10.0.0.2 and so on. 6: fd00::1, fd00::2. Default 4. */
  readonly family?: Family;
  /** One entry a host, which may say its own address and more of them. Default: two plain hosts. */
  readonly hosts?: readonly Partial<HostOptions>[];
  /** Settings of every host. */
  readonly settings?: Partial<Settings>;
  /** How long each packet is under way. Default 0. */
  readonly delayMs?: number;
  readonly seed?: number;
  /** Packets of the batch that hosts send into. */
  readonly capacityPackets?: number;
  readonly arenaBytes?: number;
}

interface InFlight {
  readonly dueMs: number;
  readonly packet: Logged;
}

/** Rounds without the clock moving after which two ends that answer each other for ever are a failure. */
const ROUNDS_MAX = 20_000;

export class World {
  nowMs = 0;
  readonly hosts: readonly Host[];
  /** Everything that was sent, in order, dropped packets included. */
  readonly log: Logged[] = [];
  /** False drops the packet. */
  passes: (packet: Logged) => boolean = () => true;
  /** Hosts by each of their addresses. */
  readonly #owners = new Map<string, Host>();
  readonly #delayMs: number;
  readonly #outgoing: PacketBatch;
  readonly #incoming = new PacketBatch({ capacityPackets: 1, arenaBytes: 72 * 1024 });
  readonly #inFlight: InFlight[] = [];

  constructor(options: WorldOptions = {}) {
    this.#delayMs = options.delayMs ?? 0;
    this.#outgoing = new PacketBatch({
      capacityPackets: options.capacityPackets ?? 64,
      arenaBytes: options.arenaBytes ?? 256 * 1024,
    });
    this.hosts = (options.hosts ?? [{}, {}]).map(
      (own, i) =>
        new Host({
          address: addressOf(options.family ?? 4, i),
          mtuBytes: 1500,
          entropy: entropy((options.seed ?? 1) * 1000 + i),
          ...own,
          settings: { ...options.settings, ...own.settings },
        }),
    );
    for (const [i, own] of (options.hosts ?? [{}, {}]).entries()) {
      const texts = [this.host(i).address, ...(own.moreAddresses ?? [])];
      for (const text of texts) this.#owners.set(text.split('/')[0] ?? '', this.host(i));
    }
  }

  /** The host with this place in the list. */
  host(i: number): Host {
    const host = this.hosts[i];
    if (host === undefined) throw new Error(`there is no host ${i}`);
    return host;
  }

  /** Moves packets until nothing more happens without the clock. */
  settle(): this {
    for (let round = 0; ; round++) {
      const sent = this.#collect();
      const delivered = this.#deliver();
      if (!sent && !delivered) return this;
      if (round > ROUNDS_MAX) throw new Error(`the hosts never fall silent; last: ${this.log.at(-1)?.line}`);
    }
  }

  /** Lets the time pass, deadline by deadline. */
  run(ms: number): this {
    const untilMs = this.nowMs + ms;
    this.settle();
    for (let next = this.nextMs(); next <= untilMs; next = this.nextMs()) {
      this.#setClock(Math.max(next, this.nowMs));
      for (const host of this.hosts) host.handleTimeout(this.nowMs);
      this.settle();
    }
    this.#setClock(untilMs);
    return this;
  }

  /** When something happens next. */
  nextMs(): number {
    return Math.min(this.#inFlight[0]?.dueMs ?? Infinity, ...this.hosts.map((host) => host.pollDeadlineMs()));
  }

  /** A packet made by hand arrives at the host with its destination address, before anything else happens. */
  inject(bytes: Uint8Array, flags = 0): this {
    const packet = read(bytes, flags, 0, this.nowMs);
    this.log.push(packet);
    this.#arrive(packet);
    return this;
  }

  /** Like `inject`, but the packet arrives at host `i`, whatever its destination address. */
  injectInto(i: number, bytes: Uint8Array): this {
    const packet = read(bytes, 0, 0, this.nowMs);
    this.log.push(packet);
    this.#arrive(packet, this.host(i));
    return this;
  }

  /** Forgets the log, and returns what it said: one `kind` a packet. */
  takeKinds(): string[] {
    return this.log.splice(0).map(({ kind }) => kind);
  }

  /** Packets from host `i`, of this kind when given. */
  sentBy(i: number, kind?: string): Logged[] {
    const { address } = this.host(i);
    return this.log.filter((packet) => packet.from === address && (kind === undefined || packet.kind === kind));
  }

  /** The last packet logged. */
  last(): Logged {
    const packet = this.log.at(-1);
    if (packet === undefined) throw new Error('nothing was sent');
    return packet;
  }

  #setClock(nowMs: number): void {
    this.nowMs = nowMs;
    for (const host of this.hosts) host.advance(nowMs);
  }

  #collect(): boolean {
    let any = false;
    for (const host of this.hosts) {
      for (let more = true; more; ) {
        const batch = this.#outgoing;
        batch.clear();
        more = host.pollTransmit(this.nowMs, batch);
        for (let i = 0; i < batch.count; i++) this.#send(batch, i);
        any ||= batch.count > 0;
        expect(!more || batch.count > 0, 'a host that says "full" filled something').toBe(true);
      }
    }
    return any;
  }

  #send(batch: PacketBatch, i: number): void {
    const at = batch.offsetAt(i);
    const bytes = batch.arena.slice(at, at + batch.lengthAt(i));
    const packet = read(bytes, batch.flagsAt(i), batch.segmentBytesAt(i), this.nowMs);
    // Everything that leaves a host is well formed, whatever came in.
    expect(packet.fault, packet.line).toBeNull();
    this.log.push(packet);
    if (this.passes(packet)) this.#inFlight.push({ dueMs: this.nowMs + this.#delayMs, packet });
  }

  #deliver(): boolean {
    let due = 0;
    while (due < this.#inFlight.length && (this.#inFlight[due] as InFlight).dueMs <= this.nowMs) due++;
    for (const { packet } of this.#inFlight.splice(0, due)) this.#arrive(packet);
    return due > 0;
  }

  #arrive(packet: Logged, host = this.#owners.get(packet.to)): void {
    const batch = this.#incoming;
    batch.clear();
    batch.arena.set(packet.bytes, batch.reserve(packet.bytes.length));
    batch.commit(packet.bytes.length, packet.flags, packet.segmentBytes);
    host?.handlePackets(this.nowMs, batch);
  }
}

/** Of the host with this place in the list. */
export function addressOf(family: Family, i: number): string {
  return family === 4 ? `10.0.0.${i + 1}` : `fd00::${(i + 1).toString(16)}`;
}

/** Any address of the family. */
export function anyOf(family: Family): string {
  return family === 4 ? '0.0.0.0' : '::';
}

/** 32 bytes that follow from the seed (a multiplicative congruential generator). */
export function entropy(seed: number): Uint8Array {
  let state = (seed % 2147483646) + 1;
  return Uint8Array.from({ length: 32 }, () => {
    state = (state * 48271) % 2147483647;
    return state & 0xff;
  });
}

/** The packet as its ultimate destination gets it: with that one's address, of which the TCP checksum is. */
function arrivedForm(bytes: Uint8Array): Uint8Array {
  const header = bytes.length < 24 || isIpv6(bytes) ? 0 : headerBytes(bytes, 0);
  if (header <= 20 || header > bytes.length) return bytes;
  const routeAt = findSourceRoute(bytes, 0);
  if (routeAt <= 0 || isRouteCompleted(bytes, routeAt)) return bytes;
  const arrived = bytes.slice();
  const last = routeAt + (bytes[routeAt + 1] as number) - 4;
  arrived.set(bytes.subarray(last, last + 4), 16);
  insertOptions(arrived, 0, bytes.slice(20, header));
  return arrived;
}

function read(bytes: Uint8Array, flags: number, segmentBytes: number, sentAtMs: number): Logged {
  const seen = bytes.slice();
  if ((flags & PKT_CSUM_PARTIAL) !== 0) finishPacket(seen, 0, seen.length);
  const packet = decodePacket(arrivedForm(seen));
  return {
    ...packet,
    sentAtMs,
    from: packet.ipv4?.source ?? packet.ipv6?.source ?? '',
    to: isIpv6(seen) ? (packet.ipv6?.destination ?? '') : seen.length < 20 ? '' : formatIpv4(destination(seen, 0)),
    line: summarizePacket(seen, 0, seen.length),
    kind: packet.tcp?.flags.join(',') ?? 'ICMP',
    payloadBytes:
      packet.tcp?.payloadLengthBytes ?? packet.icmp?.payloadLengthBytes ?? packet.icmpv6?.payloadLengthBytes ?? 0,
    bytes,
    flags,
    segmentBytes,
  };
}

function isIpv6(bytes: Uint8Array): boolean {
  return bytes.length > 0 && (bytes[0] as number) >> 4 === 6;
}
