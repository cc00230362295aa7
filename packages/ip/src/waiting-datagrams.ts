/** Datagrams that wait for fragments, by their sources: what they take is bounded, for each source and for all. */

import { type IpAddress, isLinkLocal, isMulticast, sameAddress } from '@tcpstack/wire/ip-address';
import { Datagram } from './datagram.ts';
import type { IpPacket } from './packet.ts';
import type { AddressHash, ReassemblySettings } from './reassembly.ts';
import type { ReassemblyCounters } from './reassembly-counters.ts';

/** What one source may take of `reassemblyMemoryBytes`: a stranger who sends halves does not take the memory of all. */
export const REASSEMBLY_SOURCE_PART = 1 / 4;
/** Datagrams of one source that wait at once; as Linux's `ipfrag_max_dist`, newer ones push out the oldest. */
export const DATAGRAMS_PER_SOURCE_MAX = 64;

/** Datagrams of sources whose addresses have one hash: mostly of one source. Oldest first. */
interface Bucket {
  readonly hash: number;
  readonly datagrams: Datagram[];
  memoryBytes: number;
}

/** The memory of a Reassembly. */
export class WaitingDatagrams {
  readonly #hash: AddressHash;
  readonly #settings: ReassemblySettings;
  readonly #counters: ReassemblyCounters;
  readonly #buckets = new Map<number, Bucket>();
  /** By family, in the order in which they came: also that of their deadlines, while nobody changes the settings. */
  readonly #waiting4 = new Set<Datagram>();
  readonly #waiting6 = new Set<Datagram>();
  #memoryBytes = 0;

  constructor(hash: AddressHash, settings: ReassemblySettings, counters: ReassemblyCounters) {
    this.#hash = hash;
    this.#settings = settings;
    this.#counters = counters;
  }

  /** Bytes that all of them take. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  get size(): number {
    return this.#waiting4.size + this.#waiting6.size;
  }

  /** Sources that they come from. */
  get sources(): number {
    return this.#buckets.size;
  }

  /** When the first of them has waited too long; `Infinity` without any. */
  nextDeadlineMs(): number {
    return Math.min(first(this.#waiting4)?.expiresAtMs ?? Infinity, first(this.#waiting6)?.expiresAtMs ?? Infinity);
  }

  /** One that has waited too long, `null` for none. */
  expired(nowMs: number): Datagram | null {
    const a = first(this.#waiting4);
    if (a !== undefined && a.expiresAtMs <= nowMs) return a;
    const b = first(this.#waiting6);
    return b !== undefined && b.expiresAtMs <= nowMs ? b : null;
  }

  /** The datagram that this fragment belongs to, perhaps a new one. */
  need(packet: IpPacket, protocol: number, id: number, expiresAtMs: number): Datagram {
    const { version, source, destination, interfaceIndex } = packet;
    const hash = this.#hash.of(source, 0, source, 0);
    let bucket = this.#buckets.get(hash);
    if (bucket === undefined) {
      bucket = { hash, datagrams: [], memoryBytes: 0 };
      this.#buckets.set(hash, bucket);
    }
    for (const waiting of bucket.datagrams) {
      if (
        waiting.identification === id &&
        waiting.protocol === protocol &&
        waiting.version === version &&
        sameAddress(waiting.source, source) &&
        sameAddress(waiting.destination, destination) &&
        (waiting.interfaceIndex === interfaceIndex || !isOfOneLink(destination))
      ) {
        return waiting;
      }
    }
    const datagram = new Datagram(packet, protocol, id, expiresAtMs);
    bucket.datagrams.push(datagram);
    bucket.memoryBytes += datagram.memoryBytes;
    this.#memoryBytes += datagram.memoryBytes;
    (version === 4 ? this.#waiting4 : this.#waiting6).add(datagram);
    return datagram;
  }

  /**
   * It takes so many bytes more.
   *
   * Deviation: Linux refuses new datagrams while the memory is full; here the oldest goes, first of the source that
   * takes too much, then of all: honest fragments come within one round trip, those of a flood never come.
   */
  charge(datagram: Datagram, bytes: number): void {
    const bucket = this.#bucketOf(datagram);
    const mostBytes = this.#settings.reassemblyMemoryBytes;
    bucket.memoryBytes += bytes;
    this.#memoryBytes += bytes;
    while (
      bucket.datagrams.length > 1 &&
      (bucket.datagrams.length > DATAGRAMS_PER_SOURCE_MAX || bucket.memoryBytes > mostBytes * REASSEMBLY_SOURCE_PART)
    ) {
      this.#evict(bucket.datagrams[bucket.datagrams[0] === datagram ? 1 : 0] as Datagram);
    }
    while (this.#memoryBytes > mostBytes) this.#evict(this.#oldest());
  }

  /** The datagram that has waited longest. */
  #oldest(): Datagram {
    const [a, b] = [first(this.#waiting4), first(this.#waiting6)];
    if (a === undefined || b === undefined) return (a ?? b) as Datagram;
    const { reassemblyMs, reassemblyIpv6Ms } = this.#settings;
    return a.expiresAtMs - reassemblyMs <= b.expiresAtMs - reassemblyIpv6Ms ? a : b;
  }

  #evict(datagram: Datagram): void {
    this.#counters.reassemblyEvictions++;
    this.forget(datagram);
  }

  /**
   * It waits no more.
   *
   * @param memoryBytes What it was counted with.
   */
  forget(datagram: Datagram, memoryBytes = datagram.memoryBytes): void {
    (datagram.version === 4 ? this.#waiting4 : this.#waiting6).delete(datagram);
    const bucket = this.#bucketOf(datagram);
    bucket.datagrams.splice(bucket.datagrams.indexOf(datagram), 1);
    bucket.memoryBytes -= memoryBytes;
    this.#memoryBytes -= memoryBytes;
    if (bucket.datagrams.length === 0) this.#buckets.delete(bucket.hash);
  }

  #bucketOf({ source }: Datagram): Bucket {
    return this.#buckets.get(this.#hash.of(source, 0, source, 0)) as Bucket;
  }
}

/** Addresses that mean something else on every link. */
function isOfOneLink(destination: Readonly<IpAddress>): boolean {
  return isMulticast(destination) || isLinkLocal(destination);
}

function first(datagrams: Set<Datagram>): Datagram | undefined {
  // Asked in every turn, and mostly of none: a walk would make an object.
  if (datagrams.size === 0) return undefined;
  for (const datagram of datagrams) return datagram;
  return undefined;
}
