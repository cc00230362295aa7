/** Whole packets that the IP layer itself has to send, or passes on, waiting for the next output of their interface. Bounded. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { fragmentInto } from './fragment.ts';

/** More than these, of which each fragment is one, are dropped by whoever asked, who counts them. */
const WAITING_MAX = 256;
const WAITING_BYTES = 256 * 1024;

/** Packets in the order in which they were put in. */
export class PacketQueue {
  /** Made when the first one comes: most hosts never have any. */
  #waiting: PacketBatch | null = null;
  #next = 0;
  readonly #packetsMax: number;
  readonly #bytesMax: number;

  constructor(packetsMax = WAITING_MAX, bytesMax = WAITING_BYTES) {
    this.#packetsMax = packetsMax;
    this.#bytesMax = bytesMax;
  }

  /** Where to write: the memory that `reserve` gave a place in. */
  get arena(): Uint8Array {
    return this.#made().arena;
  }

  /** Whether packets wait. */
  get pending(): boolean {
    return this.#waiting !== null && this.#next < this.#waiting.count;
  }

  /** Where to write a packet of up to `maxBytes`, or -1 when there is no room for it. */
  reserve(maxBytes: number): number {
    const waiting = this.#made();
    return waiting.hasRoom(maxBytes) ? waiting.reserve(maxBytes) : -1;
  }

  /** The packet at the place last reserved is complete, its checksums too. */
  commit(lengthBytes: number, flags = 0, segmentBytes = 0): void {
    this.#waiting?.commit(lengthBytes, flags, segmentBytes);
  }

  /**
   * Takes a copy of the whole packet `bytes[at, end)`, in fragments when it is longer than `mtuBytes`; all of it, or
   * nothing and false.
   *
   * @param identification Of fragments of IPv6.
   */
  put(bytes: Uint8Array, at: number, end: number, mtuBytes: number, identification: number): boolean {
    const waiting = this.#made();
    if (end - at > mtuBytes) return fragmentInto(waiting, bytes, at, end, mtuBytes, identification);
    if (!waiting.hasRoom(end - at)) return false;
    waiting.arena.set(bytes.subarray(at, end), waiting.reserve(end - at));
    waiting.commit(end - at, 0, 0);
    return true;
  }

  /** Moves packets into `batch`; false when it is full and some still wait. */
  pollTransmit(batch: PacketBatch): boolean {
    const waiting = this.#waiting;
    if (waiting === null) return true;
    while (this.#next < waiting.count) {
      if (!batch.copyFrom(waiting, this.#next)) return false;
      this.#next++;
    }
    waiting.clear();
    this.#next = 0;
    return true;
  }

  #made(): PacketBatch {
    this.#waiting ??= new PacketBatch({ capacityPackets: this.#packetsMax, arenaBytes: this.#bytesMax });
    return this.#waiting;
  }
}
