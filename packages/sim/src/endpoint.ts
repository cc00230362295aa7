/** One end of a transfer: a program that writes so many bytes, reads what comes, and closes. */

import { POLLIN, POLLOUT, SHUT_WR } from '@tcpstack/sockets/constants';
import { EAGAIN, errnoName } from '@tcpstack/sockets/errno';
import { firstWrong, PATTERN_BYTES, pattern } from './pattern.ts';
import type { SimHost } from './sim-host.ts';
import type { World } from './world.ts';

/** What a program does. */
export interface EndpointOptions {
  /** Bytes to write before it closes its direction; `Infinity`: it never stops. */
  readonly sendBytes: number;
  /** Where in the pattern its bytes begin, and where those of its peer do. */
  readonly sendsFrom: number;
  readonly readsFrom: number;
  /** Whether it looks at each byte that it reads. */
  readonly checks: boolean;
  /** It reads at most `readBytesMax` once in so long; 0: everything, at once. */
  readonly readEveryMs: number;
  readonly readBytesMax: number;
}

const READ_BYTES = 256 * 1024;
/** What was read last by anybody: looked at before anyone reads again. */
const into = new Uint8Array(READ_BYTES);

export class Endpoint {
  sentBytes = 0;
  receivedBytes = 0;
  /** When the peer's last byte was read and its direction ended; -1 before. */
  endedAtMs = -1;
  /** The POSIX name of what went wrong, or 'killed'; '' while nothing did. */
  error = '';
  /** It has given its descriptor back. */
  closed = false;
  readonly #world: World;
  readonly #at: SimHost;
  readonly #fd: number;
  readonly #options: EndpointOptions;
  #finished = false;
  #napping = false;

  constructor(world: World, at: SimHost, fd: number, options: EndpointOptions) {
    this.#world = world;
    this.#at = at;
    this.#fd = fd;
    this.#options = options;
    at.watch(fd, (_, bits) => this.#ready(bits));
  }

  /** Its descriptor, for looking at options. */
  get fd(): number {
    return this.#fd;
  }

  /** Writes what fits, as if it had been told that there is room. */
  write(): void {
    const { sendBytes, sendsFrom } = this.#options;
    while (this.sentBytes < sendBytes && !this.closed) {
      const from = (sendsFrom + this.sentBytes) % PATTERN_BYTES;
      const end = Math.min(PATTERN_BYTES, from + sendBytes - this.sentBytes);
      const n = this.#at.sys.write(this.#fd, pattern(), from, end);
      if (n === -EAGAIN) return;
      if (n < 0) this.#fail(errnoName(n));
      else this.sentBytes += n;
    }
    if (this.closed || this.#finished) return;
    this.#finished = true;
    const result = this.#at.sys.shutdown(this.#fd, SHUT_WR);
    if (result < 0) this.#fail(errnoName(result));
  }

  /** The program ends without a word: its descriptor is closed, read or not. */
  kill(): void {
    if (!this.closed) this.#fail('killed');
  }

  #ready(bits: number): void {
    if (!this.closed && (bits & POLLIN) !== 0 && !this.#napping) this.#read();
    if (!this.closed && (bits & POLLOUT) !== 0) this.write();
    this.#closeAtEnd();
  }

  #read(): void {
    const { readEveryMs, readBytesMax } = this.#options;
    const slow = readEveryMs > 0;
    while (this.endedAtMs < 0) {
      const n = this.#at.sys.read(this.#fd, into, 0, slow ? Math.min(readBytesMax, READ_BYTES) : READ_BYTES);
      if (n === -EAGAIN) return;
      if (n < 0) {
        this.#fail(errnoName(n));
        return;
      }
      if (n === 0) this.endedAtMs = this.#world.nowMs;
      else this.#take(n);
      if (slow && n > 0) {
        this.#nap(readEveryMs);
        return;
      }
    }
  }

  #nap(ms: number): void {
    this.#napping = true;
    this.#world.at(this.#world.nowMs + ms, () => {
      this.#napping = false;
      if (!this.closed) this.#read();
      this.#closeAtEnd();
    });
  }

  #take(n: number): void {
    const at = this.#options.readsFrom + this.receivedBytes;
    if (this.#options.checks) {
      const wrong = firstWrong(into, n, at);
      if (wrong >= 0) throw new Error(`stream: byte ${wrong - this.#options.readsFrom} is not what was written there`);
    }
    this.receivedBytes += n;
  }

  #closeAtEnd(): void {
    if (!this.closed && this.#finished && this.endedAtMs >= 0) this.#close();
  }

  #fail(error: string): void {
    this.error = error;
    this.#close();
  }

  #close(): void {
    this.closed = true;
    this.#at.watch(this.#fd, null);
    this.#at.sys.close(this.#fd);
  }
}
