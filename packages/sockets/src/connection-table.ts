/** Which connection does a segment belong to: an open-addressed table on the 4-tuple. */

import { assert } from '@tcpstack/bytes/assert';
import type { Connection } from './connection.ts';

const WORDS = 4;
const INITIAL_LOG2 = 6;

/**
 * Keys are remote address, local address and both ports as three int32 words; the fourth word is one more than
 * the index of the connection, 0 for a free place. Linear probing, at most half full.
 */
export class ConnectionTable {
  readonly #secret: number;
  #words = new Int32Array(WORDS << INITIAL_LOG2);
  #mask = (1 << INITIAL_LOG2) - 1;
  readonly #connections: (Connection | null)[] = [];
  readonly #freeIndexes: number[] = [];
  #size = 0;

  /** @param secret Keys the hash, so that a stranger cannot aim at one bucket. */
  constructor(secret: number) {
    this.#secret = secret;
  }

  /** Connections in the table. */
  get size(): number {
    return this.#size;
  }

  /** The connection with this 4-tuple, or `null`. Addresses are int32. */
  find(remoteAddress: number, remotePort: number, localAddress: number, localPort: number): Connection | null {
    const ports = (remotePort << 16) | localPort;
    const place = this.#placeOf(remoteAddress, localAddress, ports);
    const tagged = this.#words[place * WORDS + 3] as number;
    return tagged === 0 ? null : (this.#connections[tagged - 1] as Connection);
  }

  /** Adds a connection whose 4-tuple is not in the table yet. */
  add(connection: Connection): void {
    if ((this.#size + 1) * 2 > this.#mask + 1) this.#grow();
    const ports = (connection.remotePort << 16) | connection.localPort;
    const place = this.#placeOf(connection.remoteAddress, connection.localAddress, ports);
    assert(this.#words[place * WORDS + 3] === 0, 'a 4-tuple names one connection');
    const index = this.#freeIndexes.pop() ?? this.#connections.length;
    this.#connections[index] = connection;
    const w = place * WORDS;
    this.#words[w] = connection.remoteAddress;
    this.#words[w + 1] = connection.localAddress;
    this.#words[w + 2] = ports;
    this.#words[w + 3] = index + 1;
    this.#size++;
  }

  /** Takes a connection out. */
  remove(connection: Connection): void {
    const ports = (connection.remotePort << 16) | connection.localPort;
    const place = this.#placeOf(connection.remoteAddress, connection.localAddress, ports);
    const tagged = this.#words[place * WORDS + 3] as number;
    assert(tagged > 0 && this.#connections[tagged - 1] === connection, 'only connections of the table are removed');
    this.#connections[tagged - 1] = null;
    this.#freeIndexes.push(tagged - 1);
    this.#size--;
    this.#closeGap(place);
  }

  /** Every connection, in no order that means anything. */
  *values(): Generator<Connection> {
    for (const connection of this.#connections) if (connection !== null) yield connection;
  }

  /** The place of a key, or the free place where it would go. */
  #placeOf(remoteAddress: number, localAddress: number, ports: number): number {
    let place = this.#hash(remoteAddress, localAddress, ports) & this.#mask;
    for (;;) {
      const w = place * WORDS;
      if (
        this.#words[w + 3] === 0 ||
        (this.#words[w + 2] === ports && this.#words[w] === remoteAddress && this.#words[w + 1] === localAddress)
      ) {
        return place;
      }
      place = (place + 1) & this.#mask;
    }
  }

  /** Multiply-and-shift mixing, keyed. */
  #hash(remoteAddress: number, localAddress: number, ports: number): number {
    let h = Math.imul(remoteAddress ^ this.#secret, 0x9e3779b1);
    h = Math.imul((h ^ (h >>> 15)) + ports, 0x85ebca77);
    h = Math.imul((h ^ (h >>> 13)) + localAddress, 0xc2b2ae3d);
    return h ^ (h >>> 16);
  }

  /** Moves later entries of the probe run back over a freed place. */
  #closeGap(freed: number): void {
    let gap = freed;
    let place = freed;
    this.#words[gap * WORDS + 3] = 0;
    for (;;) {
      place = (place + 1) & this.#mask;
      const w = place * WORDS;
      if (this.#words[w + 3] === 0) return;
      const home =
        this.#hash(this.#words[w] as number, this.#words[w + 1] as number, this.#words[w + 2] as number) & this.#mask;
      // The entry may move when its home does not lie between the gap (exclusive) and its place.
      if (((place - home) & this.#mask) < ((place - gap) & this.#mask)) continue;
      this.#words.copyWithin(gap * WORDS, w, w + WORDS);
      this.#words[w + 3] = 0;
      gap = place;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#mask = this.#mask * 2 + 1;
    this.#words = new Int32Array((this.#mask + 1) * WORDS);
    for (let w = 0; w < old.length; w += WORDS) {
      if (old[w + 3] === 0) continue;
      const place = this.#placeOf(old[w] as number, old[w + 1] as number, old[w + 2] as number);
      this.#words.set(old.subarray(w, w + WORDS), place * WORDS);
    }
  }
}
