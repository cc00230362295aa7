/** The connection table that was not chosen: it compares what it is asked for with the connections themselves. */

import { type IpAddress, sameAddress } from '@tcpstack/wire/ip-address';
import type { Connection } from '../src/connection.ts';
import { HashPlaces } from '../src/hash-places.ts';
import type { TupleHash } from '../src/tuple-hash.ts';

export class LookingTable {
  readonly #hash: TupleHash;
  readonly #places = new HashPlaces();
  readonly #connections: Connection[] = [];

  constructor(hash: TupleHash) {
    this.#hash = hash;
  }

  add(connection: Connection): void {
    const { remoteAddress, remotePort, localAddress, localPort } = connection;
    this.#places.add(this.#hash.of(remoteAddress, remotePort, localAddress, localPort), this.#connections.length);
    this.#connections.push(connection);
  }

  find(
    remote: Readonly<IpAddress>,
    remotePort: number,
    local: Readonly<IpAddress>,
    localPort: number,
  ): Connection | null {
    const places = this.#places;
    const hash = this.#hash.of(remote, remotePort, local, localPort);
    for (let place = places.home(hash); ; place = places.next(place)) {
      const index = places.indexAt(place);
      if (index < 0) return null;
      if (places.hashAt(place) !== hash) continue;
      const connection = this.#connections[index] as Connection;
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
}
