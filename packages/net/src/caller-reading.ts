/** The reading half of a Socket with `onread`: into the caller's buffer, past the stream. */

import type { Readable } from 'node:stream';
import { isUint8Array } from 'node:util/types';
import { systemError } from '@tcpstack/runtime/system-error';
import { EAGAIN } from '@tcpstack/sockets/errno';
import type { StackContext } from './context.ts';
import type { IdleTimer } from './idle-timer.ts';
import type { Input } from './tcp-handle.ts';

/** The option `onread`, as `node:net` has it. */
export interface OnReadOptions {
  /** One for all reads, or a function that gives one for each. */
  readonly buffer: Uint8Array | (() => Uint8Array);
  /** False stops reading, as `pause()` does. */
  readonly callback: (bytes: number, buffer: Uint8Array) => unknown;
}

/** Reads before other sockets get their turn. */
const READS_PER_TURN = 32;

/** Whether the option is one that Node would follow; it passes over others in silence. */
export function isOnRead(value: unknown): value is OnReadOptions {
  if (typeof value !== 'object' || value === null) return false;
  const { buffer, callback } = value as Partial<OnReadOptions>;
  return (isUint8Array(buffer) || typeof buffer === 'function') && typeof callback === 'function';
}

export class CallerReading implements Input {
  bytesRead = 0;
  readonly #context: StackContext;
  readonly #stream: Readable;
  readonly #idle: IdleTimer;
  readonly #options: OnReadOptions;
  #buffer: Uint8Array | null = null;
  #fd = -1;
  #wanted = false;
  #busy = false;
  #deferred = false;

  constructor(context: StackContext, stream: Readable, idle: IdleTimer, options: OnReadOptions) {
    this.#context = context;
    this.#stream = stream;
    this.#idle = idle;
    this.#options = options;
    this.#nextBuffer();
  }

  open(fd: number): void {
    this.#fd = fd;
    if (this.#wanted) this.#drainLater();
  }

  close(): void {
    this.#fd = -1;
  }

  want(): void {
    this.#wanted = true;
    this.#drainLater();
  }

  /** Nothing is read until `want`. */
  pause(): void {
    this.#wanted = false;
  }

  ready(): void {
    this.#drain();
  }

  /** Not from within a call of the program: the callback would come before that call has returned. */
  #drainLater(): void {
    if (this.#deferred || this.#busy || this.#fd < 0) return;
    this.#deferred = true;
    this.#context.driver.defer(() => {
      this.#deferred = false;
      this.#drain();
    });
  }

  #drain(): void {
    if (this.#busy || !this.#wanted || this.#fd < 0) return;
    this.#busy = true;
    let again = true;
    try {
      again = this.#readSome();
    } finally {
      this.#busy = false;
      // A callback of the program threw, or others wait for their turn: no event will tell of the rest.
      if (again) this.#drainLater();
    }
  }

  /** Reads until empty or unwanted; true when it stopped at the limit of a turn. */
  #readSome(): boolean {
    const fd = this.#fd;
    const { sys } = this.#context.driver;
    for (let reads = 0; reads < READS_PER_TURN; reads++) {
      const buffer = this.#buffer;
      if (buffer === null) return false;
      const bytes = sys.read(fd, buffer);
      if (bytes === -EAGAIN) return false;
      if (bytes <= 0) {
        this.#fd = -1; // nothing comes after an end or an error
        if (bytes < 0) this.#stream.destroy(systemError(bytes, 'read'));
        else this.#end();
        return false;
      }
      this.bytesRead += bytes;
      this.#idle.touch();
      const goesOn = this.#options.callback(bytes, buffer) !== false;
      this.#nextBuffer();
      if (!goesOn) this.#wanted = false;
      if (!this.#wanted || this.#fd !== fd) return false;
    }
    return true;
  }

  #end(): void {
    this.#stream.push(null);
    this.#stream.read(0);
  }

  #nextBuffer(): void {
    const { buffer } = this.#options;
    if (typeof buffer !== 'function') this.#buffer = buffer;
    else {
      const next = buffer();
      // As Node does: an answer that is no buffer leaves the last one in use.
      if (isUint8Array(next)) this.#buffer = next;
    }
  }
}
