/** Connections in TIME-WAIT, each an entry of about a hundred bytes instead of a TCB. */

import { assert } from '@tcpstack/bytes/assert';
import { IpAddress } from '@tcpstack/wire/ip-address';
import { HashPlaces } from './hash-places.ts';
import type { TupleHash } from './tuple-hash.ts';

/** What an entry remembers, as int32 words. The first eight are both addresses. */
const REMOTE = 0;
const LOCAL = 4;
const PORTS = 8;
const HASH = 9;
/** Neighbours in the order of deadlines, and the place among those that owe an ACK; -1 for none. */
const BEFORE = 10;
const AFTER = 11;
const OWED_AT = 12;
export const SND_NXT = 13;
export const RCV_NXT = 14;
/** Bytes that we offered last, counted from RCV.NXT. */
export const RCV_WND_BYTES = 15;
/** The largest window that the peer ever offered, and SND.WL1, by which a newer one is known. */
export const MAX_WND_BYTES = 16;
export const SND_WL1 = 17;
export const TS_OFFSET = 18;
export const TS_RECENT = 19;
/** `TIMESTAMPS`, both window scales, Diffserv field and time to live; see `packTraits`. */
export const TRAITS = 20;
const WORDS = 21;

/** What an entry remembers, as times on the caller's clock. */
const DEADLINE_MS = 0;
export const TS_RECENT_AT_MS = 1;
export const CHALLENGED_AT_MS = 2;
const TIMES = 3;

const CHUNK_LOG2 = 7;
const CHUNK_ENTRIES = 1 << CHUNK_LOG2;
const IN_CHUNK = CHUNK_ENTRIES - 1;
const NONE = -1;
/** Entries that are looked at to find the place of one that ends earlier than the last. */
const STEPS_MAX = 64;

interface Chunk {
  readonly words: Int32Array;
  readonly times: Float64Array;
}

/** Fields of `TRAITS`. */
export const TIMESTAMPS = 1 << 24;
/** Above it, two bits: `sharingOf` the options that the connection had. */
export const SHARING_SHIFT = 25;
export function packTraits(
  timestamps: boolean,
  sndScale: number,
  rcvScale: number,
  tosByte: number,
  ttlHops: number,
): number {
  return (timestamps ? TIMESTAMPS : 0) | (sndScale << 20) | (rcvScale << 16) | (tosByte << 8) | ttlHops;
}

/**
 * Entries have indexes without gaps, which are good until the next `remove`: the last one moves into the gap. Memory
 * comes in chunks of 128 entries and goes with them.
 */
export class TimeWaitTable {
  readonly #hash: Pick<TupleHash, 'of'>;
  readonly #places = new HashPlaces();
  readonly #chunks: Chunk[] = [];
  /** Entries that owe an ACK. */
  readonly #owing: number[] = [];
  #size = 0;
  #first = NONE;
  #last = NONE;

  constructor(hash: Pick<TupleHash, 'of'>) {
    this.#hash = hash;
  }

  /** Connections in TIME-WAIT here. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of typed arrays that the table holds. */
  get bytes(): number {
    return this.#chunks.length * CHUNK_ENTRIES * (4 * WORDS + 8 * TIMES) + this.#places.places * 8;
  }

  /** The entry with this 4-tuple, or -1. */
  find(remote: Readonly<IpAddress>, remotePort: number, local: Readonly<IpAddress>, localPort: number): number {
    if (this.#size === 0) return NONE;
    const hash = this.#hash.of(remote, remotePort, local, localPort);
    const ports = (remotePort << 16) | localPort;
    const places = this.#places;
    for (let place = places.home(hash); ; place = places.next(place)) {
      const index = places.indexAt(place);
      if (index < 0) return NONE;
      if (places.hashAt(place) !== hash || this.word(index, PORTS) !== ports) continue;
      if (this.#isAddress(index, REMOTE, remote) && this.#isAddress(index, LOCAL, local)) return index;
    }
  }

  /** A new entry, whose other words and times the caller sets. Nobody else has the 4-tuple. */
  add(
    remote: Readonly<IpAddress>,
    remotePort: number,
    local: Readonly<IpAddress>,
    localPort: number,
    deadlineMs: number,
  ): number {
    const index = this.#size++;
    if (index >> CHUNK_LOG2 === this.#chunks.length) this.#chunks.push(createChunk());
    const hash = this.#hash.of(remote, remotePort, local, localPort);
    this.#putAddress(index, REMOTE, remote);
    this.#putAddress(index, LOCAL, local);
    this.setWord(index, PORTS, (remotePort << 16) | localPort);
    this.setWord(index, HASH, hash);
    this.setWord(index, OWED_AT, NONE);
    this.#places.add(hash, index);
    this.#enqueue(index, deadlineMs);
    return index;
  }

  /** The connection is over. Indexes of before mean nothing any more. */
  remove(index: number): void {
    this.settle(index);
    this.#dequeue(index);
    this.#places.remove(this.word(index, HASH), index);
    const last = --this.#size;
    if (index !== last) this.#moveInto(index, last);
    // One chunk stays for the next, so that a size that goes up and down does not allocate each time.
    if (last === 0) this.#chunks.length = 0;
    else while (this.#chunks.length > (last >> CHUNK_LOG2) + 2) this.#chunks.pop();
  }

  word(index: number, field: number): number {
    const { words } = this.#chunks[index >> CHUNK_LOG2] as Chunk;
    return words[(index & IN_CHUNK) * WORDS + field] as number;
  }

  setWord(index: number, field: number, value: number): void {
    const { words } = this.#chunks[index >> CHUNK_LOG2] as Chunk;
    words[(index & IN_CHUNK) * WORDS + field] = value;
  }

  time(index: number, field: number): number {
    const { times } = this.#chunks[index >> CHUNK_LOG2] as Chunk;
    return times[(index & IN_CHUNK) * TIMES + field] as number;
  }

  setTime(index: number, field: number, valueMs: number): void {
    const { times } = this.#chunks[index >> CHUNK_LOG2] as Chunk;
    times[(index & IN_CHUNK) * TIMES + field] = valueMs;
  }

  /** A copy to keep. */
  remoteOf(index: number): IpAddress {
    return this.#address(index, REMOTE);
  }

  localOf(index: number): IpAddress {
    return this.#address(index, LOCAL);
  }

  remotePortOf(index: number): number {
    return this.word(index, PORTS) >>> 16;
  }

  localPortOf(index: number): number {
    return this.word(index, PORTS) & 0xffff;
  }

  /** When the entry ends. */
  deadlineOf(index: number): number {
    return this.time(index, DEADLINE_MS);
  }

  /** When the first of all ends; `Infinity` when there is none. */
  earliestMs(): number {
    return this.#first === NONE ? Infinity : this.time(this.#first, DEADLINE_MS);
  }

  /** The one that ends first, -1 when there is none. */
  get first(): number {
    return this.#first;
  }

  /** It ends then, and not as was said before. */
  restart(index: number, deadlineMs: number): void {
    this.#dequeue(index);
    this.#enqueue(index, deadlineMs);
  }

  /** It owes an ACK. */
  owe(index: number): void {
    if (this.word(index, OWED_AT) !== NONE) return;
    this.setWord(index, OWED_AT, this.#owing.length);
    this.#owing.push(index);
  }

  /** One that owes an ACK, -1 when none does. */
  get owing(): number {
    return this.#owing.at(-1) ?? NONE;
  }

  /** It owes none any more. */
  settle(index: number): void {
    const at = this.word(index, OWED_AT);
    if (at === NONE) return;
    const last = this.#owing.pop() as number;
    if (last !== index) {
      this.#owing[at] = last;
      this.setWord(last, OWED_AT, at);
    }
    this.setWord(index, OWED_AT, NONE);
  }

  /**
   * All last equally long, so that a new one nearly always ends last. One whose time began earlier is put where it belongs
   * when that is near, and else ends a little later: longer than 2 MSL is harmless.
   */
  #enqueue(index: number, deadlineMs: number): void {
    let before = this.#last;
    for (let i = 0; i < STEPS_MAX && before !== NONE && this.time(before, DEADLINE_MS) > deadlineMs; i++) {
      before = this.word(before, BEFORE);
    }
    const boundMs = before === NONE ? deadlineMs : Math.max(deadlineMs, this.time(before, DEADLINE_MS));
    this.setTime(index, DEADLINE_MS, boundMs);
    const after = before === NONE ? this.#first : this.word(before, AFTER);
    this.setWord(index, BEFORE, before);
    this.setWord(index, AFTER, after);
    this.#linkTo(index, before, after);
  }

  #dequeue(index: number): void {
    const before = this.word(index, BEFORE);
    const after = this.word(index, AFTER);
    if (before === NONE) this.#first = after;
    else this.setWord(before, AFTER, after);
    if (after === NONE) this.#last = before;
    else this.setWord(after, BEFORE, before);
  }

  /** The neighbours know of it. */
  #linkTo(index: number, before: number, after: number): void {
    if (before === NONE) this.#first = index;
    else this.setWord(before, AFTER, index);
    if (after === NONE) this.#last = index;
    else this.setWord(after, BEFORE, index);
  }

  /** The entry `from` has the index `to` from now on. */
  #moveInto(to: number, from: number): void {
    assert(from > to, 'entries move down only');
    for (let field = 0; field < WORDS; field++) this.setWord(to, field, this.word(from, field));
    for (let field = 0; field < TIMES; field++) this.setTime(to, field, this.time(from, field));
    this.#places.move(this.word(to, HASH), from, to);
    this.#linkTo(to, this.word(to, BEFORE), this.word(to, AFTER));
    const owedAt = this.word(to, OWED_AT);
    if (owedAt !== NONE) this.#owing[owedAt] = to;
  }

  #isAddress(index: number, field: number, address: Readonly<IpAddress>): boolean {
    return (
      this.word(index, field + 3) === address.w3 &&
      this.word(index, field + 2) === address.w2 &&
      this.word(index, field + 1) === address.w1 &&
      this.word(index, field) === address.w0
    );
  }

  #putAddress(index: number, field: number, { w0, w1, w2, w3 }: Readonly<IpAddress>): void {
    this.setWord(index, field, w0);
    this.setWord(index, field + 1, w1);
    this.setWord(index, field + 2, w2);
    this.setWord(index, field + 3, w3);
  }

  #address(index: number, field: number): IpAddress {
    return new IpAddress(
      this.word(index, field),
      this.word(index, field + 1),
      this.word(index, field + 2),
      this.word(index, field + 3),
    );
  }
}

function createChunk(): Chunk {
  return { words: new Int32Array(CHUNK_ENTRIES * WORDS), times: new Float64Array(CHUNK_ENTRIES * TIMES) };
}
