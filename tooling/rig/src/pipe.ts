/** One direction of a bad network, in the time it is given: a bottleneck with a queue, then a long cable. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { DueQueue } from './due-queue.ts';
import { markCongestion } from './mark.ts';
import type { Way, WayStats } from './way.ts';

const PACKET_BYTES_MAX = 1536;
/** 12 MB in flight: half a second at 200 Mbit/s. */
const CAPACITY_PACKETS = 8192;
const LATE_PACKETS = 1024;
const BUFFER_BYTES_DEFAULT = 256 * 1024;
const REORDER_MS_DEFAULT = 2;
const BITS_PER_BYTE = 8;
/** Bits that pass in a millisecond, at one Mbit/s. */
const BITS_PER_MS = 1000;

export class Pipe {
  readonly stats: WayStats;
  readonly #way: Required<Way>;
  readonly #random: () => number;
  readonly #onTime = new DueQueue(CAPACITY_PACKETS, PACKET_BYTES_MAX);
  readonly #late = new DueQueue(LATE_PACKETS, PACKET_BYTES_MAX);
  readonly #bytesPerMs: number;
  /** When the bottleneck has sent all that is in its queue. */
  #busyUntilMs = 0;

  constructor(way: Way) {
    this.#way = {
      delayMs: 0,
      mbitPerSecond: Number.POSITIVE_INFINITY,
      bufferBytes: BUFFER_BYTES_DEFAULT,
      lossPercent: 0,
      duplicatePercent: 0,
      reorderPercent: 0,
      reorderMs: REORDER_MS_DEFAULT,
      markPercent: 0,
      ...way,
    };
    this.#random = randomFrom(way.seed);
    this.#bytesPerMs = (this.#way.mbitPerSecond * BITS_PER_MS) / BITS_PER_BYTE;
    this.stats = {
      arrived: 0,
      lost: 0,
      overflowed: 0,
      duplicated: 0,
      reordered: 0,
      marked: 0,
      passed: 0,
      refused: 0,
    };
  }

  /** When `moveDue` has something to do; `Infinity` when nothing is on its way. */
  get nextDueMs(): number {
    return Math.min(this.#onTime.nextDueMs, this.#late.nextDueMs);
  }

  /** A packet enters. It is copied, and may be marked where it lies. */
  add(nowMs: number, arena: Uint8Array, at: number, lengthBytes: number): void {
    const { lossPercent, duplicatePercent, reorderPercent, markPercent, delayMs, reorderMs } = this.#way;
    const { stats } = this;
    // Every packet draws the same number of times, so that one setting does not shift the fates of another.
    const lost = this.#random() * 100 < lossPercent;
    const twice = this.#random() * 100 < duplicatePercent;
    const late = this.#random() * 100 < reorderPercent;
    const marked = this.#random() * 100 < markPercent;
    stats.arrived++;
    if (lost) {
      stats.lost++;
      return;
    }
    if (marked && markCongestion(arena, at)) stats.marked++;
    if (twice) stats.duplicated++;
    for (let copies = twice ? 2 : 1; copies > 0; copies--) {
      const sentMs = this.#throughBottleneck(nowMs, lengthBytes);
      if (sentMs < 0) {
        stats.overflowed++;
      } else if (late && copies === 1) {
        stats.reordered++;
        if (!this.#late.add(arena, at, lengthBytes, sentMs + delayMs + reorderMs)) stats.refused++;
      } else if (!this.#onTime.add(arena, at, lengthBytes, sentMs + delayMs)) {
        stats.refused++;
      }
    }
  }

  /** Moves what is due to `batch`; true when it is full and more is due. */
  moveDue(nowMs: number, batch: PacketBatch): boolean {
    for (;;) {
      const first = this.#late.nextDueMs < this.#onTime.nextDueMs ? this.#late : this.#onTime;
      if (first.nextDueMs > nowMs) return false;
      if (!first.moveTo(batch)) return true;
      this.stats.passed++;
    }
  }

  /** When the last bit of a packet has left the bottleneck; -1 when its queue is full. */
  #throughBottleneck(nowMs: number, lengthBytes: number): number {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return nowMs;
    const startMs = Math.max(nowMs, this.#busyUntilMs);
    if ((startMs - nowMs) * this.#bytesPerMs + lengthBytes > this.#way.bufferBytes) return -1;
    this.#busyUntilMs = startMs + lengthBytes / this.#bytesPerMs;
    return this.#busyUntilMs;
  }
}

/** Numbers from 0 to 1 that follow from the seed alone. */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
