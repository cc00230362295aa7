/** Which connection does a segment belong to: a table on the 4-tuple, of both families. */

import { assert } from '@tcpstack/bytes/assert';
import type { IpAddress } from '@tcpstack/wire/ip-address';
import type { Connection } from './connection.ts';
import { HashPlaces } from './hash-places.ts';
import type { TupleHash } from './tuple-hash.ts';
import { TupleRows } from './tuple-rows.ts';

/**
 * Three arrays: places of hashes, rows of 4-tuples, connections. A lookup touches a line of a cache in each, and no
 * connection.
 */
export class ConnectionTable {
  readonly #hash: Pick<TupleHash, 'of'>;
  readonly #places = new HashPlaces();
  readonly #rows = new TupleRows();
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
    return this.#places.places;
  }

  /** The connection with this 4-tuple, or `null`. */
  find(
    remote: Readonly<IpAddress>,
    remotePort: number,
    local: Readonly<IpAddress>,
    localPort: number,
  ): Connection | null {
    const index = this.#indexOf(
      this.#hash.of(remote, remotePort, local, localPort),
      remote,
      remotePort,
      local,
      localPort,
    );
    return index < 0 ? null : (this.#connections[index] as Connection);
  }

  /** Adds a connection whose 4-tuple is not in the table yet. Its addresses do not change from now on. */
  add(connection: Connection): void {
    const { remoteAddress, remotePort, localAddress, localPort } = connection;
    const hash = this.#hash.of(remoteAddress, remotePort, localAddress, localPort);
    const index = this.#indexOf(hash, remoteAddress, remotePort, localAddress, localPort);
    assert(index < 0, 'a 4-tuple names one connection');
    this.#places.add(hash, this.size);
    this.#rows.put(this.size, connection);
    this.#connections.push(connection);
  }

  /** Takes a connection out. */
  remove(connection: Connection): void {
    const { remoteAddress, remotePort, localAddress, localPort } = connection;
    const hash = this.#hash.of(remoteAddress, remotePort, localAddress, localPort);
    const index = this.#indexOf(hash, remoteAddress, remotePort, localAddress, localPort);
    assert(this.#connections[index] === connection, 'only connections of the table are removed');
    this.#places.remove(hash, index);
    const last = this.#connections.pop() as Connection;
    this.#rows.moveLast(this.size, index);
    if (last === connection) return;
    this.#connections[index] = last;
    this.#places.move(
      this.#hash.of(last.remoteAddress, last.remotePort, last.localAddress, last.localPort),
      this.size,
      index,
    );
  }

  /** Every connection, in no order that means anything. None is added or removed meanwhile. */
  values(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  #indexOf(
    hash: number,
    remote: Readonly<IpAddress>,
    remotePort: number,
    local: Readonly<IpAddress>,
    localPort: number,
  ): number {
    const places = this.#places;
    const rows = this.#rows;
    for (let place = places.home(hash); ; place = places.next(place)) {
      const index = places.indexAt(place);
      if (index < 0) return -1;
      if (places.hashAt(place) === hash && rows.isOf(index, remote, remotePort, local, localPort)) return index;
    }
  }
}
