/** The blocking system calls, as promises. */

import {
  F_GETFL,
  FIONREAD,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_WAITALL,
  O_NONBLOCK,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import { EAGAIN, EALREADY, EBADF, ECONNABORTED, EINPROGRESS } from '@tcpstack/sockets/errno';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import type { Scheduler } from './scheduler.ts';
import { systemError } from './system-error.ts';

/** What a blocking call needs of the driver. */
export interface BlockingPort {
  readonly sys: Syscalls;
  readonly scheduler: Scheduler;
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
  /** What it gives when its time (SO_RCVTIMEO, SO_SNDTIMEO) is over. */
  readonly atTimeout: () => number;
  timer: unknown;
}

/** Which descriptor, and what an error says. */
interface Place {
  readonly fd: number;
  readonly syscall: string;
  readonly address?: string;
  readonly port?: number;
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
    return this.#run({ fd, syscall: 'accept' }, READABLE, () => this.#port.sys.accept(fd));
  }

  /** The call that is made once more when it is ready says how it ended. */
  async connect(fd: number, address: string, port: number): Promise<void> {
    const attempt = (): number => {
      const result = this.#port.sys.connect(fd, address, port);
      return result === -EINPROGRESS || result === -EALREADY ? -EAGAIN : result;
    };
    await this.#run({ fd, syscall: 'connect', address, port }, WRITABLE, attempt, () => -EINPROGRESS);
  }

  read(fd: number, into: Uint8Array, at: number, end: number): Promise<number> {
    return this.#receive('read', fd, into, at, end, 0);
  }

  recv(fd: number, into: Uint8Array, at: number, end: number, flags: number): Promise<number> {
    return this.#receive('recv', fd, into, at, end, flags);
  }

  write(fd: number, from: Uint8Array, at: number, end: number): Promise<number> {
    let next = at;
    const attempt = (): number => {
      const sys = this.#port.sys;
      while (next < end) {
        const written = sys.write(fd, from, next, end);
        if (written < 0) return written;
        if (written === 0) return -EAGAIN;
        next += written;
      }
      return end - at;
    };
    return this.#run({ fd, syscall: 'write' }, WRITABLE, attempt, () => (next > at ? next - at : -EAGAIN));
  }

  /** Rejects what waits on `fd`. */
  abandon(fd: number): void {
    const waiting = this.#waiting.get(fd);
    if (waiting === undefined) return;
    this.#waiting.delete(fd);
    for (const call of waiting) this.#settle(call, -EBADF);
  }

  /** Rejects all that waits, and all that comes. */
  cancel(): void {
    this.#cancelled = true;
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of all) for (const call of waiting) this.#settle(call, -ECONNABORTED);
  }

  /** Waits for as much as SO_RCVLOWAT says, or MSG_WAITALL; the end and errors come earlier, behind what was read. */
  #receive(syscall: string, fd: number, into: Uint8Array, at: number, end: number, flags: number): Promise<number> {
    const keeps = (flags & MSG_PEEK) !== 0;
    let got = 0;
    const once = (): number => {
      const { sys } = this.#port;
      const from = keeps ? at : at + got;
      return syscall === 'read' ? sys.read(fd, into, from, end) : sys.recv(fd, into, from, end, flags);
    };
    const attempt = (): number => {
      if (this.#lacks(fd, end - at, flags)) return -EAGAIN;
      for (;;) {
        const n = once();
        if (n <= 0) return n === -EAGAIN || got === 0 ? n : got;
        got = keeps ? n : got + n;
        if ((flags & MSG_WAITALL) === 0 || got >= end - at) return got;
        // What stays is not read past: whether more can come must be asked.
        if (keeps) return this.#port.sys.poll([{ fd, events: POLLRDHUP, revents: 0 }]) === 0 ? -EAGAIN : got;
      }
    };
    return this.#run({ fd, syscall }, READABLE, attempt, () => (got > 0 ? got : once()), flags);
  }

  /** Less is there than SO_RCVLOWAT and the user ask for, and more may come. */
  #lacks(fd: number, most: number, flags: number): boolean {
    const { sys } = this.#port;
    if ((flags & MSG_WAITALL) !== 0) return false;
    const least = Math.min(most, Number(sys.getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT)));
    return least > 1 && sys.ioctl(fd, FIONREAD) < least && sys.poll([{ fd, events: POLLIN, revents: 0 }]) === 0;
  }

  #run(
    place: Place,
    wanted: number,
    attempt: () => number,
    atTimeout: () => number = () => -EAGAIN,
    flags = 0,
  ): Promise<number> {
    const { fd, syscall, address, port } = place;
    return new Promise((resolve, fail) => {
      const reject = (errno: number): void => fail(systemError(errno, syscall, address, port));
      if (this.#cancelled) return reject(-ECONNABORTED);
      const call: Waiting = { wanted, attempt, resolve, reject, atTimeout, timer: null };
      // A call of the same kind waits already: this one gets its turn after it.
      const queue = this.#waiting.get(fd);
      if (queue === undefined || !queue.some((other) => other.wanted === wanted)) {
        const result = attempt();
        if (result !== -EAGAIN) return result >= 0 ? resolve(result) : reject(result);
      }
      const mustNotWait = (flags & MSG_DONTWAIT) !== 0 || (this.#port.sys.fcntl(fd, F_GETFL) & O_NONBLOCK) !== 0;
      if (!mustNotWait) return this.#wait(fd, call);
      const result = atTimeout();
      if (result >= 0) resolve(result);
      else reject(result);
    });
  }

  #wait(fd: number, call: Waiting): void {
    const timeoutMs = this.#timeoutMs(fd, call.wanted);
    if (timeoutMs < Infinity) {
      call.timer = this.#port.scheduler.setTimer(() => this.#timeOut(fd, call), timeoutMs);
    }
    const queue = this.#waiting.get(fd);
    this.#port.ref();
    if (queue !== undefined) {
      queue.push(call);
      return;
    }
    this.#waiting.set(fd, [call]);
    this.#port.watch(fd, (revents) => this.#onReady(fd, revents));
  }

  #timeoutMs(fd: number, wanted: number): number {
    const value = this.#port.sys.getsockopt(fd, SOL_SOCKET, wanted === READABLE ? SO_RCVTIMEO : SO_SNDTIMEO);
    const ms = typeof value === 'object' && 'sec' in value ? value.sec * 1000 + value.usec / 1000 : 0;
    return ms > 0 ? ms : Infinity;
  }

  #timeOut(fd: number, call: Waiting): void {
    call.timer = null;
    const left = this.#waiting.get(fd)?.filter((other) => other !== call) ?? [];
    this.#keep(fd, left);
    this.#settle(call, call.atTimeout());
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
      this.#settle(call, result);
      return false;
    });
    this.#keep(fd, left);
  }

  #keep(fd: number, left: Waiting[]): void {
    if (left.length === 0) this.#waiting.delete(fd);
    else this.#waiting.set(fd, left);
  }

  #settle(call: Waiting, result: number): void {
    if (call.timer !== null) this.#port.scheduler.clearTimer(call.timer);
    this.#port.unref();
    if (result >= 0) call.resolve(result);
    else call.reject(result);
  }
}
