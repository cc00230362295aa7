/** Options that may be set before there is a descriptor, and are applied when there is one. */

import type { Driver } from '@tcpstack/runtime/driver';
import {
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SO_LINGER,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '@tcpstack/sockets/constants';
import type { Syscalls } from '@tcpstack/sockets/syscalls';

/** What Node sets beside an initial delay. */
const KEEP_INTERVAL_SECONDS = 1;
const KEEP_PROBES = 10;

/** The options that a socket may be made with. */
export interface TcpOptions {
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
}

/** An option that the stack does not know is passed over in silence, as Node does. */
export class SocketOptionSet {
  #noDelay: boolean;
  #keepAlive: boolean;
  /** 0 leaves the stack's default. */
  #keepAliveInitialDelayMs: number;

  constructor(options: TcpOptions) {
    this.#noDelay = options.noDelay === true;
    this.#keepAlive = options.keepAlive === true;
    this.#keepAliveInitialDelayMs = options.keepAliveInitialDelay ?? 0;
  }

  /** Sets what differs from a fresh socket. */
  apply(sys: Syscalls, fd: number): void {
    if (this.#noDelay) this.#applyNoDelay(sys, fd);
    if (this.#keepAlive) this.#applyKeepAlive(sys, fd);
  }

  /** @param fd -1 while there is none. */
  setNoDelay(driver: Driver, fd: number, noDelay: boolean): void {
    if (noDelay === this.#noDelay) return;
    this.#noDelay = noDelay;
    if (fd >= 0) this.#applyNoDelay(driver.sys, fd);
  }

  /** @param fd -1 while there is none. */
  setKeepAlive(driver: Driver, fd: number, enable: boolean, initialDelayMs: number): void {
    this.#keepAlive = enable;
    this.#keepAliveInitialDelayMs = initialDelayMs;
    if (fd >= 0) this.#applyKeepAlive(driver.sys, fd);
  }

  #applyNoDelay(sys: Syscalls, fd: number): void {
    sys.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, this.#noDelay ? 1 : 0);
  }

  #applyKeepAlive(sys: Syscalls, fd: number): void {
    sys.setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, this.#keepAlive ? 1 : 0);
    // What is no number is 0 to Node.
    const idleSeconds = Math.trunc(this.#keepAliveInitialDelayMs / 1000) || 0;
    if (!this.#keepAlive || idleSeconds <= 0) return;
    // Like Node: who asks for a first probe soon is told soon.
    sys.setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds);
    sys.setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_SECONDS);
    sys.setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_PROBES);
  }
}

/** Makes the coming close of `fd` send RST and drop what is queued. */
export function resetOnClose(sys: Syscalls, fd: number): void {
  sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
}
