/** One datagram that arrives in fragments: what is there of it, and the whole packet once nothing is missing. */

import { complement, onesSum } from '@tcpstack/wire/checksum';
import { copyOf, type IpAddress } from '@tcpstack/wire/ip-address';
import { IPV6_HEADER_BYTES } from '@tcpstack/wire/ipv6';
import type { IpPacket } from './packet.ts';

/** Fragments of 48 bytes, which a link of IPv4's least MTU carries (68, RFC 791 §3.2), for 65,515 bytes; rounded up. */
export const FRAGMENTS_MAX = 1400;
/** What a datagram, and each fragment of it, costs besides its bytes. */
const DATAGRAM_COST_BYTES = 512;
const PIECE_COST_BYTES = 256;

/** What became of a fragment. */
export type PieceVerdict = 'kept' | 'duplicate' | 'overlap' | 'inconsistent' | 'too-many';

interface Piece {
  readonly from: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * ECN bits of the whole by those of its fragments (bit 0: not ECT, 1: ECT(1), 2: ECT(0), 3: CE): CE when one had it and
 * all could have it (RFC 3168 §5.3). -1: some could and some could not, which no sender does; Linux drops it.
 */
const ECN_OF_SEEN = [0, 0, 0, -1, 0, -1, 0, -1, 0, -1, 3, -1, 3, -1, 3, -1];

/** A datagram in the making. Addresses and bytes are its own. */
export class Datagram {
  readonly version: 4 | 6;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Of IPv4; IPv6 tells datagrams apart without it. */
  readonly protocol: number;
  /** An int32. */
  readonly identification: number;
  readonly interfaceIndex: number;
  readonly expiresAtMs: number;
  /** What the record and its fragments take. */
  memoryBytes = DATAGRAM_COST_BYTES;
  /** The first fragment's headers, up to its data; `null` until it came. */
  headers: Uint8Array | null = null;
  /** In `headers`: where the fragment header of IPv6 begins, and what names it. */
  fragmentAt = 0;
  namedAt = 0;
  readonly #pieces: Piece[] = [];
  #receivedBytes = 0;
  /** Bytes of all data together, -1 until the last fragment came. */
  #totalBytes = -1;
  #ecnSeen = 0;

  constructor(packet: IpPacket, protocol: number, identification: number, expiresAtMs: number) {
    this.version = packet.version;
    this.source = copyOf(packet.source);
    this.destination = copyOf(packet.destination);
    this.protocol = protocol;
    this.identification = identification;
    this.interfaceIndex = packet.interfaceIndex;
    this.expiresAtMs = expiresAtMs;
  }

  /** Whether nothing is missing. */
  get isWhole(): boolean {
    return this.headers !== null && this.#receivedBytes === this.#totalBytes;
  }

  /** Takes the data `bytes[dataAt, dataAt + end - from)`, which belong to `[from, end)`; copies them. */
  add(bytes: Uint8Array, dataAt: number, from: number, end: number, more: boolean, tosByte: number): PieceVerdict {
    const pieces = this.#pieces;
    const place = this.#placeOf(from);
    const next = pieces[place];
    const before = pieces[place - 1];
    if (next !== undefined && next.from === from && next.end === end && hasBytes(next.bytes, bytes, dataAt)) {
      return 'duplicate';
    }
    if ((next !== undefined && next.from < end) || (before !== undefined && before.end > from)) return 'overlap';
    const last = pieces[pieces.length - 1];
    if (more ? this.#totalBytes >= 0 && end > this.#totalBytes : this.#totalBytes >= 0 || (last?.end ?? 0) > end) {
      return 'inconsistent';
    }
    if (pieces.length === FRAGMENTS_MAX) return 'too-many';
    pieces.splice(place, 0, { from, end, bytes: bytes.slice(dataAt, dataAt + end - from) });
    this.#receivedBytes += end - from;
    this.memoryBytes += end - from + PIECE_COST_BYTES;
    if (!more) this.#totalBytes = end;
    this.#ecnSeen |= 1 << (tosByte & 3);
    return 'kept';
  }

  /** Keeps the headers of the first fragment, `bytes[at, dataAt)`. */
  keepHeaders(bytes: Uint8Array, at: number, dataAt: number, fragmentAt: number, namedAt: number): void {
    this.headers = bytes.slice(at, dataAt);
    this.fragmentAt = fragmentAt - at;
    this.namedAt = namedAt - at;
    this.memoryBytes += dataAt - at;
  }

  /**
   * The whole packet, as if it had never been cut, in memory of its own; or why there is none: its ECN bits contradict
   * each other, or it is longer than a packet can be.
   */
  whole(): Uint8Array | 'ecn-mixed' | 'too-long' {
    const headers = this.headers as Uint8Array;
    const ecn = ECN_OF_SEEN[this.#ecnSeen] as number;
    if (ecn < 0) return 'ecn-mixed';
    const dataAt = this.version === 4 ? headers.length : this.fragmentAt;
    const end = dataAt + this.#totalBytes;
    if (end - (this.version === 4 ? 0 : IPV6_HEADER_BYTES) > 0xffff) return 'too-long';
    const whole = new Uint8Array(end);
    whole.set(headers.subarray(0, dataAt));
    for (const { from, bytes } of this.#pieces) whole.set(bytes, dataAt + from);
    if (this.version === 4) finishIpv4(whole, dataAt, ecn);
    else this.#finishIpv6(whole, ecn);
    return whole;
  }

  /** The first fragment, as far as it is still known, in memory of its own. */
  firstFragment(): Uint8Array {
    const headers = this.headers as Uint8Array;
    const { bytes } = this.#pieces[0] as Piece;
    const packet = new Uint8Array(headers.length + bytes.length);
    packet.set(headers);
    packet.set(bytes, headers.length);
    return packet;
  }

  /** Index of the first piece that begins at `from` or behind it; mostly they come in order. */
  #placeOf(from: number): number {
    const pieces = this.#pieces;
    let low = 0;
    let high = pieces.length;
    if (high > 0 && (pieces[high - 1] as Piece).from < from) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pieces[middle] as Piece).from < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * "the Fragment header is not present in the final, reassembled packet"; "The Next Header field of the last header of
   * the Per-Fragment headers is obtained from the Next Header field of the first fragment's Fragment header." — RFC 8200
   * §4.5
   */
  #finishIpv6(into: Uint8Array, ecn: number): void {
    const headers = this.headers as Uint8Array;
    const payloadBytes = into.length - IPV6_HEADER_BYTES;
    into[4] = payloadBytes >>> 8;
    into[5] = payloadBytes;
    into[this.namedAt] = headers[this.fragmentAt] as number;
    into[1] = (into[1] as number) | (ecn << 4);
  }
}

function finishIpv4(into: Uint8Array, headerBytes: number, ecn: number): void {
  into[1] = (into[1] as number) | ecn;
  into[2] = into.length >>> 8;
  into[3] = into.length;
  into.fill(0, 6, 8);
  into.fill(0, 10, 12);
  const sum = complement(onesSum(into, 0, headerBytes));
  into[10] = sum >>> 8;
  into[11] = sum;
}

/** Whether `bytes` has, from `at` on, what `piece` has. */
function hasBytes(piece: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < piece.length; i++) if (piece[i] !== bytes[at + i]) return false;
  return true;
}
