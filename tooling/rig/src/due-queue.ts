/** Copies of packets in the order in which they are due; all memory is made once. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';

/** Each packet added is due no earlier than the one before it. */
export class DueQueue {
  readonly #slotBytes: number;
  readonly #capacity: number;
  readonly #slots: Uint8Array;
  readonly #lengths: Int32Array;
  readonly #dueMs: Float64Array;
  #head = 0;
  #count = 0;

  constructor(capacityPackets: number, packetBytesMax: number) {
    this.#capacity = capacityPackets;
    this.#slotBytes = packetBytesMax;
    this.#slots = new Uint8Array(capacityPackets * packetBytesMax);
    this.#lengths = new Int32Array(capacityPackets);
    this.#dueMs = new Float64Array(capacityPackets);
  }

  /** When the first packet is due; `Infinity` when there is none. */
  get nextDueMs(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : (this.#dueMs[this.#head] as number);
  }

  /** Copies a packet in; false when there is no place. */
  add(arena: Uint8Array, at: number, lengthBytes: number, dueMs: number): boolean {
    if (this.#count === this.#capacity || lengthBytes > this.#slotBytes) return false;
    const slot = (this.#head + this.#count++) % this.#capacity;
    this.#slots.set(arena.subarray(at, at + lengthBytes), slot * this.#slotBytes);
    this.#lengths[slot] = lengthBytes;
    this.#dueMs[slot] = dueMs;
    return true;
  }

  /** Moves the first packet to a batch; false when it has no room. */
  moveTo(batch: PacketBatch): boolean {
    const lengthBytes = this.#lengths[this.#head] as number;
    if (!batch.hasRoom(lengthBytes)) return false;
    const from = this.#head * this.#slotBytes;
    const to = batch.reserve(lengthBytes);
    batch.arena.set(this.#slots.subarray(from, from + lengthBytes), to);
    batch.commit(lengthBytes, 0, 0);
    this.#head = (this.#head + 1) % this.#capacity;
    this.#count--;
    return true;
  }
}
