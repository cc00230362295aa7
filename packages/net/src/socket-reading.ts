/** The reading half of a Socket: from the receive queue to `push`, as long as somebody wants bytes. */

import type { Readable } from 'node:stream';
import { systemError } from '@tcpstack/runtime/system-error';
import { EAGAIN } from '@tcpstack/sockets/errno';
import type { StackContext } from './context.ts';
import type { IdleTimer } from './idle-timer.ts';

/** Reads before other sockets get their turn: two megabytes, what a full batch of the TUN device has. */
const READS_PER_TURN = 32;
/** A read that fills at least this much of the buffer is handed on as it is; a smaller one is copied out. */
const KEEP_BYTES_MIN = 32 * 1024;

export class Reading {
  bytesRead = 0;
  readonly #context: StackContext;
  readonly #stream: Readable;
  readonly #idle: IdleTimer;
  #fd = -1;
  #wanted = false;
  /** False once a read said EAGAIN, until the next event. */
  #mayHaveBytes = true;
  #busy = false;
  /** The next read is put off to a later turn; the stream may not hurry it. */
  #deferred = false;

  constructor(context: StackContext, stream: Readable, idle: IdleTimer) {
    this.#context = context;
    this.#stream = stream;
    this.#idle = idle;
  }

  /** There is a connection now; reads what is wanted. */
  open(fd: number): void {
    this.#fd = fd;
    if (this.#wanted) this.#drain();
  }

  /** The descriptor is gone. */
  close(): void {
    this.#fd = -1;
  }

  /** The stream wants bytes. */
  want(): void {
    this.#wanted = true;
    this.#drain();
  }

  /** Something arrived: bytes, the end, or an error. */
  ready(): void {
    this.#mayHaveBytes = true;
    this.#drain();
  }

  #drain(): void {
    if (this.#busy || this.#deferred || !this.#mayHaveBytes || !this.#wanted || this.#fd < 0) return;
    this.#busy = true;
    let again = true;
    try {
      again = this.#readSome();
    } finally {
      this.#busy = false;
      // A listener of the program threw, or others wait for their turn: no event will tell of the rest.
      if (again && this.#fd >= 0) this.#drainLater();
    }
  }

  #drainLater(): void {
    this.#deferred = true;
    this.#context.driver.defer(() => {
      this.#deferred = false;
      this.#drain();
    });
  }

  /** Reads until empty or unwanted; true when it stopped at the limit of a turn. */
  #readSome(): boolean {
    const fd = this.#fd;
    const { sys } = this.#context.driver;
    for (let reads = 0; reads < READS_PER_TURN; reads++) {
      const buffer = this.#context.readBuffer;
      const bytes = sys.read(fd, buffer);
      if (bytes === -EAGAIN) {
        this.#mayHaveBytes = false;
        return false;
      }
      if (bytes <= 0) {
        this.#fd = -1; // nothing comes after an end or an error
        if (bytes === 0) this.#end();
        else this.#stream.destroy(systemError(bytes, 'read'));
        return false;
      }
      this.bytesRead += bytes;
      this.#idle.touch();
      this.#push(this.#chunk(buffer, bytes));
      if (!this.#wanted || this.#fd !== fd) return false;
    }
    return true;
  }

  #end(): void {
    this.#stream.push(null);
    // With nothing buffered, this is what makes 'end' happen though nobody reads.
    this.#stream.read(0);
  }

  /** Hands on a chunk. The stream may ask for more while it takes it, and a listener of the program may throw. */
  #push(chunk: Buffer): void {
    this.#wanted = false;
    let more = true;
    try {
      more = this.#stream.push(chunk);
    } finally {
      if (more) this.#wanted = true;
    }
  }

  /** The bytes read, in memory of their own: small ones out of Node's pool, large ones where they are. */
  #chunk(buffer: Buffer, bytes: number): Buffer {
    if (bytes >= KEEP_BYTES_MIN) {
      this.#context.takeReadBuffer();
      return buffer.subarray(0, bytes);
    }
    const chunk = Buffer.allocUnsafe(bytes);
    buffer.copy(chunk, 0, 0, bytes);
    return chunk;
  }
}
