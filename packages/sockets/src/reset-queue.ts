/** Resets that belong to no connection, waiting for the next output; bounded. */

/** More than this many wait only in a flood: then further ones are dropped and counted. */
const LIMIT = 256;
const WORDS = 5;

/** A first-in first-out queue of resets, in one typed array. */
export class ResetQueue {
  readonly #words = new Int32Array(LIMIT * WORDS);
  #head = 0;
  #count = 0;

  /** Resets that wait. */
  get length(): number {
    return this.#count;
  }

  /** Queues one; false when the queue is full. Sequence numbers are int32. */
  push(remoteAddress: number, localPort: number, remotePort: number, seq: number, ack: number, flags: number): boolean {
    if (this.#count === LIMIT) return false;
    const w = ((this.#head + this.#count) % LIMIT) * WORDS;
    this.#words[w] = remoteAddress;
    this.#words[w + 1] = (localPort << 16) | remotePort;
    this.#words[w + 2] = seq;
    this.#words[w + 3] = ack;
    this.#words[w + 4] = flags;
    this.#count++;
    return true;
  }

  /** The field `i` of the oldest: 0 remote address, 1 both ports, 2 seq, 3 ack, 4 flags. */
  peek(i: 0 | 1 | 2 | 3 | 4): number {
    return this.#words[this.#head * WORDS + i] as number;
  }

  /** Forgets the oldest. */
  shift(): void {
    this.#head = (this.#head + 1) % LIMIT;
    this.#count--;
  }
}
