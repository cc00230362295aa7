/** A batch of packets: one arena of bytes and one table of descriptors, reused for ever. */

import { assert } from './assert.ts';

/** The transport checksum was verified, or vouched for, below us: do not sum the payload again. */
export const PKT_CSUM_VALID = 1;
/**
 * The transport checksum field holds only the folded, uncomplemented sum of the pseudo-header:
 * whoever puts the packet on a real wire finishes it. Implies that nobody need verify it.
 */
export const PKT_CSUM_PARTIAL = 2;

const WORDS_PER_PACKET = 4;
const ALIGN_BYTES = 8;

/** Shape of a new batch. */
export interface PacketBatchOptions {
  /** Most packets it holds (1 or more). Default 256. */
  readonly capacityPackets?: number;
  /** Bytes of its arena. Default 4 MiB. */
  readonly arenaBytes?: number;
  /** Free bytes kept in front of each packet for a link's own header. Default 0. */
  readonly headroomBytes?: number;
}

/**
 * Packets cross every boundary in batches. The caller that fills a batch owns it; the callee borrows
 * it until it returns and keeps no view of it.
 *
 * To add a packet: `at = batch.reserve(maxBytes)`, write at `batch.arena[at...]`, `batch.commit(...)`.
 */
export class PacketBatch {
  readonly arena: Uint8Array;
  readonly capacityPackets: number;
  readonly headroomBytes: number;
  /** Packets in the batch. */
  count = 0;
  readonly #table: Int32Array;
  #tail = 0;
  #reservedAt = -1;

  constructor(options: PacketBatchOptions = {}) {
    this.capacityPackets = options.capacityPackets ?? 256;
    this.headroomBytes = options.headroomBytes ?? 0;
    this.arena = new Uint8Array(options.arenaBytes ?? 4 * 1024 * 1024);
    this.#table = new Int32Array(this.capacityPackets * WORDS_PER_PACKET);
  }

  /** Forgets all packets; the bytes stay as they are. */
  clear(): void {
    this.count = 0;
    this.#tail = 0;
    this.#reservedAt = -1;
  }

  /** Whether a packet of up to `maxBytes` still fits. */
  hasRoom(maxBytes: number): boolean {
    return this.count < this.capacityPackets && this.#start() + maxBytes <= this.arena.length;
  }

  /**
   * Offset where the next packet may be written, up to `maxBytes`; the `headroomBytes` before it are
   * free too. Reserving again without a commit gives the same place.
   */
  reserve(maxBytes: number): number {
    assert(this.hasRoom(maxBytes), 'a batch is asked for room only when it has room');
    this.#reservedAt = this.#start();
    return this.#reservedAt;
  }

  /**
   * Adds the packet written at the last reserved offset.
   *
   * @param lengthBytes Bytes of the packet from its IP (or Ethernet) header on.
   * @param flags `PKT_*` bits.
   * @param segmentBytes Payload bytes per segment of a super-segment, 0 for an ordinary packet.
   */
  commit(lengthBytes: number, flags: number, segmentBytes: number): void {
    assert(this.#reservedAt >= 0, 'a packet is committed only after a reserve');
    assert(lengthBytes >= 0 && this.#reservedAt + lengthBytes <= this.arena.length, 'a packet ends inside the arena');
    const w = this.count * WORDS_PER_PACKET;
    this.#table[w] = this.#reservedAt;
    this.#table[w + 1] = lengthBytes;
    this.#table[w + 2] = flags;
    this.#table[w + 3] = segmentBytes;
    this.#tail = this.#reservedAt + lengthBytes;
    this.#reservedAt = -1;
    this.count++;
  }

  /** Byte offset of packet `i` in the arena. */
  offsetAt(i: number): number {
    return this.#table[i * WORDS_PER_PACKET] as number;
  }

  /** Bytes of packet `i`. */
  lengthAt(i: number): number {
    return this.#table[i * WORDS_PER_PACKET + 1] as number;
  }

  /** `PKT_*` bits of packet `i`. */
  flagsAt(i: number): number {
    return this.#table[i * WORDS_PER_PACKET + 2] as number;
  }

  /** Payload bytes per segment of packet `i`, 0 when it is not a super-segment. */
  segmentBytesAt(i: number): number {
    return this.#table[i * WORDS_PER_PACKET + 3] as number;
  }

  /** Packet `i` begins `bytes` earlier: a header was written into the headroom in front of it. */
  prepend(i: number, bytes: number): void {
    assert(bytes <= this.headroomBytes, 'what is put in front of a packet fits the headroom');
    const w = i * WORDS_PER_PACKET;
    this.#table[w] = (this.#table[w] as number) - bytes;
    this.#table[w + 1] = (this.#table[w + 1] as number) + bytes;
  }

  /** Takes packet `i` out; its bytes stay where they are, and their room is free again after `clear`. */
  remove(i: number): void {
    assert(i >= 0 && i < this.count, 'only a packet that is in the batch is taken out');
    this.#table.copyWithin(i * WORDS_PER_PACKET, (i + 1) * WORDS_PER_PACKET, this.count * WORDS_PER_PACKET);
    this.count--;
  }

  /** Appends a copy of packet `i` of `from`; false (and nothing done) when it does not fit. */
  copyFrom(from: PacketBatch, i: number): boolean {
    const length = from.lengthAt(i);
    if (!this.hasRoom(length)) return false;
    const at = this.reserve(length);
    const source = from.offsetAt(i);
    this.arena.set(from.arena.subarray(source, source + length), at);
    this.commit(length, from.flagsAt(i), from.segmentBytesAt(i));
    return true;
  }

  #start(): number {
    return (this.#tail + this.headroomBytes + ALIGN_BYTES - 1) & -ALIGN_BYTES;
  }
}
