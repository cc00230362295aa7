/** Fragments of both families become datagrams (RFC 791 §3.2, RFC 8200 §4.5): bounded in memory, number and time. */

import { type IpAddress, isLinkLocal, isMulticast, sameAddress, setAddress } from '@tcpstack/wire/ip-address';
import { fragment, headerBytes, IPV4_MF, identification } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES } from '@tcpstack/wire/ipv6';
import { fragmentId, fragmentOffsetBytes, moreFragments } from '@tcpstack/wire/ipv6-extensions';
import { Datagram } from './datagram.ts';
import { createIpPacket, type IpPacket } from './packet.ts';
import { createReassemblyCounters, type ReassemblyCounters } from './reassembly-counters.ts';

/** What a user may set. */
export interface ReassemblySettings {
  readonly reassemblyMs: number;
  readonly reassemblyIpv6Ms: number;
  readonly reassemblyMemoryBytes: number;
}

/**
 * Linux's `ipfrag_time`.
 *
 * Deviation: "It is recommended that this value lie between 60 seconds and 120 seconds" (RFC 1122 §3.3.2); Linux waits for
 * half as long, since whatever is missing was lost.
 */
export const IPV4_REASSEMBLY_MS = 30_000;
/** "If insufficient fragments are received to complete reassembly of a packet within 60 seconds" — RFC 8200 §4.5. */
export const IPV6_REASSEMBLY_MS = 60_000;
/** Linux's `ipfrag_high_thresh` and `ip6frag_high_thresh`; both families share it here. */
export const REASSEMBLY_MEMORY_MAX_BYTES = 4 * 1024 * 1024;
/** What one source may take of it: a stranger who sends halves does not take the memory of all. */
export const REASSEMBLY_SOURCE_PART = 1 / 4;
/** Datagrams of one source that wait at once; as Linux's `ipfrag_max_dist`, newer ones push out the oldest. */
export const DATAGRAMS_PER_SOURCE_MAX = 64;
const NO_BYTES = new Uint8Array(0);

export const REASSEMBLY_DEFAULTS: ReassemblySettings = {
  reassemblyMs: IPV4_REASSEMBLY_MS,
  reassemblyIpv6Ms: IPV6_REASSEMBLY_MS,
  reassemblyMemoryBytes: REASSEMBLY_MEMORY_MAX_BYTES,
};

/** Hashes addresses by a key that no stranger knows. */
export interface AddressHash {
  of(remote: Readonly<IpAddress>, remotePort: number, local: Readonly<IpAddress>, localPort: number): number;
}

/** What became of a fragment. */
export type FragmentVerdict =
  /** It waits for the others, or was dropped and counted. */
  | 'held'
  /** `whole` holds the packet. */
  | 'whole'
  /** Dropped and counted; RFC 8200 §4.5 wants a parameter problem with `problemCode` and `pointer`. */
  | 'problem';

/** Datagrams of sources whose addresses have one hash: mostly of one source. Oldest first. */
interface Bucket {
  readonly hash: number;
  readonly datagrams: Datagram[];
  memoryBytes: number;
}

/** Code of the ICMPv6 parameter problem "IPv6 First Fragment has incomplete IPv6 Header Chain" (RFC 7112). */
export const PARAMETER_INCOMPLETE_CHAIN = 3;
/** Where the payload length stands in a header. */
const PAYLOAD_LENGTH_AT = 4;

/** All datagrams that wait for fragments. */
export class Reassembly {
  readonly counters: ReassemblyCounters = createReassemblyCounters();
  /** After 'whole': the packet. Its memory is written no more, so whoever wants it may keep it. */
  whole: Uint8Array = NO_BYTES;
  /** After 'problem'. */
  problemCode = 0;
  pointer = 0;
  readonly #hash: AddressHash;
  readonly #settings: ReassemblySettings;
  readonly #buckets = new Map<number, Bucket>();
  /** By family, in the order in which they came: also that of their deadlines, while nobody changes the settings. */
  readonly #waiting4 = new Set<Datagram>();
  readonly #waiting6 = new Set<Datagram>();
  readonly #expired = createIpPacket();
  #memoryBytes = 0;

  constructor(hash: AddressHash, settings: ReassemblySettings = REASSEMBLY_DEFAULTS) {
    this.#hash = hash;
    this.#settings = settings;
  }

  /** Bytes that all waiting datagrams take. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** Datagrams that wait. */
  get size(): number {
    return this.#waiting4.size + this.#waiting6.size;
  }

  /** Sources that they come from. */
  get sources(): number {
    return this.#buckets.size;
  }

  /** Takes a checked IPv4 packet that is a fragment. */
  takeIpv4(nowMs: number, packet: IpPacket): FragmentVerdict {
    const { bytes, at } = packet;
    const word = fragment(bytes, at);
    const dataAt = at + headerBytes(bytes, at);
    const from = (word & 0x1fff) * 8;
    const more = (word & IPV4_MF) !== 0;
    this.counters.fragmentsReceived++;
    // Like Linux: what does not fill 8 bytes cannot be followed, and is cut off.
    const length = more ? (packet.end - dataAt) & ~7 : packet.end - dataAt;
    if (length === 0) return this.#drop('fragmentsBad');
    // RFC 791 has no datagram of more than 65,535 bytes, header included.
    if (dataAt - at + from + length > 0xffff) return this.#drop('fragmentsTooFar');
    const datagram = this.#find(
      packet,
      packet.protocol,
      identification(bytes, at),
      nowMs + this.#settings.reassemblyMs,
    );
    return this.#add(datagram, packet, dataAt, from, from + length, more, 0, 0);
  }

  /**
   * Takes a checked IPv6 packet with a fragment header; not an atomic one (RFC 6946), which is whole by itself.
   *
   * @param fragmentAt Place of the fragment header.
   * @param namedAt Place of the byte that names it.
   * @param isChainWhole In the first fragment: whether it holds all headers through that of the upper layer.
   */
  takeIpv6(
    nowMs: number,
    packet: IpPacket,
    fragmentAt: number,
    namedAt: number,
    isChainWhole: boolean,
  ): FragmentVerdict {
    const { bytes, at, end } = packet;
    const dataAt = fragmentAt + 8;
    const from = fragmentOffsetBytes(bytes, fragmentAt);
    const more = moreFragments(bytes, fragmentAt);
    const length = end - dataAt;
    this.counters.fragmentsReceived++;
    // "If the length of a fragment ... is not a multiple of 8 octets and the M flag of that fragment is 1, then that
    // fragment must be discarded and an ICMP Parameter Problem, Code 0, message should be sent ..., pointing to the
    // Payload Length field of the fragment packet."
    if (more && (length & 7) !== 0) return this.#problem('fragmentsBad', 0, PAYLOAD_LENGTH_AT);
    if (length === 0) return this.#drop('fragmentsBad');
    // "... would exceed 65,535 octets, then that fragment must be discarded and an ICMP Parameter Problem, Code 0,
    // message should be sent ..., pointing to the Fragment Offset field"
    if (fragmentAt - at - IPV6_HEADER_BYTES + from + length > 0xffff) {
      return this.#problem('fragmentsTooFar', 0, fragmentAt + 2 - at);
    }
    // "If the first fragment does not include all headers through an Upper-Layer header, then that fragment should be
    // discarded and an ICMP Parameter Problem, Code 3, message should be sent ..., with the Pointer field set to zero."
    if (from === 0 && !isChainWhole) return this.#problem('fragmentsBad', PARAMETER_INCOMPLETE_CHAIN, 0);
    const datagram = this.#find(packet, 0, fragmentId(bytes, fragmentAt), nowMs + this.#settings.reassemblyIpv6Ms);
    return this.#add(datagram, packet, dataAt, from, from + length, more, fragmentAt, namedAt);
  }

  /** When `expire` is due; `Infinity` when nothing waits. */
  nextDeadlineMs(): number {
    return Math.min(first(this.#waiting4)?.expiresAtMs ?? Infinity, first(this.#waiting6)?.expiresAtMs ?? Infinity);
  }

  /**
   * Gives up a datagram whose time is over; call it until it returns `null`.
   *
   * @returns The first fragment, about which the sender is to be told (time exceeded, code 1), borrowed until the next
   *   call. "If fragment zero is not available then no time exceeded need be sent at all." — RFC 792. Those are passed
   *   over.
   */
  expire(nowMs: number): IpPacket | null {
    if (this.#waiting4.size + this.#waiting6.size === 0) return null;
    for (const waiting of [this.#waiting4, this.#waiting6]) {
      for (let datagram = first(waiting); datagram !== undefined; datagram = first(waiting)) {
        if (datagram.expiresAtMs > nowMs) break;
        this.counters.reassemblyTimeouts++;
        this.#forget(datagram);
        if (datagram.headers !== null) return this.#firstOf(datagram);
      }
    }
    return null;
  }

  #firstOf(datagram: Datagram): IpPacket {
    const packet = this.#expired;
    const bytes = datagram.firstFragment();
    packet.version = datagram.version;
    packet.bytes = bytes;
    packet.end = bytes.length;
    packet.transportAt = datagram.headers?.length ?? 0;
    packet.protocol = datagram.version === 4 ? datagram.protocol : (bytes[datagram.fragmentAt] as number);
    setAddress(packet.source, datagram.source);
    setAddress(packet.destination, datagram.destination);
    packet.interfaceIndex = datagram.interfaceIndex;
    return packet;
  }

  /** The datagram that this fragment belongs to, perhaps a new one. */
  #find(packet: IpPacket, protocol: number, id: number, expiresAtMs: number): Datagram {
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

  #add(
    datagram: Datagram,
    packet: IpPacket,
    dataAt: number,
    from: number,
    end: number,
    more: boolean,
    fragmentAt: number,
    namedAt: number,
  ): FragmentVerdict {
    const { bytes, at } = packet;
    const before = datagram.memoryBytes;
    const verdict = datagram.add(bytes, dataAt, from, end, more, packet.tosByte);
    switch (verdict) {
      case 'duplicate':
        return this.#drop('fragmentDuplicates');
      // "If any of the fragments being reassembled overlap with any other fragments being reassembled for the same
      // packet, reassembly of that packet must be abandoned and all the fragments that have been received for that
      // packet must be discarded, and no ICMP error messages should be sent." — RFC 8200 §4.5, RFC 5722; Linux does the
      // same with IPv4.
      case 'overlap':
        return this.#abandon(datagram, 'fragmentOverlaps');
      case 'inconsistent':
        return this.#abandon(datagram, 'fragmentsBad');
      case 'too-many':
        return this.#abandon(datagram, 'fragmentsTooMany');
      case 'kept':
        break;
    }
    if (from === 0) datagram.keepHeaders(bytes, at, dataAt, fragmentAt, namedAt);
    if (datagram.isWhole) {
      // Counted as it was before this fragment.
      this.#forget(datagram, before);
      return this.#finish(datagram);
    }
    this.#charge(datagram, datagram.memoryBytes - before);
    return 'held';
  }

  #finish(datagram: Datagram): FragmentVerdict {
    const whole = datagram.whole();
    if (whole === 'ecn-mixed') return this.#drop('fragmentEcnMixed');
    if (whole === 'too-long') return this.#drop('fragmentsTooFar');
    this.whole = whole;
    this.counters.datagramsReassembled++;
    return 'whole';
  }

  /**
   * Deviation: Linux refuses new datagrams while the memory is full; here the oldest goes, first of the source that
   * takes too much, then of all: honest fragments come within one round trip, those of a flood never come.
   */
  #charge(datagram: Datagram, bytes: number): void {
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
    this.counters.reassemblyEvictions++;
    this.#forget(datagram);
  }

  #abandon(datagram: Datagram, reason: keyof ReassemblyCounters): FragmentVerdict {
    this.#forget(datagram);
    return this.#drop(reason);
  }

  #forget(datagram: Datagram, memoryBytes = datagram.memoryBytes): void {
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

  #drop(reason: keyof ReassemblyCounters): FragmentVerdict {
    this.counters[reason]++;
    return 'held';
  }

  #problem(reason: keyof ReassemblyCounters, code: number, pointer: number): FragmentVerdict {
    this.counters[reason]++;
    this.problemCode = code;
    this.pointer = pointer;
    return 'problem';
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
