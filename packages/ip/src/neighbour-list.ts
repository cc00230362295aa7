/** The entries of a neighbour cache: found by address, listed, and used again. */

import { type IpAddress, sameAddress, setAddress } from '@tcpstack/wire/ip-address';
import { Neighbour } from './neighbour.ts';

const BUCKETS = 1024;

/** A hash table of neighbours. */
export class NeighbourList {
  /** All of them, in no order. */
  readonly entries: Neighbour[] = [];
  readonly #buckets: (Neighbour | null)[] = new Array<Neighbour | null>(BUCKETS).fill(null);
  readonly #free: Neighbour[] = [];
  /** Secret, so that nobody on the link can pick addresses that share a bucket. */
  readonly #key: number;

  /** @param key 32 bits that nobody knows. */
  constructor(key: number) {
    this.#key = key | 0;
  }

  /** The entry for `address`, or `null`. */
  find(address: Readonly<IpAddress>): Neighbour | null {
    let entry = this.#buckets[this.#bucketOf(address)] as Neighbour | null;
    while (entry !== null && !sameAddress(entry.address, address)) entry = entry.next;
    return entry;
  }

  /** Makes the entry for `address`, which has none. */
  add(address: Readonly<IpAddress>): Neighbour {
    const entry = this.#free.pop() ?? new Neighbour();
    setAddress(entry.address, address);
    const bucket = this.#bucketOf(address);
    entry.next = this.#buckets[bucket] as Neighbour | null;
    this.#buckets[bucket] = entry;
    entry.place = this.entries.length;
    this.entries.push(entry);
    return entry;
  }

  /** Takes an entry out; the record becomes another neighbour's. */
  remove(entry: Neighbour): void {
    const bucket = this.#bucketOf(entry.address);
    const head = this.#buckets[bucket] as Neighbour;
    if (head === entry) this.#buckets[bucket] = entry.next;
    else {
      let before = head;
      while (before.next !== entry) before = before.next as Neighbour;
      before.next = entry.next;
    }
    const last = this.entries.pop() as Neighbour;
    if (last !== entry) {
      this.entries[entry.place] = last;
      last.place = entry.place;
    }
    forget(entry);
    this.#free.push(entry);
  }

  #bucketOf(address: Readonly<IpAddress>): number {
    let hash = Math.imul(address.w0 ^ this.#key, 0x9e37_79b1);
    hash = Math.imul((hash ^ (hash >>> 15)) + address.w1, 0x85eb_ca6b);
    hash = Math.imul((hash ^ (hash >>> 13)) + address.w2, 0xc2b2_ae35);
    hash = Math.imul((hash ^ (hash >>> 16)) + (address.w3 ^ this.#key), 0x27d4_eb2f);
    return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
  }
}

function forget(entry: Neighbour): void {
  entry.state = 'NONE';
  entry.mac = -1;
  entry.isRouter = false;
  entry.probes = 0;
  entry.confirmedMs = -Infinity;
  entry.usedMs = -Infinity;
  entry.updatedMs = -Infinity;
  entry.timerMs = Infinity;
  entry.waiting.length = 0;
  entry.waitingBytes = 0;
  entry.place = -1;
  entry.next = null;
}
