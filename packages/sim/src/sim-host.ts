/** A Host in a simulated world: its turns, its arrivals, its users. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { Host, type HostOptions } from '@tcpstack/sockets/host';
import { sumTcp } from './header-fields.ts';
import { mergePacket } from './merge.ts';
import type { Packet, PacketPool, PacketSink } from './packet.ts';

/** A host of a world. What the world knows by itself need not be said. */
export interface SimHostOptions extends Partial<HostOptions> {
  /** Arrivals are held up to so long and handed over together, as an interrupt does. Default 0. */
  readonly coalesceMs?: number;
  /** Arrivals that are handed over together are merged where they can be (GRO). Default false. */
  readonly mergesArrivals?: boolean;
}

/** Told of a descriptor: what it is ready for now, as `POLL*` bits. */
export type OnReady = (fd: number, bits: number) => void;

/** What leaves a host goes here. */
export type Transmit = (from: SimHost, packet: Packet) => void;

const BATCH_PACKETS = 64;
const READY_PAIRS = 64;
const LARGEST_PACKET_BYTES = 65_535;
/** Room for the largest packet, twice, and what a batch adds to align it. */
const ARENA_BYTES = 2 * (LARGEST_PACKET_BYTES + 128);
/** Rounds of "what is ready?" within one turn after which users that wake each other for ever are a bug. */
const READY_ROUNDS_MAX = 10_000;

export class SimHost implements PacketSink {
  readonly host: Host;
  readonly #pool: PacketPool;
  readonly #transmit: Transmit;
  readonly #coalesceMs: number;
  readonly #merges: boolean;
  readonly #finishesSums: boolean;
  readonly #arrivals: Packet[] = [];
  #handOverAtMs = Infinity;
  readonly #incoming = new PacketBatch({ capacityPackets: BATCH_PACKETS, arenaBytes: ARENA_BYTES });
  readonly #outgoing = new PacketBatch({ capacityPackets: BATCH_PACKETS, arenaBytes: ARENA_BYTES });
  readonly #ready = new Int32Array(2 * READY_PAIRS);
  readonly #users = new Map<number, OnReady>();
  readonly #clock: { readonly nowMs: number };

  constructor(
    options: SimHostOptions & HostOptions,
    clock: { readonly nowMs: number },
    pool: PacketPool,
    transmit: Transmit,
  ) {
    const { coalesceMs = 0, mergesArrivals = false, ...hostOptions } = options;
    this.host = new Host(hostOptions);
    this.#clock = clock;
    this.#pool = pool;
    this.#transmit = transmit;
    this.#coalesceMs = coalesceMs;
    this.#merges = mergesArrivals;
    this.#finishesSums = options.checksum === 'offload';
  }

  get address(): string {
    return this.host.address;
  }

  get sys(): Host['sys'] {
    return this.host.sys;
  }

  /** When it wants a turn. */
  get nextMs(): number {
    return Math.min(this.host.pollDeadlineMs(), this.#handOverAtMs);
  }

  /** Calls `onReady` whenever something happens to `fd`; null when nobody listens any more. */
  watch(fd: number, onReady: OnReady | null): void {
    if (onReady === null) this.#users.delete(fd);
    else this.#users.set(fd, onReady);
  }

  /** A packet has come; the host sees it at its next turn. */
  arrive(packet: Packet): void {
    this.#arrivals.push(packet);
    if (this.#handOverAtMs === Infinity) this.#handOverAtMs = this.#clock.nowMs + this.#coalesceMs;
  }

  /** Events in, then users, then output: the order that `Host` asks for. */
  turn(nowMs: number): void {
    const { host } = this;
    host.advance(nowMs);
    if (this.#handOverAtMs <= nowMs) this.#handOver(nowMs);
    if (host.pollDeadlineMs() <= nowMs) host.handleTimeout(nowMs);
    this.#wakeUsers();
    host.settlePackets();
    this.#collect(nowMs);
  }

  #handOver(nowMs: number): void {
    this.#handOverAtMs = Infinity;
    const batch = this.#incoming;
    batch.clear();
    for (const packet of this.#merges ? this.#merged() : this.#arrivals) {
      if (!batch.hasRoom(packet.lengthBytes)) {
        this.host.handlePackets(nowMs, batch);
        batch.clear();
      }
      const at = batch.reserve(packet.lengthBytes);
      batch.arena.set(packet.bytes.subarray(0, packet.lengthBytes), at);
      batch.commit(packet.lengthBytes, packet.flags, packet.segmentBytes);
      this.#pool.give(packet);
    }
    this.#arrivals.length = 0;
    this.host.borrowPackets(nowMs, batch);
  }

  /** The arrivals, runs of one stream as one packet each. */
  #merged(): Packet[] {
    const merged: Packet[] = [];
    for (const packet of this.#arrivals) {
      const last = merged.at(-1);
      if (last !== undefined && mergePacket(last, packet)) {
        this.#pool.give(packet);
        continue;
      }
      // Room to grow into.
      const room = this.#pool.take(LARGEST_PACKET_BYTES);
      room.bytes.set(packet.bytes.subarray(0, packet.lengthBytes));
      room.lengthBytes = packet.lengthBytes;
      room.flags = packet.flags;
      room.segmentBytes = packet.segmentBytes;
      this.#pool.give(packet);
      merged.push(room);
    }
    return merged;
  }

  #wakeUsers(): void {
    const ready = this.#ready;
    for (let round = 0; ; round++) {
      const pairs = this.host.pollReady(ready);
      if (pairs === 0) return;
      if (round > READY_ROUNDS_MAX) throw new Error(`${this.address}: users keep waking each other`);
      for (let i = 0; i < pairs; i++) {
        this.#users.get(ready[2 * i] as number)?.(ready[2 * i] as number, ready[2 * i + 1] as number);
      }
    }
  }

  #collect(nowMs: number): void {
    const batch = this.#outgoing;
    for (let more = true; more; ) {
      batch.clear();
      more = this.host.pollTransmit(nowMs, batch);
      for (let i = 0; i < batch.count; i++) this.#transmit(this, this.#packetOf(batch, i));
    }
  }

  #packetOf(batch: PacketBatch, i: number): Packet {
    const at = batch.offsetAt(i);
    const packet = this.#pool.take(batch.lengthAt(i));
    packet.lengthBytes = batch.lengthAt(i);
    packet.flags = batch.flagsAt(i);
    packet.segmentBytes = batch.segmentBytesAt(i);
    packet.bytes.set(batch.arena.subarray(at, at + packet.lengthBytes));
    if (this.#finishesSums && (packet.flags & PKT_CSUM_PARTIAL) !== 0) {
      packet.flags &= ~PKT_CSUM_PARTIAL;
      sumTcp(packet.bytes, packet.lengthBytes, true);
    }
    return packet;
  }
}
