/** All chance in a simulated world, from one seed: the same seed gives the same world, packet for packet. */

/** Numbers from a seed: a Weyl sequence through a 32-bit finalizer. Not for secrets. */
export class Random {
  #state: number;

  /** @param seed Any number; its low 32 bits count. */
  constructor(seed: number) {
    this.#state = scramble(seed | 0);
  }

  /** 0 (inclusive) to 1 (exclusive). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return (scramble(this.#state) >>> 0) / 0x1_0000_0000;
  }

  /** True in `share` (0 to 1) of the calls. It always draws, so that one setting does not shift what follows. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number, 0 to `n - 1`. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** `min` (inclusive) to `max` (exclusive). */
  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  /** One of `list`. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** `n` bytes, for a host's entropy. */
  bytes(n: number): Uint8Array {
    const bytes = new Uint8Array(n);
    for (let i = 0; i < n; i++) bytes[i] = this.below(256);
    return bytes;
  }

  /** A generator of its own for a part of the world, so that what one part draws does not move another. */
  fork(): Random {
    return new Random(this.below(0x1_0000_0000));
  }
}

function scramble(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
