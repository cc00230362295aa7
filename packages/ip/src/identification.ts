/** What tells the datagrams of one pair of hosts apart while they are in fragments (RFC 6864, RFC 7739). */

import type { IpAddress } from '@tcpstack/wire/ip-address';
import type { AddressHash } from './reassembly.ts';

const COUNTERS = 256;
/** Stand where ports would, so that the two hashes of a pair have nothing to do with each other. */
const FOR_START = 1;
const FOR_COUNTER = 2;

/**
 * "Fragment Identification = F(Src IP, Dst IP, secret1) + counter[G(src IP, Dst Pref, secret2)]": nobody but the two hosts
 * can tell the next one, and none comes again soon. — RFC 7739 §5.3
 */
export class Identifications {
  readonly #hash: AddressHash;
  readonly #counters = new Int32Array(COUNTERS);

  constructor(hash: AddressHash) {
    this.#hash = hash;
  }

  /** The next one, an int32; IPv4 takes its low 16 bits. */
  next(source: Readonly<IpAddress>, destination: Readonly<IpAddress>): number {
    const place = this.#hash.of(source, FOR_COUNTER, destination, FOR_COUNTER) & (COUNTERS - 1);
    const count = ((this.#counters[place] as number) + 1) | 0;
    this.#counters[place] = count;
    return (this.#hash.of(source, FOR_START, destination, FOR_START) + count) | 0;
  }
}
