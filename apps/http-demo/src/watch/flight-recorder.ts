/** Remembers the segments of each connection that crosses a link: the first ones, and the latest. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import type { Link, LinkStats, ReceiveBatch } from '@tcpstack/runtime/link';
import { copyOf, IpAddress, readIpv4Address, readIpv6Address, sameAddress } from '@tcpstack/wire/ip-address';
import * as Ipv4 from '@tcpstack/wire/ipv4';
import * as Ipv6 from '@tcpstack/wire/ipv6';
import * as Tcp from '@tcpstack/wire/tcp';
import { type Direction, type SegmentLog, Track } from './track.ts';

/** Where a TCP segment is in a packet, and who is at its other end; one record, used again for each packet. */
interface Found {
  at: number;
  end: number;
  readonly remote: IpAddress;
}

/** Connections remembered; the oldest is forgotten for a new one. */
const TRACKS_MAX = 1024;

/** Watches the packets of one link without keeping, changing or copying more than the beginning of each segment. */
export class FlightRecorder {
  /** By both ports; connections of the same ports and other addresses are in a chain. */
  readonly #tracks = new Map<number, Track>();
  readonly #found: Found = { at: 0, end: 0, remote: new IpAddress() };

  /** The link to use in place of `link`. */
  watch(link: Link): Link {
    return new WatchedLink(link, (batch, direction) => this.#take(batch, direction));
  }

  /** What was seen of the connection between our port and the peer's; `null` when it is not remembered. */
  segmentsOf(localPort: number, remoteAddress: string, remotePort: number): SegmentLog | null {
    let track = this.#tracks.get(keyOf(localPort, remotePort));
    while (track !== undefined && track.remoteAddress !== remoteAddress) track = track.next;
    return track?.log() ?? null;
  }

  #take(batch: PacketBatch, direction: Direction): void {
    const nowMs = performance.now();
    const { arena } = batch;
    for (let i = 0; i < batch.count; i++) {
      const at = batch.offsetAt(i);
      if (find(arena, at, at + batch.lengthAt(i), direction, this.#found)) this.#note(arena, direction, nowMs);
    }
  }

  #note(bytes: Uint8Array, direction: Direction, nowMs: number): void {
    const { at, end, remote } = this.#found;
    const source = Tcp.sourcePort(bytes, at);
    const destination = Tcp.destinationPort(bytes, at);
    const key = direction === 'out' ? keyOf(source, destination) : keyOf(destination, source);
    let track = this.#tracks.get(key);
    while (track !== undefined && !sameAddress(track.remote, remote)) track = track.next;
    const isSyn = (Tcp.flags(bytes, at) & (Tcp.SYN | Tcp.ACK)) === Tcp.SYN;
    if (isSyn && !track?.hasBegunWith(bytes, at, direction)) track = this.#begin(key, nowMs);
    track?.note(bytes, at, end, direction, nowMs);
  }

  /** A new one of the same name takes the place of the old one. */
  #begin(key: number, nowMs: number): Track {
    const track = new Track(copyOf(this.#found.remote), nowMs);
    track.next = this.#tracks.get(key)?.without(track.remote);
    this.#tracks.delete(key); // so that it becomes the youngest
    this.#tracks.set(key, track);
    if (this.#tracks.size > TRACKS_MAX) this.#tracks.delete(this.#tracks.keys().next().value as number);
    return track;
  }
}

/** Finds TCP directly behind an IP header, as our stack and the kernel write it; false for anything else. */
function find(bytes: Uint8Array, at: number, end: number, direction: Direction, into: Found): boolean {
  const isOut = direction === 'out';
  if (end > at && (bytes[at] as number) >> 4 === 6) {
    if (Ipv6.checkIpv6(bytes, at, end) !== null || Ipv6.nextHeader(bytes, at) !== Ipv4.PROTOCOL_TCP) return false;
    into.at = at + Ipv6.IPV6_HEADER_BYTES;
    into.end = at + Ipv6.totalLength(bytes, at);
    readIpv6Address(bytes, at + (isOut ? 24 : 8), into.remote);
  } else {
    const fault = Ipv4.checkIpv4(bytes, at, end);
    if (fault !== null && fault !== 'bad-header-checksum') return false;
    if (Ipv4.protocol(bytes, at) !== Ipv4.PROTOCOL_TCP || (Ipv4.fragment(bytes, at) & 0x1fff) !== 0) return false;
    into.at = at + Ipv4.headerBytes(bytes, at);
    into.end = at + Ipv4.totalLength(bytes, at);
    readIpv4Address(bytes, at + (isOut ? 16 : 12), into.remote);
  }
  return Tcp.checkTcp(bytes, into.at, into.end) === null;
}

function keyOf(localPort: number, remotePort: number): number {
  return localPort * 65_536 + remotePort;
}

class WatchedLink implements Link {
  readonly mtuBytes: number;
  readonly superSegmentBytes: number;
  readonly receivesSuperSegments: boolean;
  readonly checksum: Link['checksum'];
  readonly headroomBytes: number;
  readonly #inner: Link;
  readonly #see: (batch: PacketBatch, direction: Direction) => void;

  constructor(inner: Link, see: (batch: PacketBatch, direction: Direction) => void) {
    this.#inner = inner;
    this.#see = see;
    this.mtuBytes = inner.mtuBytes;
    this.superSegmentBytes = inner.superSegmentBytes;
    this.receivesSuperSegments = inner.receivesSuperSegments;
    this.checksum = inner.checksum;
    this.headroomBytes = inner.headroomBytes;
  }

  get stats(): LinkStats {
    return this.#inner.stats;
  }

  start(receive: ReceiveBatch): void {
    this.#inner.start((batch) => {
      this.#see(batch, 'in');
      receive(batch);
    });
  }

  transmit(batch: PacketBatch): void {
    // Before the link has it: a link may write into the arena.
    this.#see(batch, 'out');
    this.#inner.transmit(batch);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
