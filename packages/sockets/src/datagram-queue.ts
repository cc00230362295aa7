/** Datagrams that wait to be read: one after the other in a ring of bytes, each behind a record of where it came from. */

import { ByteRing } from '@tcpstack/bytes/byte-ring';
import type { SlabPool } from '@tcpstack/bytes/slab-pool';
import type { IpPacket } from '@tcpstack/ip/packet';
import { IpAddress, readIpv6Address, writeIpv6Address } from '@tcpstack/wire/ip-address';
import { putI32, u16 } from '@tcpstack/wire/octets';

/** Bytes in front of each datagram: addresses, port, length, TTL, TOS, interface. */
const RECORD_BYTES = 44;
const SOURCE = 0;
const DESTINATION = 16;
const PORT = 32;
const LENGTH = 34;
const TTL = 36;
const TOS = 37;
const INTERFACE = 38;

/** What is known of a datagram besides its bytes. Reused: read it before the next one. */
export interface DatagramInfo {
  readonly source: IpAddress;
  sourcePort: number;
  readonly destination: IpAddress;
  lengthBytes: number;
  ttlHops: number;
  tosByte: number;
  interfaceIndex: number;
}

/** A record to be filled. */
export function createDatagramInfo(): DatagramInfo {
  return {
    source: new IpAddress(),
    sourcePort: 0,
    destination: new IpAddress(),
    lengthBytes: 0,
    ttlHops: 0,
    tosByte: 0,
    interfaceIndex: 0,
  };
}

/** First in, first out; bounded by the bytes of datagrams and their records. */
export class DatagramQueue {
  /** The oldest: valid while `length` is not 0. */
  readonly first: DatagramInfo = createDatagramInfo();
  readonly #ring: ByteRing;
  readonly #record = new Uint8Array(RECORD_BYTES);
  #length = 0;
  #drops = 0;

  constructor(pool: SlabPool, limitBytes: number) {
    this.#ring = new ByteRing(pool, limitBytes);
  }

  /** Datagrams that wait. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of them and of their records. */
  get bytes(): number {
    return this.#ring.readable;
  }

  /** Datagrams for which there was no room. */
  get drops(): number {
    return this.#drops;
  }

  /** SO_RCVBUF: what is in it already stays. */
  set limitBytes(bytes: number) {
    this.#ring.limitBytes = bytes;
  }

  /** Takes a copy of the datagram `bytes[at, end)` of `packet`; false when there is no room. */
  push(packet: IpPacket, sourcePort: number, bytes: Uint8Array, at: number, end: number): boolean {
    if (this.#ring.free < RECORD_BYTES + end - at) {
      this.#drops++;
      return false;
    }
    const record = this.#record;
    writeIpv6Address(record, SOURCE, packet.source);
    writeIpv6Address(record, DESTINATION, packet.destination);
    putI32(record, PORT, (sourcePort << 16) | (end - at));
    record[TTL] = packet.ttlHops;
    record[TOS] = packet.tosByte;
    putI32(record, INTERFACE, packet.interfaceIndex);
    this.#ring.write(record, 0, RECORD_BYTES);
    this.#ring.write(bytes, at, end);
    this.#length++;
    if (this.#length === 1) this.#readFirst();
    return true;
  }

  /** Copies what fits of the oldest to `into[at, end)`; returns how many bytes. */
  peek(into: Uint8Array, at: number, end: number): number {
    const n = Math.min(end - at, this.first.lengthBytes);
    this.#ring.peek(RECORD_BYTES, into, at, n);
    return n;
  }

  /** Forgets the oldest. */
  shift(): void {
    this.#ring.discard(RECORD_BYTES + this.first.lengthBytes);
    this.#length--;
    if (this.#length > 0) this.#readFirst();
    else this.#ring.park();
  }

  /** Forgets all and gives the memory back. */
  release(): void {
    this.#ring.release();
    this.#length = 0;
  }

  #readFirst(): void {
    const { first } = this;
    const record = this.#record;
    this.#ring.peek(0, record, 0, RECORD_BYTES);
    readIpv6Address(record, SOURCE, first.source);
    readIpv6Address(record, DESTINATION, first.destination);
    first.sourcePort = u16(record, PORT);
    first.lengthBytes = u16(record, LENGTH);
    first.ttlHops = record[TTL] as number;
    first.tosByte = record[TOS] as number;
    first.interfaceIndex = u16(record, INTERFACE + 2);
  }
}
