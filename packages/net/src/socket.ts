/** A connection in the shape of `net.Socket`: a Duplex stream over one descriptor of the stack. */

import { isIP } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { systemError } from '@tcpstack/runtime/system-error';
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_WR,
  SO_ERROR,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import { EALREADY, EISCONN } from '@tcpstack/sockets/errno';
import { type ConnectCall, type ConnectOptions, connectCall } from './arguments.ts';
import { startConnecting } from './connecting.ts';
import type { StackContext } from './context.ts';
import { endedByPeer, hostNotFound, socketClosed } from './errors.ts';
import { IdleTimer } from './idle-timer.ts';
import { NamedDuplex } from './socket-names.ts';
import { resetOnClose, SocketOptionSet } from './socket-options.ts';
import { Reading } from './socket-reading.ts';
import { type QueuedChunk, Writing } from './socket-writing.ts';

/** What a new socket may be given. */
export interface SocketOptions {
  /** Stay writable when the peer has ended. Default false. */
  readonly allowHalfOpen?: boolean | undefined;
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: boolean | undefined;
  /** Milliseconds; 0 leaves the stack's default. */
  readonly keepAliveInitialDelay?: number | undefined;
  /** Bytes that the stream buffers in each direction before it says "enough". */
  readonly highWaterMark?: number | undefined;
  /** Destroys the socket when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A connection that a server accepted. */
export interface Accepted {
  readonly fd: number;
  /** Called once, when the socket is closed. */
  readonly onClose: () => void;
}

type Callback = (error?: Error | null) => void;

const READABLE_EVENTS = POLLIN | POLLHUP | POLLERR | POLLRDHUP;
const WRITABLE_EVENTS = POLLOUT | POLLHUP | POLLERR;

/** See `node:net`: the members here do what those of `net.Socket` do. Made by a stack, not directly. */
export class Socket extends NamedDuplex {
  /** Between `connect()` and its success or failure. */
  connecting = false;
  readonly #context: StackContext;
  readonly #idle: IdleTimer;
  readonly #reading: Reading;
  readonly #writing: Writing;
  readonly #options: SocketOptionSet;
  readonly #onClose: (() => void) | null;
  #fd = -1;
  #holdsProcess = true;
  #target: ConnectCall | null = null;
  /** What waits for the connection: a write, an end. */
  #whenConnected: (() => void)[] = [];
  #bytesFlushed = 0;

  constructor(context: StackContext, options: SocketOptions = {}, accepted: Accepted | null = null) {
    super(context.driver, {
      allowHalfOpen: options.allowHalfOpen === true,
      autoDestroy: true,
      emitClose: false, // ours says whether there was an error
      ...(options.highWaterMark === undefined ? {} : { highWaterMark: options.highWaterMark }),
    });
    this.#context = context;
    this.#idle = new IdleTimer(this);
    this.#reading = new Reading(context, this, this.#idle);
    this.#writing = new Writing(context.driver);
    this.#options = new SocketOptionSet(options);
    this.#onClose = accepted === null ? null : accepted.onClose;
    if (accepted !== null) {
      this.#open(accepted.fd);
      this.#connected();
    }
    // Not before all is set up: an aborted signal destroys at once.
    if (options.signal !== undefined) addAbortSignal(options.signal, this);
  }

  connect(options: ConnectOptions, listener?: () => void): this;
  connect(port: number | string, listener?: () => void): this;
  connect(port: number | string, host: string, listener?: () => void): this;
  connect(...args: unknown[]): this {
    const call = connectCall(args);
    if (this.destroyed) return this;
    if (call.listener !== undefined) this.once('connect', call.listener);
    if (this.#fd >= 0) {
      return this.destroy(systemError(this.connecting ? EALREADY : EISCONN, 'connect', call.host, call.port));
    }
    if (isIP(call.host) === 0) return this.destroy(hostNotFound(call.host));
    const fd = startConnecting(this.#context.driver.sys, call);
    if (typeof fd !== 'number') return this.destroy(fd);
    this.#target = call;
    this.connecting = true;
    this.#open(fd);
    return this;
  }

  /** No connection yet, or none any more. */
  get pending(): boolean {
    return this.#fd < 0 || this.connecting;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get bytesRead(): number {
    return this.#reading.bytesRead;
  }

  /** Bytes given to `write`, also those that still wait. */
  get bytesWritten(): number {
    return this.#bytesFlushed + this.writableLength;
  }

  /** Milliseconds without traffic until 'timeout'; 0 when off. */
  get timeout(): number {
    return this.#idle.timeoutMs;
  }

  setNoDelay(noDelay = true): this {
    this.#options.setNoDelay(this.#context.driver, this.#fd, Boolean(noDelay));
    return this;
  }

  /** @param initialDelayMs Idle time before the first probe; 0 leaves it as it is. */
  setKeepAlive(enable = false, initialDelayMs = 0): this {
    this.#options.setKeepAlive(this.#context.driver, this.#fd, Boolean(enable), initialDelayMs);
    return this;
  }

  setTimeout(timeoutMs: number, listener?: () => void): this {
    if (this.destroyed) return this;
    this.#idle.set(timeoutMs);
    if (listener !== undefined) {
      if (timeoutMs === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    return this;
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

  /** Ends, and destroys once everything is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Closes with RST; what is queued is dropped. */
  resetAndDestroy(): this {
    if (this.#fd < 0) return this.destroy(socketClosed());
    if (this.connecting) return this.once('connect', () => this.resetAndDestroy());
    resetOnClose(this.#context.driver.sys, this.#fd);
    return this.destroy();
  }

  override write(chunk: unknown, callback?: Callback): boolean;
  override write(chunk: unknown, encoding?: BufferEncoding, callback?: Callback): boolean;
  override write(chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
    if (!this.allowHalfOpen && this.readableEnded && this.writableEnded) {
      const error = endedByPeer();
      const done = typeof encoding === 'function' ? encoding : callback;
      if (done !== undefined) process.nextTick(done, error);
      this.destroy(error);
      return false;
    }
    return super.write(chunk, encoding as BufferEncoding, callback);
  }

  override _read(): void {
    this.#reading.want();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: Callback): void {
    this._writev([{ chunk }], callback);
  }

  override _writev(chunks: readonly QueuedChunk[], callback: Callback): void {
    if (this.connecting) {
      this.#whenConnected.push(() => this._writev(chunks, callback));
      return;
    }
    if (this.#fd < 0) {
      callback(socketClosed());
      return;
    }
    this.#idle.touch();
    this.#writing.write(chunks, (errno, bytes) => {
      this.#bytesFlushed += bytes;
      callback(errno < 0 ? systemError(errno, 'write') : null);
    });
  }

  override _final(callback: Callback): void {
    if (this.connecting) {
      this.#whenConnected.push(() => this._final(callback));
      return;
    }
    // When it fails, the connection is gone, and the reading half says why.
    if (this.#fd >= 0) this.#context.driver.sys.shutdown(this.#fd, SHUT_WR);
    callback(null);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.connecting = false;
    this.#whenConnected = [];
    this.#idle.stop();
    this.#close();
    callback(error);
    // After 'error', and late enough that who awaited that one can still wait for this one: Node's order.
    setImmediate(() => this.emit('close', error !== null));
    this.#onClose?.();
  }

  #open(fd: number): void {
    const { driver } = this.#context;
    this.#fd = fd;
    this.#context.sockets.add(this);
    if (this.#holdsProcess) driver.ref();
    driver.watch(fd, (revents) => this.#onReady(revents));
    this.#options.apply(driver.host.sys, fd);
  }

  #close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    this.#reading.close();
    this.names.close();
    this.#context.sockets.delete(this);
    this.#context.driver.closeFd(fd);
    if (this.#holdsProcess) this.#context.driver.unref();
    this.#writing.close();
  }

  #onReady(revents: number): void {
    if (this.connecting) {
      if ((revents & WRITABLE_EVENTS) !== 0) this.#finishConnecting();
      return;
    }
    if ((revents & READABLE_EVENTS) !== 0) this.#reading.ready();
    if ((revents & WRITABLE_EVENTS) !== 0 && this.#writing.flush()) this.#idle.touch();
  }

  #finishConnecting(): void {
    const errno = Number(this.#context.driver.sys.getsockopt(this.#fd, SOL_SOCKET, SO_ERROR));
    if (errno !== 0) {
      this.destroy(systemError(errno, 'connect', this.#target?.host, this.#target?.port));
      return;
    }
    this.connecting = false;
    this.#connected();
    this.#idle.touch();
    this.emit('connect');
    this.emit('ready');
    const waiting = this.#whenConnected;
    this.#whenConnected = [];
    for (const run of waiting) if (!this.destroyed) run();
    // Begins to read, or learns of the end, before anybody asks; Node does the same.
    if (!this.destroyed && !this.isPaused()) this.read(0);
  }

  #connected(): void {
    this.names.open(this.#fd);
    this.#writing.open(this.#fd);
    this.#reading.open(this.#fd);
  }
}
