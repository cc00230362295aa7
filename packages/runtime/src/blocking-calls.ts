/** The blocking system calls, as promises. */

import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, SO_ERROR, SOL_SOCKET } from '@tcpstack/sockets/constants';
import { EAGAIN, EALREADY, EBADF, ECONNABORTED, EINPROGRESS } from '@tcpstack/sockets/errno';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { systemError } from './system-error.ts';

/** What a blocking call needs of the driver. */
export interface BlockingPort {
  readonly sys: Syscalls;
  watch(fd: number, onReady: (revents: number) => void): void;
  ref(): void;
  unref(): void;
}

const READABLE = POLLIN | POLLHUP | POLLERR | POLLRDHUP;
const WRITABLE = POLLOUT | POLLHUP | POLLERR;

/** A call that could not be finished at once. */
interface Waiting {
  readonly wanted: number;
  /** Tries again; a result of 0 or more, or a negative errno, -EAGAIN to wait on. */
  readonly attempt: () => number;
  readonly resolve: (result: number) => void;
  readonly reject: (errno: number) => void;
}

/** Calls that wait, in order, by descriptor. */
export class BlockingCalls {
  readonly #port: BlockingPort;
  readonly #waiting = new Map<number, Waiting[]>();
  #cancelled = false;

  constructor(port: BlockingPort) {
    this.#port = port;
  }

  accept(fd: number): Promise<number> {
    return this.#run(fd, READABLE, 'accept', () => this.#port.sys.accept(fd));
  }

  async connect(fd: number, address: string, port: number): Promise<void> {
    let started = false;
    const attempt = (): number => {
      if (started) return -Number(this.#port.sys.getsockopt(fd, SOL_SOCKET, SO_ERROR));
      started = true;
      const result = this.#port.sys.connect(fd, address, port);
      return result === -EINPROGRESS || result === -EALREADY ? -EAGAIN : result;
    };
    await this.#run(fd, WRITABLE, 'connect', attempt, address, port);
  }

  read(fd: number, into: Uint8Array, at: number, end: number): Promise<number> {
    return this.#run(fd, READABLE, 'read', () => this.#port.sys.read(fd, into, at, end));
  }

  write(fd: number, from: Uint8Array, at: number, end: number): Promise<number> {
    let next = at;
    return this.#run(fd, WRITABLE, 'write', () => {
      const sys = this.#port.sys;
      while (next < end) {
        const written = sys.write(fd, from, next, end);
        if (written < 0) return written;
        if (written === 0) return -EAGAIN;
        next += written;
      }
      return end - at;
    });
  }

  /** Rejects what waits on `fd`. */
  abandon(fd: number): void {
    const waiting = this.#waiting.get(fd);
    if (waiting === undefined) return;
    this.#waiting.delete(fd);
    for (const call of waiting) {
      this.#port.unref();
      call.reject(-EBADF);
    }
  }

  /** Rejects all that waits, and all that comes. */
  cancel(): void {
    this.#cancelled = true;
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of all) for (const call of waiting) call.reject(-ECONNABORTED);
  }

  #run(
    fd: number,
    wanted: number,
    syscall: string,
    attempt: () => number,
    address?: string,
    port?: number,
  ): Promise<number> {
    return new Promise((resolve, fail) => {
      const reject = (errno: number): void => fail(systemError(errno, syscall, address, port));
      if (this.#cancelled) return reject(-ECONNABORTED);
      // A call of the same kind waits already: this one gets its turn after it.
      const queue = this.#waiting.get(fd);
      if (queue === undefined || !queue.some((call) => call.wanted === wanted)) {
        const result = attempt();
        if (result >= 0) return resolve(result);
        if (result !== -EAGAIN) return reject(result);
      }
      this.#wait(fd, { wanted, attempt, resolve, reject });
    });
  }

  #wait(fd: number, call: Waiting): void {
    const queue = this.#waiting.get(fd);
    this.#port.ref();
    if (queue !== undefined) {
      queue.push(call);
      return;
    }
    this.#waiting.set(fd, [call]);
    this.#port.watch(fd, (revents) => this.#onReady(fd, revents));
  }

  #onReady(fd: number, revents: number): void {
    const queue = this.#waiting.get(fd);
    if (queue === undefined) return;
    let blocked = 0;
    const left = queue.filter((call) => {
      if ((call.wanted & revents) === 0 || (blocked & call.wanted & (POLLIN | POLLOUT)) !== 0) return true;
      const result = call.attempt();
      if (result === -EAGAIN) {
        blocked |= call.wanted;
        return true;
      }
      this.#port.unref();
      if (result >= 0) call.resolve(result);
      else call.reject(result);
      return false;
    });
    if (left.length === 0) this.#waiting.delete(fd);
    else this.#waiting.set(fd, left);
  }
}
