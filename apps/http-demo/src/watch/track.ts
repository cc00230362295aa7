/** The segments of one connection as they were seen: how it began, and what was last. */

import { toUint32 } from '@tcpstack/seq/seq';
import { flagNames, type TcpFlagName } from '@tcpstack/wire/decode';
import { type DecodedTcpOption, decodeTcpOptions } from '@tcpstack/wire/decode-options';
import { formatAddress, type IpAddress, sameAddress } from '@tcpstack/wire/ip-address';
import * as Tcp from '@tcpstack/wire/tcp';
import { contentOf } from './content.ts';

/** Seen from our stack. */
export type Direction = 'in' | 'out';

/** One segment; numbers as unsigned, relative ones counted from the sender's (or, of `ack`, the receiver's) SYN. */
export interface SeenSegment {
  /** Since the first segment. */
  readonly timeMs: number;
  readonly direction: Direction;
  readonly flags: readonly TcpFlagName[];
  readonly seq: number;
  readonly seqRelative: number;
  /** `null` without ACK. */
  readonly ack: number | null;
  readonly ackRelative: number | null;
  /** The window field, before scaling. */
  readonly window: number;
  readonly options: readonly DecodedTcpOption[];
  readonly payloadBytes: number;
  /** What the payload begins with: "GET /", "TLS ClientHello"; '' for what has no name. */
  readonly content: string;
}

/** What is remembered of a connection. */
export interface SegmentLog {
  readonly first: readonly SeenSegment[];
  /** Segments between these and the latest. */
  readonly omitted: number;
  readonly latest: readonly SeenSegment[];
}

/** The beginning of a segment, with all that can be told of it later. */
interface Kept {
  timeMs: number;
  direction: Direction;
  lengthBytes: number;
  readonly head: Uint8Array;
}

/** The handshake, that of TLS, and a request. */
const FIRST_MAX = 12;
const LATEST_MAX = 12;
/** A TCP header of any length, and enough of the payload to name it. */
const HEAD_BYTES = Tcp.TCP_HEADER_BYTES_MAX + 48;

export class Track {
  /** Another connection with the same two ports. */
  next: Track | undefined = undefined;
  readonly remote: Readonly<IpAddress>;
  readonly #startMs: number;
  readonly #first: Kept[] = [];
  /** A ring; its records are used again. */
  readonly #latest: Kept[] = [];
  #count = 0;
  /** From their SYNs; -1 before. */
  #ourInitial = -1;
  #peersInitial = -1;

  constructor(remote: Readonly<IpAddress>, startMs: number) {
    this.remote = remote;
    this.#startMs = startMs;
  }

  /** "10.77.0.1" */
  get remoteAddress(): string {
    return formatAddress(this.remote);
  }

  /** Whether the SYN at `at` is one that opened this connection, perhaps sent again. */
  hasBegunWith(bytes: Uint8Array, at: number, direction: Direction): boolean {
    return toUint32(Tcp.sequence(bytes, at)) === (direction === 'out' ? this.#ourInitial : this.#peersInitial);
  }

  /** The chain without the connection of `remote`. */
  without(remote: Readonly<IpAddress>): Track | undefined {
    if (sameAddress(this.remote, remote)) return this.next;
    this.next = this.next?.without(remote);
    return this;
  }

  /** Keeps the beginning of the segment `bytes[at, end)`, which is borrowed. */
  note(bytes: Uint8Array, at: number, end: number, direction: Direction, nowMs: number): void {
    if ((Tcp.flags(bytes, at) & Tcp.SYN) !== 0) {
      const initial = toUint32(Tcp.sequence(bytes, at));
      if (direction === 'out') this.#ourInitial = initial;
      else this.#peersInitial = initial;
    }
    const kept = this.#place();
    kept.timeMs = nowMs - this.#startMs;
    kept.direction = direction;
    kept.lengthBytes = end - at;
    const headBytes = Math.min(HEAD_BYTES, end - at);
    for (let i = 0; i < headBytes; i++) kept.head[i] = bytes[at + i] as number;
    this.#count++;
  }

  log(): SegmentLog {
    const latestCount = this.#latest.length;
    const begin = Math.max(0, this.#count - this.#first.length) % LATEST_MAX;
    const inOrder = latestCount < LATEST_MAX ? this.#latest : rotated(this.#latest, begin);
    return {
      first: this.#first.map((kept) => this.#told(kept)),
      omitted: this.#count - this.#first.length - latestCount,
      latest: inOrder.map((kept) => this.#told(kept)),
    };
  }

  #place(): Kept {
    if (this.#first.length < FIRST_MAX) return added(this.#first);
    if (this.#latest.length < LATEST_MAX) return added(this.#latest);
    return this.#latest[(this.#count - FIRST_MAX) % LATEST_MAX] as Kept;
  }

  #told({ timeMs, direction, lengthBytes, head }: Kept): SeenSegment {
    const dataOffsetBytes = Tcp.dataOffsetBytes(head, 0);
    const flags = Tcp.flags(head, 0);
    const seq = toUint32(Tcp.sequence(head, 0));
    const ack = (flags & Tcp.ACK) === 0 ? null : toUint32(Tcp.acknowledgment(head, 0));
    const isOut = direction === 'out';
    const payloadBytes = lengthBytes - dataOffsetBytes;
    return {
      timeMs: Math.round(timeMs * 1000) / 1000,
      direction,
      flags: flagNames(flags),
      seq,
      seqRelative: distance(seq, isOut ? this.#ourInitial : this.#peersInitial),
      ack,
      ackRelative: ack === null ? null : distance(ack, isOut ? this.#peersInitial : this.#ourInitial),
      window: Tcp.windowRaw(head, 0),
      options: decodeTcpOptions(head, Tcp.TCP_HEADER_BYTES, dataOffsetBytes),
      payloadBytes,
      content: contentOf(head.subarray(dataOffsetBytes, Math.min(HEAD_BYTES, lengthBytes))),
    };
  }
}

function added(list: Kept[]): Kept {
  const kept: Kept = { timeMs: 0, direction: 'in', lengthBytes: 0, head: new Uint8Array(HEAD_BYTES) };
  list.push(kept);
  return kept;
}

function rotated(ring: readonly Kept[], begin: number): Kept[] {
  return [...ring.slice(begin), ...ring.slice(0, begin)];
}

/** How far `number` is past where its sender began; the number itself when that was not seen. */
function distance(number: number, initial: number): number {
  return initial < 0 ? number : (number - initial) >>> 0;
}
