/** A listener in the shape of `net.Server`. */

import { EventEmitter } from 'node:events';
import { isIP, isIPv6 } from 'node:net';
import { type SystemError, systemError, systemErrorWithText } from '@tcpstack/runtime/system-error';
import { AF_INET, AF_INET6, POLLERR, POLLHUP, POLLIN, SO_REUSEADDR, SOL_SOCKET } from '@tcpstack/sockets/constants';
import { EAGAIN } from '@tcpstack/sockets/errno';
import type { SockAddr, Syscalls } from '@tcpstack/sockets/syscalls';
import { type ListenCall, type ListenOptions, listenCall } from './arguments.ts';
import type { StackContext } from './context.ts';
import { hostNotFound, serverAlreadyListens, serverNotRunning } from './errors.ts';
import { Socket } from './socket.ts';
import { type AddressInfo, addressInfo, familyOf } from './socket-names.ts';

/** What a new server may be given; all but the first say how its sockets are made. */
export interface ServerOptions {
  /** Do not read from a connection until it is resumed. Default false. */
  readonly pauseOnConnect?: boolean | undefined;
  readonly allowHalfOpen?: boolean | undefined;
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
  readonly highWaterMark?: number | undefined;
}

/** Called with each connection. */
export type ConnectionListener = (socket: Socket) => void;

/** Connections taken before the event loop gets its turn. */
const ACCEPTS_PER_TURN = 128;
const ACCEPTABLE_EVENTS = POLLIN | POLLERR | POLLHUP;

/** See `node:net`; the members here do what those of `net.Server` do. Made by a stack, not directly. */
export class Server extends EventEmitter {
  /** Connections beyond this many are closed at once, with a 'drop'. Default: no limit. */
  maxConnections: number | undefined = undefined;
  readonly #context: StackContext;
  readonly #options: ServerOptions;
  readonly #socketClosed = (): void => this.#forgetConnection();
  #fd = -1;
  #holdsProcess = true;
  #connections = 0;
  #closing = false;
  #starved = false;

  constructor(context: StackContext, first?: ServerOptions | ConnectionListener, second?: ConnectionListener) {
    super();
    this.#context = context;
    this.#options = typeof first === 'object' ? first : {};
    const listener = typeof first === 'function' ? first : second;
    if (listener !== undefined) this.on('connection', listener);
  }

  listen(port?: number | string, host?: string, backlog?: number, listener?: () => void): this;
  listen(port?: number | string, host?: string, listener?: () => void): this;
  listen(port?: number | string, backlog?: number, listener?: () => void): this;
  listen(port?: number | string, listener?: () => void): this;
  listen(options: ListenOptions, listener?: () => void): this;
  listen(listener?: () => void): this;
  listen(...args: unknown[]): this {
    if (this.#fd >= 0) throw serverAlreadyListens();
    const said = listenCall(args);
    const call = { ...said, host: said.host || this.#context.anyAddress };
    if (call.listener !== undefined) this.once('listening', call.listener);
    call.signal?.addEventListener('abort', () => this.close(), { once: true });
    if (call.signal?.aborted) {
      process.nextTick(() => this.close());
      return this;
    }
    const fd = isIP(call.host) !== 0 ? openListener(this.#context.driver.sys, call) : hostNotFound(call.host);
    if (typeof fd !== 'number') {
      process.nextTick(() => this.emit('error', fd));
      return this;
    }
    this.#open(fd);
    process.nextTick(() => {
      if (this.#fd === fd) this.emit('listening');
    });
    return this;
  }

  get listening(): boolean {
    return this.#fd >= 0;
  }

  /** Where it listens; `null` when it does not. */
  address(): AddressInfo | null {
    if (this.#fd < 0) return null;
    const name = this.#context.driver.host.sys.getsockname(this.#fd);
    return typeof name === 'number' ? null : addressInfo(name);
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#connections);
    return this;
  }

  /** Takes no more connections; 'close' comes when the last one has ended. */
  close(callback?: (error?: Error) => void): this {
    const ran = this.#fd >= 0;
    if (callback !== undefined) this.once('close', () => (ran ? callback() : callback(serverNotRunning())));
    if (ran) this.#shut();
    this.#closing = true;
    this.#emitCloseIfDrained();
    return this;
  }

  /** Closes; resolves at 'close'. */
  [Symbol.asyncDispose](): Promise<void> {
    if (!this.listening) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.close((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  ref(): this {
    if (!this.#holdsProcess && this.#fd >= 0) this.#context.driver.ref();
    this.#holdsProcess = true;
    return this;
  }

  unref(): this {
    if (this.#holdsProcess && this.#fd >= 0) this.#context.driver.unref();
    this.#holdsProcess = false;
    return this;
  }

  #open(fd: number): void {
    const { driver, servers } = this.#context;
    this.#fd = fd;
    this.#closing = false;
    servers.add(this);
    if (this.#holdsProcess) driver.ref();
    driver.watch(fd, (revents) => {
      if ((revents & ACCEPTABLE_EVENTS) !== 0) this.#acceptAll(fd);
    });
  }

  #shut(): void {
    const { driver, servers } = this.#context;
    driver.closeFd(this.#fd);
    this.#fd = -1;
    servers.delete(this);
    if (this.#holdsProcess) driver.unref();
  }

  #acceptAll(listenerFd: number): void {
    let again = true;
    try {
      again = this.#acceptSome(listenerFd);
    } finally {
      // A listener of the program threw, or others wait for their turn: no event will tell of the rest.
      if (again) this.#context.driver.defer(() => this.#acceptAll(listenerFd));
    }
  }

  /** Accepts until none waits; true when it stopped at the limit of a turn. */
  #acceptSome(listenerFd: number): boolean {
    for (let i = 0; i < ACCEPTS_PER_TURN; i++) {
      if (this.#fd !== listenerFd || listenerFd < 0) return false;
      const { sys } = this.#context.driver;
      const fd = sys.accept(listenerFd);
      // accept() looks for a free descriptor before it looks who waits.
      if (fd === -EAGAIN || (fd < 0 && sys.poll([{ fd: listenerFd, events: POLLIN, revents: 0 }]) === 0)) return false;
      if (fd < 0) {
        // No descriptor is free. What waits stays in the queue until one of ours is given back.
        this.#starved = true;
        this.emit('error', systemError(fd, 'accept'));
        return false;
      }
      if (this.maxConnections !== undefined && this.#connections >= this.maxConnections) this.#drop(fd);
      else this.#welcome(fd);
    }
    return true;
  }

  #welcome(fd: number): void {
    this.#connections++;
    const socket = new Socket(this.#context, this.#options, { fd, onClose: this.#socketClosed });
    if (this.#options.pauseOnConnect === true) socket.pause();
    this.emit('connection', socket);
    if (!socket.destroyed && !socket.isPaused()) socket.read(0);
  }

  #drop(fd: number): void {
    const { sys } = this.#context.driver;
    const local = sys.getsockname(fd);
    const remote = sys.getpeername(fd);
    sys.close(fd);
    this.emit('drop', { ...prefixed('local', local), ...prefixed('remote', remote) });
  }

  #forgetConnection(): void {
    this.#connections--;
    this.#emitCloseIfDrained();
    if (!this.#starved) return;
    this.#starved = false;
    const fd = this.#fd;
    this.#context.driver.defer(() => this.#acceptAll(fd));
  }

  #emitCloseIfDrained(): void {
    if (!this.#closing || this.#fd >= 0 || this.#connections > 0) return;
    this.#closing = false;
    process.nextTick(() => this.emit('close'));
  }
}

/** A listening descriptor for `call`, or the error; then nothing is left open. */
function openListener(sys: Syscalls, call: ListenCall): number | SystemError {
  const fd = sys.socket(isIPv6(call.host) ? AF_INET6 : AF_INET);
  if (fd < 0) return systemErrorWithText(fd, 'listen', call.host, call.port);
  // As Node does: a server may come back while connections of its last life are in TIME-WAIT.
  sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  let result = sys.bind(fd, call.host, call.port);
  if (result >= 0) result = sys.listen(fd, call.backlog);
  if (result >= 0) return fd;
  sys.close(fd);
  return systemErrorWithText(result, 'listen', call.host, call.port);
}

function prefixed(prefix: 'local' | 'remote', name: SockAddr | number): Record<string, string | number> {
  if (typeof name === 'number') return {};
  return { [`${prefix}Address`]: name.address, [`${prefix}Port`]: name.port, [`${prefix}Family`]: familyOf(name) };
}
