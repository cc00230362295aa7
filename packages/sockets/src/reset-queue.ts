/** Resets that belong to no connection any more, waiting for the next output. */

import { DEFAULT_TTL_HOPS } from '@tcpstack/ip/output';

/** More answers to strangers than this wait only in a flood: then further ones are dropped and counted. */
const ANSWERS_MAX = 256;
const WORDS = 6;

/** A first-in first-out queue of resets, in one typed array. */
export class ResetQueue {
  #words = new Int32Array(ANSWERS_MAX * WORDS);
  #capacity = ANSWERS_MAX;
  #head = 0;
  #count = 0;

  /** Resets that wait. */
  get length(): number {
    return this.#count;
  }

  /** Queues the answer to a segment; false when too many wait already. Sequence numbers are int32. */
  push(remoteAddress: number, localPort: number, remotePort: number, seq: number, ack: number, flags: number): boolean {
    if (this.#count >= ANSWERS_MAX) return false;
    this.#append(remoteAddress, localPort, remotePort, seq, ack, flags, DEFAULT_TTL_HOPS);
    return true;
  }

  /**
   * Queues the reset of a connection that we abort. There is always room: as many may wait as there were
   * connections, and a peer that is not told would keep its end for ever.
   *
   * @param tosByte Diffserv field of the connection, whose last segment this is.
   */
  pushAbort(
    remoteAddress: number,
    localPort: number,
    remotePort: number,
    seq: number,
    ack: number,
    flags: number,
    tosByte: number,
    ttlHops: number,
  ): void {
    if (this.#count === this.#capacity) this.#grow();
    this.#append(remoteAddress, localPort, remotePort, seq, ack, flags, (tosByte << 8) | ttlHops);
  }

  /** The field `i` of the oldest: 0 remote address, 1 both ports, 2 seq, 3 ack, 4 flags, 5 TOS byte and TTL. */
  peek(i: 0 | 1 | 2 | 3 | 4 | 5): number {
    return this.#words[this.#head * WORDS + i] as number;
  }

  /** Forgets the oldest. */
  shift(): void {
    this.#head = (this.#head + 1) % this.#capacity;
    this.#count--;
  }

  #append(
    remoteAddress: number,
    localPort: number,
    remotePort: number,
    seq: number,
    ack: number,
    flags: number,
    ipWord: number,
  ): void {
    const w = ((this.#head + this.#count) % this.#capacity) * WORDS;
    this.#words[w] = remoteAddress;
    this.#words[w + 1] = (localPort << 16) | remotePort;
    this.#words[w + 2] = seq;
    this.#words[w + 3] = ack;
    this.#words[w + 4] = flags;
    this.#words[w + 5] = ipWord;
    this.#count++;
  }

  /** Doubles; the oldest comes first again. */
  #grow(): void {
    const grown = new Int32Array(this.#words.length * 2);
    const oldest = this.#words.subarray(this.#head * WORDS);
    grown.set(oldest);
    grown.set(this.#words.subarray(0, this.#head * WORDS), oldest.length);
    this.#words = grown;
    this.#capacity *= 2;
    this.#head = 0;
  }
}
