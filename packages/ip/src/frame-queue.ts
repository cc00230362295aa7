/** Frames that the link layer itself has to send: solicitations, advertisements, reports. Bounded. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import type { EthernetCounters } from './ethernet-counters.ts';

/** As many as a batch of packets that comes in may ask for. */
const FRAMES_MAX = 256;
/** Enough for that many neighbour advertisements (86 bytes). */
const ARENA_BYTES = 32 * 1024;

/** A queue of complete frames. */
export class FrameQueue {
  readonly #counters: EthernetCounters;
  readonly #waiting = new PacketBatch({ capacityPackets: FRAMES_MAX, arenaBytes: ARENA_BYTES });
  #next = 0;

  constructor(counters: EthernetCounters) {
    this.#counters = counters;
  }

  /** Where frames are written. */
  get bytes(): Uint8Array {
    return this.#waiting.arena;
  }

  /** Whether frames wait. */
  get pending(): boolean {
    return this.#next < this.#waiting.count;
  }

  /** Where to write a frame of up to `maxBytes`, or -1 when there is no room: it is counted. */
  reserve(maxBytes: number): number {
    if (this.#waiting.hasRoom(maxBytes)) return this.#waiting.reserve(maxBytes);
    this.#counters.controlDropped++;
    return -1;
  }

  /** The frame at the place last reserved is complete. */
  commit(lengthBytes: number): void {
    this.#waiting.commit(lengthBytes, 0, 0);
  }

  /** Moves frames into `batch`; false when it is full and some still wait. */
  pollTransmit(batch: PacketBatch): boolean {
    const waiting = this.#waiting;
    while (this.#next < waiting.count) {
      if (!batch.copyFrom(waiting, this.#next)) return false;
      this.#next++;
    }
    waiting.clear();
    this.#next = 0;
    return true;
  }
}
