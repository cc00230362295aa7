/** Resets that belong to no connection any more, waiting for the next output. */

import { IpAddress } from '@tcpstack/wire/ip-address';
import { putWords, readWords } from './address-words.ts';

/** More answers to strangers than this wait only in a flood: then further ones are dropped and counted. */
const ANSWERS_MAX = 256;
const CAPACITY_MIN = 16;
const WORDS = 13;

/** One reset. Sequence numbers are int32. */
export interface WaitingReset {
  readonly localAddress: IpAddress;
  readonly remoteAddress: IpAddress;
  localPort: number;
  remotePort: number;
  seq: number;
  ack: number;
  flags: number;
  tosByte: number;
  ttlHops: number;
}

/** A first-in first-out queue of resets, in one typed array. */
export class ResetQueue {
  #words = new Int32Array(0);
  #capacity = 0;
  #head = 0;
  #count = 0;
  readonly #oldest: WaitingReset = {
    localAddress: new IpAddress(),
    remoteAddress: new IpAddress(),
    localPort: 0,
    remotePort: 0,
    seq: 0,
    ack: 0,
    flags: 0,
    tosByte: 0,
    ttlHops: 0,
  };

  /** Resets that wait. */
  get length(): number {
    return this.#count;
  }

  /** Queues the answer to a segment; false when too many wait already. Sequence numbers are int32. */
  push(
    localAddress: Readonly<IpAddress>,
    remoteAddress: Readonly<IpAddress>,
    localPort: number,
    remotePort: number,
    seq: number,
    ack: number,
    flags: number,
    ttlHops: number,
  ): boolean {
    if (this.#count >= ANSWERS_MAX) return false;
    this.#append(localAddress, remoteAddress, localPort, remotePort, seq, ack, flags, ttlHops);
    return true;
  }

  /**
   * Queues the reset of a connection that we abort. There is always room: as many may wait as there were
   * connections, and a peer that is not told would keep its end for ever.
   *
   * @param tosByte Diffserv field of the connection, whose last segment this is.
   */
  pushAbort(
    localAddress: Readonly<IpAddress>,
    remoteAddress: Readonly<IpAddress>,
    localPort: number,
    remotePort: number,
    seq: number,
    ack: number,
    flags: number,
    tosByte: number,
    ttlHops: number,
  ): void {
    this.#append(localAddress, remoteAddress, localPort, remotePort, seq, ack, flags, (tosByte << 8) | ttlHops);
  }

  /** The oldest, in a record that the next call fills again. There must be one. */
  peek(): Readonly<WaitingReset> {
    const words = this.#words;
    const w = this.#head * WORDS;
    const into = this.#oldest;
    readWords(words, w, into.localAddress);
    readWords(words, w + 4, into.remoteAddress);
    into.localPort = (words[w + 8] as number) >>> 16;
    into.remotePort = (words[w + 8] as number) & 0xffff;
    into.seq = words[w + 9] as number;
    into.ack = words[w + 10] as number;
    into.flags = words[w + 11] as number;
    into.tosByte = (words[w + 12] as number) >>> 8;
    into.ttlHops = (words[w + 12] as number) & 0xff;
    return into;
  }

  /** Forgets the oldest. */
  shift(): void {
    this.#head = (this.#head + 1) % this.#capacity;
    this.#count--;
  }

  #append(
    localAddress: Readonly<IpAddress>,
    remoteAddress: Readonly<IpAddress>,
    localPort: number,
    remotePort: number,
    seq: number,
    ack: number,
    flags: number,
    ipWord: number,
  ): void {
    if (this.#count === this.#capacity) this.#grow();
    const words = this.#words;
    const w = ((this.#head + this.#count) % this.#capacity) * WORDS;
    putWords(words, w, localAddress);
    putWords(words, w + 4, remoteAddress);
    words[w + 8] = (localPort << 16) | remotePort;
    words[w + 9] = seq;
    words[w + 10] = ack;
    words[w + 11] = flags;
    words[w + 12] = ipWord;
    this.#count++;
  }

  /** Doubles; the oldest comes first again. */
  #grow(): void {
    const capacity = Math.max(CAPACITY_MIN, this.#capacity * 2);
    const grown = new Int32Array(capacity * WORDS);
    const oldest = this.#words.subarray(this.#head * WORDS);
    grown.set(oldest);
    grown.set(this.#words.subarray(0, this.#head * WORDS), oldest.length);
    this.#words = grown;
    this.#capacity = capacity;
    this.#head = 0;
  }
}
