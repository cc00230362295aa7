/** Two ends of a wire that exists only in memory: any OS, no privileges, one process. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { ETHERNET_HEADER_BYTES } from '@tcpstack/wire/ethernet';
import { finishPacket } from '@tcpstack/wire/finish';
import { impairLink } from './impaired-link.ts';
import type { Link, LinkStats, ReceiveBatch } from './link.ts';
import { nodeScheduler, type Scheduler } from './scheduler.ts';

/** What a pair of links may be given; both ends share it. */
export interface MemoryLinkOptions {
  /** Most bytes of an IP packet, 68 to 65535. Default 1500. */
  readonly mtuBytes?: number;
  /** `ethernet`: frames, between the stations 02:00:00:00:00:01 and :02. Default `ip`: packets. */
  readonly carries?: 'ip' | 'ethernet';
  /** Largest super-segment, passed whole to the other end; needs `offload` or `trusted`. Default 0: none. */
  readonly superSegmentBytes?: number;
  /**
   * Default `software`: the hosts sum all payload, both ways. `offload`: the link completes a checksum
   * that was left to it, and the receiver verifies it. `trusted`: nobody sums payload.
   */
  readonly checksum?: Link['checksum'];
  /** Most packets handed over in one turn of the event loop, 1 to 65536. Default 256. */
  readonly packetsPerDelivery?: number;
  /** Most packets under way in one direction, 1 to 1048576; what comes beyond is dropped and counted. Default 4096. */
  readonly queuePackets?: number;
  /** Time that each packet is under way, 0 or more. Default 0: the next turn of the event loop. */
  readonly latencyMs?: number;
  /** Default `nodeScheduler`. */
  readonly scheduler?: Scheduler;
}

const QUEUE_PACKETS = 4096;
const PACKETS_PER_DELIVERY = 256;
/** Arena of one delivery, unless a single packet is larger. */
const DELIVERY_BYTES_MAX = 1024 * 1024;
/** Memory of the packets under way in one direction; beyond it packets are dropped. */
const QUEUE_BYTES_MAX = 16 * 1024 * 1024;
/** A batch aligns its packets to 8 bytes. */
const PACKET_OVERHEAD_BYTES = 8;
const IPV4_MTU_BYTES_MIN = 68;
const IPV4_PACKET_BYTES_MAX = 65535;

type Settings = Required<Omit<MemoryLinkOptions, 'latencyMs'>>;

/**
 * Two links; what one end transmits, the other receives, in order. Each end copies what it sends, so
 * that neither sees the other's memory.
 *
 * @throws RangeError when an option is out of its range.
 */
export function createMemoryLinkPair(options: MemoryLinkOptions = {}): [Link, Link] {
  const settings: Settings = {
    mtuBytes: options.mtuBytes ?? 1500,
    carries: options.carries ?? 'ip',
    superSegmentBytes: options.superSegmentBytes ?? 0,
    checksum: options.checksum ?? 'software',
    packetsPerDelivery: options.packetsPerDelivery ?? PACKETS_PER_DELIVERY,
    queuePackets: options.queuePackets ?? QUEUE_PACKETS,
    scheduler: options.scheduler ?? nodeScheduler,
  };
  check(settings);
  const a = new MemoryLink(settings, '02:00:00:00:00:01');
  const b = new MemoryLink(settings, '02:00:00:00:00:02');
  a.joinTo(b);
  b.joinTo(a);
  const latencyMs = options.latencyMs ?? 0;
  if (latencyMs === 0) return [a, b];
  const { scheduler, queuePackets } = settings;
  const delay = { seed: 0, delayMs: latencyMs, queuePackets, directions: 'out', scheduler } as const;
  return [impairLink(a, delay), impairLink(b, delay)];
}

function check(settings: Settings): void {
  const { mtuBytes, superSegmentBytes, packetsPerDelivery, queuePackets } = settings;
  if (!within(mtuBytes, IPV4_MTU_BYTES_MIN, IPV4_PACKET_BYTES_MAX)) throw new RangeError('mtuBytes is 68 to 65535');
  if (!within(superSegmentBytes, 0, IPV4_PACKET_BYTES_MAX)) throw new RangeError('superSegmentBytes is 0 to 65535');
  if (superSegmentBytes > 0 && settings.checksum === 'software') {
    throw new RangeError("super-segments need checksum 'offload' or 'trusted'");
  }
  if (!within(packetsPerDelivery, 1, 65536)) throw new RangeError('packetsPerDelivery is 1 to 65536');
  if (!within(queuePackets, 1, 2 ** 20)) throw new RangeError('queuePackets is 1 to 1048576');
}

function within(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

class MemoryLink implements Link {
  readonly mtuBytes: number;
  readonly superSegmentBytes: number;
  readonly receivesSuperSegments: boolean;
  readonly checksum: Link['checksum'];
  readonly headroomBytes = 0;
  readonly carries: 'ip' | 'ethernet';
  readonly macAddress: string | null;
  /** Bytes in front of an IP packet in what crosses. */
  readonly #frameBytes: number;
  readonly #settings: Settings;
  readonly #arenaBytes: number;
  readonly #batchesMax: number;
  #peer: MemoryLink | null = null;
  #receive: ReceiveBatch | null = null;
  #closed = false;
  /** On their way to this end, oldest first; and empty ones kept for reuse. */
  readonly #arriving: PacketBatch[] = [];
  readonly #spare: PacketBatch[] = [];
  #arrivingPackets = 0;
  #deliveryWaits = false;
  readonly #deliverNow = (): void => this.#deliver();
  readonly #stats = {
    receivedPackets: 0,
    receivedBytes: 0,
    sentPackets: 0,
    sentBytes: 0,
    sendDrops: 0,
    receiveDrops: 0,
  };

  constructor(settings: Settings, macAddress: string) {
    this.#settings = settings;
    this.carries = settings.carries;
    this.macAddress = settings.carries === 'ethernet' ? macAddress : null;
    this.#frameBytes = settings.carries === 'ethernet' ? ETHERNET_HEADER_BYTES : 0;
    this.mtuBytes = settings.mtuBytes;
    this.superSegmentBytes = settings.superSegmentBytes;
    this.receivesSuperSegments = settings.superSegmentBytes > 0;
    this.checksum = settings.checksum;
    const largestBytes = this.#frameBytes + Math.max(settings.mtuBytes, settings.superSegmentBytes);
    const packetBytes = largestBytes + PACKET_OVERHEAD_BYTES;
    this.#arenaBytes = Math.max(packetBytes, Math.min(DELIVERY_BYTES_MAX, settings.packetsPerDelivery * packetBytes));
    this.#batchesMax = Math.max(2, Math.floor(QUEUE_BYTES_MAX / this.#arenaBytes));
  }

  get stats(): LinkStats {
    return { ...this.#stats };
  }

  joinTo(peer: MemoryLink): void {
    this.#peer = peer;
  }

  start(receive: ReceiveBatch): void {
    this.#receive = receive;
    this.#deliverLater();
  }

  transmit(batch: PacketBatch): void {
    const peer = this.#peer as MemoryLink;
    for (let i = 0; i < batch.count; i++) {
      const length = batch.lengthAt(i);
      const mostBytes = batch.segmentBytesAt(i) > 0 ? this.superSegmentBytes : this.mtuBytes;
      const fits = length <= this.#frameBytes + mostBytes;
      if (this.#closed || !fits || !peer.#take(batch, i)) {
        this.#stats.sendDrops++;
        continue;
      }
      this.#stats.sentPackets++;
      this.#stats.sentBytes += length;
    }
    peer.#deliverLater();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#receive = null;
    this.#stats.receiveDrops += this.#arrivingPackets;
    this.#arrivingPackets = 0;
    this.#arriving.length = 0;
    this.#spare.length = 0;
    return Promise.resolve();
  }

  /** Keeps a copy of packet `i`; false when the queue is full. A closed end swallows it, as a cut wire does. */
  #take(from: PacketBatch, i: number): boolean {
    if (this.#closed) return true;
    if (this.#arrivingPackets >= this.#settings.queuePackets) return false;
    const length = from.lengthAt(i);
    const into = this.#batchWithRoom(length);
    if (into === null) return false;
    const at = into.reserve(length);
    const source = from.offsetAt(i);
    into.arena.set(from.arena.subarray(source, source + length), at);
    let flags = from.flagsAt(i);
    if (this.checksum === 'offload' && (flags & PKT_CSUM_PARTIAL) !== 0) {
      finishPacket(into.arena, at + this.#frameBytes, at + length);
      flags &= ~PKT_CSUM_PARTIAL;
    }
    into.commit(length, flags, from.segmentBytesAt(i));
    this.#arrivingPackets++;
    return true;
  }

  #batchWithRoom(bytes: number): PacketBatch | null {
    const last = this.#arriving.at(-1);
    if (last?.hasRoom(bytes)) return last;
    if (this.#arriving.length >= this.#batchesMax) return null;
    const fresh =
      this.#spare.pop() ??
      new PacketBatch({ capacityPackets: this.#settings.packetsPerDelivery, arenaBytes: this.#arenaBytes });
    this.#arriving.push(fresh);
    return fresh;
  }

  #deliverLater(): void {
    if (this.#deliveryWaits || this.#receive === null || this.#arriving.length === 0) return;
    this.#deliveryWaits = true;
    this.#settings.scheduler.defer(this.#deliverNow);
  }

  #deliver(): void {
    this.#deliveryWaits = false;
    const batch = this.#arriving.shift();
    if (this.#receive === null || batch === undefined) return;
    this.#arrivingPackets -= batch.count;
    this.#stats.receivedPackets += batch.count;
    for (let i = 0; i < batch.count; i++) this.#stats.receivedBytes += batch.lengthAt(i);
    // Before the call, so that a receiver that throws does not stop the ones after.
    this.#deliverLater();
    this.#receive(batch);
    batch.clear();
    if (!this.#closed) this.#spare.push(batch);
  }
}
