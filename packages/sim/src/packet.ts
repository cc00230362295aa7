/** Packets under way: records with a buffer each, reused for as long as the world lives. */

import type { Due } from './due-queue.ts';

/** Who takes packets when they arrive. It owns them from then on, and gives them back to their pool. */
export interface PacketSink {
  arrive(packet: Packet): void;
}

/** One IP packet: `bytes[0, lengthBytes)`. */
export class Packet implements Due {
  atMs = 0;
  order = 0;
  lengthBytes = 0;
  /** `PKT_*` bits. */
  flags = 0;
  /** Payload bytes of each segment of a super-segment, else 0. */
  segmentBytes = 0;
  sink: PacketSink | null = null;
  readonly bytes: Uint8Array;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes);
  }

  fire(): void {
    this.sink?.arrive(this);
  }
}

/** Packets up to this size share one list of spare ones; larger ones have another. */
const SMALL_BYTES = 2048;
const LARGE_BYTES = 65_536;

export class PacketPool {
  readonly #small: Packet[] = [];
  readonly #large: Packet[] = [];

  /** An empty packet with room for `capacityBytes`, at most 65536. */
  take(capacityBytes: number): Packet {
    if (capacityBytes <= SMALL_BYTES) return this.#small.pop() ?? new Packet(SMALL_BYTES);
    return this.#large.pop() ?? new Packet(LARGE_BYTES);
  }

  /** Takes a packet back; nobody may look at it afterwards. */
  give(packet: Packet): void {
    packet.sink = null;
    if (packet.bytes.length === SMALL_BYTES) this.#small.push(packet);
    else this.#large.push(packet);
  }

  /** A second packet with the same contents. */
  copy(packet: Packet): Packet {
    const twin = this.take(packet.lengthBytes);
    twin.bytes.set(packet.bytes.subarray(0, packet.lengthBytes));
    twin.lengthBytes = packet.lengthBytes;
    twin.flags = packet.flags;
    twin.segmentBytes = packet.segmentBytes;
    return twin;
  }
}
