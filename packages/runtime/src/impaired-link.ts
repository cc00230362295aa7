/** A Link that makes another one as bad as a real network: it loses, repeats, delays and reorders. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { ETHERNET_HEADER_BYTES } from '@tcpstack/wire/ethernet';
import { ImpairedLane, type ImpairedLaneStats } from './impaired-lane.ts';
import type { Link, LinkStats, ReceiveBatch } from './link.ts';
import { seededRandom } from './random.ts';
import { nodeScheduler, type Scheduler } from './scheduler.ts';

/** How bad the network is. All default to 0: not at all. */
export interface Impairments {
  /** Decides which packets are hit, by their order: the same seed and traffic, the same fates. */
  readonly seed: number;
  /** Packets lost, 0 to 100. */
  readonly lossPercent?: number;
  /** Packets that arrive twice, 0 to 100. */
  readonly duplicatePercent?: number;
  /** Packets held back until `reorderPackets` later ones have passed, 0 to 100. */
  readonly reorderPercent?: number;
  /** Default 3. When too few follow, a packet held back goes on after 5 ms. */
  readonly reorderPackets?: number;
  /** Time that every packet takes longer. */
  readonly delayMs?: number;
  /** Up to this much more, evenly spread; packets then overtake each other. */
  readonly jitterMs?: number;
  /** Most packets held at once in one direction; what comes beyond is lost. Default 4096. */
  readonly queuePackets?: number;
  /** Default `both`. `in` is towards the host. */
  readonly directions?: 'both' | 'in' | 'out';
  /** Default `nodeScheduler`. */
  readonly scheduler?: Scheduler;
}

/** A link with what happened to its packets. */
export interface ImpairedLink extends Link {
  /** Fates of the packets towards the host, and from it. */
  readonly impaired: { readonly in: ImpairedLaneStats; readonly out: ImpairedLaneStats };
}

/**
 * Wraps `link`; use the result in its place.
 *
 * @throws RangeError when a percentage or time is out of its range.
 */
export function impairLink(link: Link, impairments: Impairments): ImpairedLink {
  const settings = {
    seed: impairments.seed,
    lossPercent: percent(impairments.lossPercent, 'lossPercent'),
    duplicatePercent: percent(impairments.duplicatePercent, 'duplicatePercent'),
    reorderPercent: percent(impairments.reorderPercent, 'reorderPercent'),
    reorderPackets: impairments.reorderPackets ?? 3,
    delayMs: impairments.delayMs ?? 0,
    jitterMs: impairments.jitterMs ?? 0,
    queuePackets: impairments.queuePackets ?? 4096,
    directions: impairments.directions ?? 'both',
    scheduler: impairments.scheduler ?? nodeScheduler,
  } as const;
  if (!(settings.delayMs >= 0 && settings.jitterMs >= 0)) throw new RangeError('delayMs and jitterMs are 0 or more');
  return new ImpairedLinkOf(link, settings);
}

function percent(value: number | undefined, name: string): number {
  if (value === undefined) return 0;
  if (!(value >= 0 && value <= 100)) throw new RangeError(`${name} is 0 to 100`);
  return value;
}

/** The two directions draw from different sequences, so that traffic one way does not change fates the other way. */
const OUT_SEED_OFFSET = 0x5bd1e995;

class ImpairedLinkOf implements ImpairedLink {
  readonly mtuBytes: number;
  readonly superSegmentBytes: number;
  readonly receivesSuperSegments: boolean;
  readonly checksum: Link['checksum'];
  readonly headroomBytes: number;
  readonly carries: 'ip' | 'ethernet';
  readonly macAddress: string | null;
  readonly #inner: Link;
  readonly #in: ImpairedLane;
  readonly #out: ImpairedLane;
  readonly #directions: 'both' | 'in' | 'out';
  #receive: ReceiveBatch | null = null;
  #closed = false;

  constructor(inner: Link, settings: Required<Impairments>) {
    this.#inner = inner;
    this.mtuBytes = inner.mtuBytes;
    this.superSegmentBytes = inner.superSegmentBytes;
    this.receivesSuperSegments = inner.receivesSuperSegments;
    this.checksum = inner.checksum;
    this.headroomBytes = inner.headroomBytes;
    this.carries = inner.carries ?? 'ip';
    this.macAddress = inner.macAddress ?? null;
    this.#directions = settings.directions;
    const frameBytes = this.carries === 'ethernet' ? ETHERNET_HEADER_BYTES : 0;
    const packetBytes =
      frameBytes + Math.max(inner.mtuBytes, inner.superSegmentBytes, inner.receivesSuperSegments ? 65535 : 0);
    this.#in = new ImpairedLane(settings, seededRandom(settings.seed), packetBytes, 0, (batch) =>
      this.#receive?.(batch),
    );
    this.#out = new ImpairedLane(
      settings,
      seededRandom(settings.seed ^ OUT_SEED_OFFSET),
      packetBytes,
      inner.headroomBytes,
      (batch) => inner.transmit(batch),
    );
  }

  get stats(): LinkStats {
    return this.#inner.stats;
  }

  get impaired(): { readonly in: ImpairedLaneStats; readonly out: ImpairedLaneStats } {
    return { in: this.#in.stats, out: this.#out.stats };
  }

  start(receive: ReceiveBatch): void {
    this.#receive = receive;
    this.#inner.start(this.#directions === 'out' ? receive : (batch) => this.#in.push(batch));
  }

  transmit(batch: PacketBatch): void {
    if (this.#directions === 'in' || this.#closed) this.#inner.transmit(batch);
    else this.#out.push(batch);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#receive = null;
    this.#in.close();
    this.#out.close();
    return this.#inner.close();
  }
}
