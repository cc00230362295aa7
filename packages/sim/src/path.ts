/** One direction between two hosts: decides the fate of each packet, and when it arrives. */

import { Bottleneck, DROPPED } from './bottleneck.ts';
import type { DueQueue } from './due-queue.ts';
import { ecnField, markCongestion, NOT_ECT } from './header-fields.ts';
import { LossModel } from './loss.ts';
import type { Packet, PacketPool, PacketSink } from './packet.ts';
import { createPathStats, type PathOptions, type PathStats } from './path-options.ts';
import type { Random } from './random.ts';
import { splitPacket } from './split.ts';
import { answerTooBig } from './too-big.ts';

/** Where a path lies. */
export interface PathEnds {
  readonly pool: PacketPool;
  readonly queue: DueQueue;
  readonly random: Random;
  readonly to: PacketSink;
  /** Takes what a router tells the sender. */
  readonly from: PacketSink;
}

/** Draws the same numbers for each packet whatever its options, so that one option does not shift what others hit. */
export class Path {
  readonly bottleneck: Bottleneck;
  readonly stats: PathStats = createPathStats();
  /** A cut path drops everything; set it back and the network has healed. */
  cut = false;
  readonly #options: PathOptions;
  readonly #ends: PathEnds;
  readonly #loss: LossModel;
  readonly #passOne: (packet: Packet) => void;
  #nowMs = 0;
  /** Packets that nobody holds back arrive in order. */
  #lastArrivalMs = 0;
  #healed = false;

  constructor(options: PathOptions, ends: PathEnds) {
    const { bottleneck = { bytesPerMs: Infinity } } = options;
    this.bottleneck = bottleneck instanceof Bottleneck ? bottleneck : new Bottleneck(bottleneck);
    this.#options = options;
    this.#ends = ends;
    this.#loss = new LossModel(ends.random.fork(), options.lossShare ?? 0, options.burstLoss ?? null);
    this.#passOne = (packet) => this.#pass(packet);
  }

  /** Ends loss, damage, reordering and duplication; rate, delay, MTU and cuts stay. */
  heal(): void {
    this.#healed = true;
  }

  /** Takes a packet, which it owns from now on. */
  send(nowMs: number, packet: Packet): void {
    this.#nowMs = nowMs;
    const whole = packet.segmentBytes === 0 || packet.lengthBytes <= (this.#options.superSegmentBytes ?? 0);
    if (whole) this.#pass(packet);
    else splitPacket(this.#ends.pool, packet, packet.segmentBytes, this.#passOne);
  }

  #pass(packet: Packet): void {
    const { stats } = this;
    stats.sent++;
    stats.sentBytes += packet.lengthBytes;
    if (this.cut) this.#drop(packet, 'cut');
    else if (packet.segmentBytes === 0 && packet.lengthBytes > (this.#options.mtuBytes ?? Infinity)) {
      this.#refuse(packet);
    } else if (this.#loss.loses() && !this.#healed) this.#drop(packet, 'lost');
    else this.#queue(packet);
  }

  #queue(packet: Packet): void {
    const marks = this.bottleneck.marks(this.#nowMs);
    const leavesMs = this.bottleneck.admit(this.#nowMs, packet.lengthBytes);
    if (leavesMs === DROPPED) {
      this.#drop(packet, 'overflowed');
      return;
    }
    // Marked only where it will be understood: an "ECN-Capable Transport" (RFC 3168 §5).
    if (marks && ecnField(packet.bytes) !== NOT_ECT) {
      markCongestion(packet.bytes);
      this.stats.marked++;
    }
    this.#deliver(packet, leavesMs);
  }

  #deliver(packet: Packet, leavesMs: number): void {
    const { delayMs = 0, jitterMs = 0, reorderShare = 0, reorderMs = 1, duplicateShare = 0 } = this.#options;
    const { random, pool } = this.#ends;
    const arrivesMs = Math.max(leavesMs + delayMs + random.next() * jitterMs, this.#lastArrivalMs);
    const twice = random.chance(duplicateShare) && !this.#healed;
    const late = random.chance(reorderShare) && !this.#healed;
    this.#damage(packet);
    if (twice) {
      this.stats.duplicated++;
      this.#arriveAt(pool.copy(packet), arrivesMs);
    }
    if (late) this.stats.reordered++;
    else this.#lastArrivalMs = arrivesMs;
    this.#arriveAt(packet, late ? arrivesMs + reorderMs : arrivesMs);
  }

  #damage(packet: Packet): void {
    const { random } = this.#ends;
    const hit = random.chance(this.#options.damageShare ?? 0);
    const at = random.below(packet.lengthBytes * 8);
    // Nobody would notice a flipped bit where the sum was left to the link.
    if (!hit || this.#healed || packet.flags !== 0) return;
    this.stats.damaged++;
    packet.bytes[at >> 3] = (packet.bytes[at >> 3] as number) ^ (1 << (at & 7));
  }

  #arriveAt(packet: Packet, atMs: number): void {
    this.stats.arrivals++;
    packet.atMs = atMs;
    packet.sink = this.#ends.to;
    this.#ends.queue.add(packet);
  }

  #refuse(packet: Packet): void {
    const { mtuBytes = 0, saysTooBig = true, delayMs = 0 } = this.#options;
    if (saysTooBig) {
      const reply = answerTooBig(this.#ends.pool, packet, mtuBytes);
      reply.atMs = this.#nowMs + delayMs;
      reply.sink = this.#ends.from;
      this.#ends.queue.add(reply);
    }
    this.#drop(packet, 'tooBig');
  }

  #drop(packet: Packet, reason: 'cut' | 'lost' | 'overflowed' | 'tooBig'): void {
    this.stats[reason]++;
    this.#ends.pool.give(packet);
  }
}
