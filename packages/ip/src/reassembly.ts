/** Fragments of both families become datagrams (RFC 791 §3.2, RFC 8200 §4.5): bounded in memory, number and time. */

import { type IpAddress, setAddress } from '@tcpstack/wire/ip-address';
import { fragment, headerBytes, IPV4_MF, identification } from '@tcpstack/wire/ipv4';
import { IPV6_HEADER_BYTES } from '@tcpstack/wire/ipv6';
import { fragmentId, fragmentOffsetBytes, moreFragments } from '@tcpstack/wire/ipv6-extensions';
import type { Datagram } from './datagram.ts';
import { createIpPacket, type IpPacket } from './packet.ts';
import { createReassemblyCounters, type ReassemblyCounters } from './reassembly-counters.ts';
import { WaitingDatagrams } from './waiting-datagrams.ts';

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
  readonly #settings: ReassemblySettings;
  readonly #waiting: WaitingDatagrams;
  readonly #expired = createIpPacket();

  constructor(hash: AddressHash, settings: ReassemblySettings = REASSEMBLY_DEFAULTS) {
    this.#settings = settings;
    this.#waiting = new WaitingDatagrams(hash, settings, this.counters);
  }

  /** Bytes that all waiting datagrams take. */
  get memoryBytes(): number {
    return this.#waiting.memoryBytes;
  }

  /** Datagrams that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Sources that they come from. */
  get sources(): number {
    return this.#waiting.sources;
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
    const datagram = this.#waiting.need(
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
    const datagram = this.#waiting.need(
      packet,
      0,
      fragmentId(bytes, fragmentAt),
      nowMs + this.#settings.reassemblyIpv6Ms,
    );
    return this.#add(datagram, packet, dataAt, from, from + length, more, fragmentAt, namedAt);
  }

  /** When `expire` is due; `Infinity` when nothing waits. */
  nextDeadlineMs(): number {
    return this.#waiting.nextDeadlineMs();
  }

  /**
   * Gives up a datagram whose time is over; call it until it returns `null`.
   *
   * @returns The first fragment, about which the sender is to be told (time exceeded, code 1), borrowed until the next
   *   call. "If fragment zero is not available then no time exceeded need be sent at all." — RFC 792. Those are passed
   *   over.
   */
  expire(nowMs: number): IpPacket | null {
    for (let over = this.#waiting.expired(nowMs); over !== null; over = this.#waiting.expired(nowMs)) {
      this.counters.reassemblyTimeouts++;
      this.#waiting.forget(over);
      if (over.headers !== null) return this.#firstOf(over);
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
      this.#waiting.forget(datagram, before);
      return this.#finish(datagram);
    }
    this.#waiting.charge(datagram, datagram.memoryBytes - before);
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

  #abandon(datagram: Datagram, reason: keyof ReassemblyCounters): FragmentVerdict {
    this.#waiting.forget(datagram);
    return this.#drop(reason);
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
