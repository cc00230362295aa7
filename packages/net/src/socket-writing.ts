/** The writing half of a Socket: chunks into the send queue, waiting when it is full. */

import type { Driver } from '@tcpstack/runtime/driver';
import { EAGAIN, ECANCELED } from '@tcpstack/sockets/errno';

/**
 * Called once a write is wholly in the send queue, or over for another reason.
 *
 * @param errno 0, or the negative errno that ended it.
 * @param bytes How many bytes went into the queue.
 */
export type Written = (errno: number, bytes: number) => void;

/** A chunk as a Writable hands it over; strings were decoded before. */
export interface QueuedChunk {
  readonly chunk: Uint8Array;
}

export class Writing {
  readonly #driver: Driver;
  #fd = -1;
  #chunks: readonly QueuedChunk[] = [];
  #next = 0;
  /** Bytes of the next chunk that are written. */
  #offset = 0;
  #done: Written | null = null;
  #bytes = 0;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /** There is a connection now. */
  open(fd: number): void {
    this.#fd = fd;
  }

  /** Writes `chunks` in order, without joining them. One call at a time. */
  write(chunks: readonly QueuedChunk[], done: Written): void {
    this.#chunks = chunks;
    this.#next = 0;
    this.#offset = 0;
    this.#bytes = 0;
    this.#done = done;
    this.flush();
  }

  /** Goes on with what waits. True when bytes moved. */
  flush(): boolean {
    if (this.#done === null || this.#fd < 0) return false;
    const { sys } = this.#driver;
    let moved = false;
    for (; this.#next < this.#chunks.length; this.#next++, this.#offset = 0) {
      const { chunk } = this.#chunks[this.#next] as QueuedChunk;
      while (this.#offset < chunk.length) {
        const bytes = sys.write(this.#fd, chunk, this.#offset, chunk.length);
        if (bytes === -EAGAIN) return moved;
        if (bytes < 0) {
          this.#finish(bytes);
          return moved;
        }
        this.#offset += bytes;
        this.#bytes += bytes;
        moved = true;
      }
    }
    this.#finish(0);
    return moved;
  }

  /** The descriptor is gone; a write under way never ends, which its caller is told as Node would tell it. */
  close(): void {
    this.#fd = -1;
    this.#finish(-ECANCELED);
  }

  #finish(errno: number): void {
    const done = this.#done;
    this.#done = null;
    this.#chunks = [];
    done?.(errno, this.#bytes);
  }
}
