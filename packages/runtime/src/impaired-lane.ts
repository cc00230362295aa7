/** One direction of an impaired link: decides the fate of each packet and holds those that come later. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import type { ReceiveBatch } from './link.ts';
import type { Scheduler } from './scheduler.ts';

/** Settings of a lane, checked; `impaired-link` says what each means. */
export interface ImpairedLaneSettings {
  readonly lossPercent: number;
  readonly duplicatePercent: number;
  readonly reorderPercent: number;
  readonly reorderPackets: number;
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly queuePackets: number;
  readonly scheduler: Scheduler;
}

/** What happened to the packets of one direction. Counters only grow. */
export interface ImpairedLaneStats {
  readonly passed: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Lost because too many were held. */
  readonly overflowed: number;
}

/** A copy of a packet that goes on later. */
interface Held {
  readonly bytes: Uint8Array;
  readonly flags: number;
  readonly segmentBytes: number;
  /** When it goes on at the latest. */
  readonly dueMs: number;
  /** Or once this many packets came in all; Infinity when only the time counts. */
  readonly dueCount: number;
}

/** How long a packet is held back for later ones to overtake it. */
const REORDER_HOLD_MS = 5;

export class ImpairedLane {
  readonly #settings: ImpairedLaneSettings;
  readonly #random: () => number;
  readonly #emit: ReceiveBatch;
  readonly #out: PacketBatch;
  readonly #held: Held[] = [];
  #seen = 0;
  #timer: unknown = null;
  #timerDueMs = 0;
  #closed = false;
  readonly #stats = { passed: 0, lost: 0, duplicated: 0, reordered: 0, overflowed: 0 };

  /** @param emit Gets batches that it borrows. */
  constructor(
    settings: ImpairedLaneSettings,
    random: () => number,
    packetBytesMax: number,
    headroomBytes: number,
    emit: ReceiveBatch,
  ) {
    this.#settings = settings;
    this.#random = random;
    this.#emit = emit;
    this.#out = new PacketBatch({
      arenaBytes: Math.max(1024 * 1024, 4 * (packetBytesMax + headroomBytes)),
      headroomBytes,
    });
  }

  get stats(): ImpairedLaneStats {
    return { ...this.#stats };
  }

  push(batch: PacketBatch): void {
    if (this.#closed) return;
    const nowMs = this.#settings.scheduler.nowMs();
    for (let i = 0; i < batch.count; i++) {
      this.#decide(batch, i, nowMs);
      this.#seen++;
      if (this.#held.length > 0) this.#release(nowMs);
    }
    this.#flush();
    this.#armTimer(nowMs);
  }

  close(): void {
    this.#closed = true;
    this.#held.length = 0;
    if (this.#timer !== null) this.#settings.scheduler.clearTimer(this.#timer);
    this.#timer = null;
  }

  /** Each packet draws the same number of times whatever the settings, so that one setting does not shift another's fates. */
  #decide(batch: PacketBatch, i: number, nowMs: number): void {
    const { lossPercent, duplicatePercent, reorderPercent, reorderPackets, delayMs, jitterMs } = this.#settings;
    const lost = this.#random() * 100 < lossPercent;
    const twice = this.#random() * 100 < duplicatePercent;
    const reordered = this.#random() * 100 < reorderPercent;
    const delay = delayMs + this.#random() * jitterMs;
    if (lost) {
      this.#stats.lost++;
      return;
    }
    if (twice) this.#stats.duplicated++;
    for (let copies = twice ? 2 : 1; copies > 0; copies--) {
      if (reordered && copies === 1) {
        this.#stats.reordered++;
        this.#hold(
          batch,
          i,
          nowMs + delay + REORDER_HOLD_MS,
          delay > 0 ? Number.POSITIVE_INFINITY : this.#seen + reorderPackets + 1,
        );
      } else if (delay > 0) {
        this.#hold(batch, i, nowMs + delay, Number.POSITIVE_INFINITY);
      } else {
        this.#append(batch.arena, batch.offsetAt(i), batch.lengthAt(i), batch.flagsAt(i), batch.segmentBytesAt(i));
      }
    }
  }

  #hold(batch: PacketBatch, i: number, dueMs: number, dueCount: number): void {
    if (this.#held.length >= this.#settings.queuePackets) {
      this.#stats.overflowed++;
      return;
    }
    const at = batch.offsetAt(i);
    const held: Held = {
      bytes: batch.arena.slice(at, at + batch.lengthAt(i)),
      flags: batch.flagsAt(i),
      segmentBytes: batch.segmentBytesAt(i),
      dueMs,
      dueCount,
    };
    let place = this.#held.length;
    while (place > 0 && (this.#held[place - 1] as Held).dueMs > dueMs) place--;
    this.#held.splice(place, 0, held);
  }

  #append(arena: Uint8Array, at: number, length: number, flags: number, segmentBytes: number): void {
    if (!this.#out.hasRoom(length)) this.#flush();
    const to = this.#out.reserve(length);
    this.#out.arena.set(arena.subarray(at, at + length), to);
    this.#out.commit(length, flags, segmentBytes);
    this.#stats.passed++;
  }

  /** Lets go of what is due. Only the packets held for others to pass can be due out of order, and these are few. */
  #release(nowMs: number): void {
    const held = this.#held;
    let kept = 0;
    let i = 0;
    for (; i < held.length; i++) {
      const packet = held[i] as Held;
      if (packet.dueMs <= nowMs || packet.dueCount <= this.#seen) {
        this.#append(packet.bytes, 0, packet.bytes.length, packet.flags, packet.segmentBytes);
      } else if (packet.dueCount === Number.POSITIVE_INFINITY) {
        break;
      } else {
        held[kept++] = packet;
      }
    }
    if (kept < i) held.splice(kept, i - kept);
  }

  #flush(): void {
    if (this.#out.count === 0) return;
    try {
      this.#emit(this.#out);
    } finally {
      this.#out.clear();
    }
  }

  #armTimer(nowMs: number): void {
    const first = this.#held[0];
    if (first === undefined || this.#closed) return;
    const { scheduler } = this.#settings;
    if (this.#timer !== null) {
      if (this.#timerDueMs <= first.dueMs) return;
      scheduler.clearTimer(this.#timer);
    }
    this.#timerDueMs = first.dueMs;
    this.#timer = scheduler.setTimer(() => this.#onTimer(), Math.max(1, Math.ceil(first.dueMs - nowMs)));
  }

  #onTimer(): void {
    this.#timer = null;
    const nowMs = this.#settings.scheduler.nowMs();
    this.#release(nowMs);
    this.#flush();
    this.#armTimer(nowMs);
  }
}
