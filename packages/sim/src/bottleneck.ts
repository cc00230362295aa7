/** The slow place of a path: a rate, and a buffer in front of it that drops what does not fit. */

/** Shape of a bottleneck. */
export interface BottleneckOptions {
  /** Bytes of IP packets that leave in a millisecond; 12500 is 100 Mbit/s. `Infinity`: it delays nothing. */
  readonly bytesPerMs: number;
  /** Bytes that may wait, the packet being sent included. Default `Infinity`. */
  readonly bufferBytes?: number;
  /** A packet that finds more than this waiting is marked, when its sender is capable of ECN. Default `Infinity`. */
  readonly markBytes?: number;
}

/** What `admit` says of a packet that does not fit. */
export const DROPPED = -1;

/** One queue, drop-tail. Any number of paths may lead through it. */
export class Bottleneck {
  bytesPerMs: number;
  readonly bufferBytes: number;
  readonly markBytes: number;
  #busyUntilMs = 0;

  constructor(options: BottleneckOptions) {
    this.bytesPerMs = options.bytesPerMs;
    this.bufferBytes = options.bufferBytes ?? Infinity;
    this.markBytes = options.markBytes ?? Infinity;
  }

  /** Bytes that wait at `nowMs`. */
  backlogBytes(nowMs: number): number {
    return this.bytesPerMs === Infinity ? 0 : Math.max(0, this.#busyUntilMs - nowMs) * this.bytesPerMs;
  }

  /** Whether a packet that comes now is to be marked. */
  marks(nowMs: number): boolean {
    return this.backlogBytes(nowMs) > this.markBytes;
  }

  /** Takes a packet of `lengthBytes`: when its last byte leaves, or `DROPPED`. An idle line takes any packet. */
  admit(nowMs: number, lengthBytes: number): number {
    if (this.bytesPerMs === Infinity) return nowMs;
    const backlogBytes = this.backlogBytes(nowMs);
    if (backlogBytes > 0 && backlogBytes + lengthBytes > this.bufferBytes) return DROPPED;
    this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + lengthBytes / this.bytesPerMs;
    return this.#busyUntilMs;
  }
}
