/** Which connection does a segment belong to: an open-addressed table on the 4-tuple, of both families. */

import { assert } from '@tcpstack/bytes/assert';
import { type IpAddress, sameAddress } from '@tcpstack/wire/ip-address';
import type { Connection } from './connection.ts';
import type { TupleHash } from './tuple-hash.ts';

const WORDS = 2;
const PLACES_MIN = 64;

/**
 * A place is two words: the hash of the 4-tuple, whole, and one more than the index of the connection, 0 for a free place.
 * The addresses are compared in the connection itself, once for each find: another one has the same 32 bits only once in
 * 2^32. Linear probing, at most half full, at least an eighth. Growing copies hashes and computes none: one pause of
 * about 2 ms when there are 65,536 connections.
 */
export class ConnectionTable {
  readonly #hash: Pick<TupleHash, 'of'>;
  #places = new Int32Array(WORDS * PLACES_MIN);
  #mask = PLACES_MIN - 1;
  /** Without gaps: the last one takes the index of one that goes. */
  readonly #connections: Connection[] = [];

  /** @param hash Keyed, so that a stranger cannot aim at one place. */
  constructor(hash: Pick<TupleHash, 'of'>) {
    this.#hash = hash;
  }

  /** Connections in the table. */
  get size(): number {
    return this.#connections.length;
  }

  /** Places that the table has now; for tests and benches. */
  get places(): number {
    return this.#mask + 1;
  }

  /** The connection with this 4-tuple, or `null`. */
  find(
    remote: Readonly<IpAddress>,
    remotePort: number,
    local: Readonly<IpAddress>,
    localPort: number,
  ): Connection | null {
    const hash = this.#hash.of(remote, remotePort, local, localPort);
    const places = this.#places;
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const tagged = places[place * WORDS + 1] as number;
      if (tagged === 0) return null;
      if (places[place * WORDS] !== hash) continue;
      const connection = this.#connections[tagged - 1] as Connection;
      if (
        connection.remotePort === remotePort &&
        connection.localPort === localPort &&
        sameAddress(connection.remoteAddress, remote) &&
        sameAddress(connection.localAddress, local)
      ) {
        return connection;
      }
    }
  }

  /** Adds a connection whose 4-tuple is not in the table yet. Its addresses do not change from now on. */
  add(connection: Connection): void {
    const { remoteAddress, remotePort, localAddress, localPort } = connection;
    assert(this.find(remoteAddress, remotePort, localAddress, localPort) === null, 'a 4-tuple names one connection');
    if ((this.size + 1) * 2 > this.places) this.#resize(this.places * 2);
    this.#connections.push(connection);
    this.#put(this.#hashOf(connection), this.size);
  }

  /** Takes a connection out. */
  remove(connection: Connection): void {
    const place = this.#placeOf(connection);
    assert(place >= 0, 'only connections of the table are removed');
    const tagged = this.#places[place * WORDS + 1] as number;
    const last = this.#connections[this.size - 1] as Connection;
    this.#places[this.#placeOf(last) * WORDS + 1] = tagged;
    this.#connections[tagged - 1] = last;
    this.#connections.pop();
    this.#closeGap(place);
    if (this.places > PLACES_MIN && this.size * 8 < this.places) this.#resize(this.places / 2);
  }

  /** Every connection, in no order that means anything. None is added or removed meanwhile. */
  values(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  #hashOf({ remoteAddress, remotePort, localAddress, localPort }: Connection): number {
    return this.#hash.of(remoteAddress, remotePort, localAddress, localPort);
  }

  /** Where this very connection is filed, -1 for nowhere. */
  #placeOf(connection: Connection): number {
    const hash = this.#hashOf(connection);
    for (let place = hash & this.#mask; ; place = (place + 1) & this.#mask) {
      const tagged = this.#places[place * WORDS + 1] as number;
      if (tagged === 0) return -1;
      if (this.#connections[tagged - 1] === connection) return place;
    }
  }

  /** Files under the first free place from its home on. */
  #put(hash: number, tagged: number): void {
    let place = hash & this.#mask;
    while (this.#places[place * WORDS + 1] !== 0) place = (place + 1) & this.#mask;
    this.#places[place * WORDS] = hash;
    this.#places[place * WORDS + 1] = tagged;
  }

  /** Moves later entries of the probe run back over a freed place. */
  #closeGap(freed: number): void {
    const places = this.#places;
    let gap = freed;
    let place = freed;
    for (;;) {
      place = (place + 1) & this.#mask;
      const w = place * WORDS;
      if (places[w + 1] === 0) break;
      const home = (places[w] as number) & this.#mask;
      // The entry may move when its home does not lie between the gap (exclusive) and its place.
      if (((place - home) & this.#mask) < ((place - gap) & this.#mask)) continue;
      places[gap * WORDS] = places[w] as number;
      places[gap * WORDS + 1] = places[w + 1] as number;
      gap = place;
    }
    places[gap * WORDS + 1] = 0;
  }

  #resize(places: number): void {
    const old = this.#places;
    this.#places = new Int32Array(WORDS * places);
    this.#mask = places - 1;
    for (let w = 0; w < old.length; w += WORDS) {
      if (old[w + 1] !== 0) this.#put(old[w] as number, old[w + 1] as number);
    }
  }
}
