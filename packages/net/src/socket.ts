/** A connection in the shape of `net.Socket`: a Duplex stream over one descriptor of the stack. */

import type net from 'node:net';
import { Duplex } from 'node:stream';
import { systemError } from '@tcpstack/runtime/system-error';
import { type ConnectOptions, isNormalized, normalizeArguments } from './arguments.ts';
import { bytesOf, type Chunk, decoded, decodedAll, type Piece } from './chunks.ts';
import { closeHandle } from './close-handle.ts';
import { lookupAndConnect } from './connect-lookup.ts';
import { connectPath } from './connect-path.ts';
import { announceClient } from './diagnostics.ts';
import { closedBeforeConnection, invalidHandleType, missingArguments, socketClosed } from './errors.ts';
import type { Server } from './server.ts';
import { newHandle } from './socket-handle.ts';
import { type AddressInfo, addressInfo, type Family } from './socket-names.ts';
import { kState, type SocketState } from './socket-state.ts';
import { type Handle, TcpHandle } from './tcp-handle.ts';
import { checkDuration, checkFunction } from './validate.ts';

type Callback = (error?: Error | null) => void;

/** Resolved. */
const DONE = Promise.resolve();

/**
 * See `node:net`: the members here do what those of `net.Socket` do. The class is never constructed itself: a stack
 * makes a constructor of its own with these methods (`socket-class.ts`), which also works called on an object.
 */
export class Socket extends Duplex {
  declare readonly [kState]: SocketState;
  /** Between `connect()` and its success or failure. */
  declare connecting: boolean;
  /** `null` without a connection. */
  declare _handle: Handle | null;
  declare _parent: Socket | null;
  declare _host: string | null;
  declare _hadError: boolean;
  declare _server: Server | null;
  declare server: Server | null;
  /** As it was given to `setTimeout`. */
  declare timeout?: number;
  declare blockList?: net.BlockList;
  declare autoSelectFamilyAttemptedAddresses?: string[];
  declare resetAndClosing?: boolean;

  connect(options: ConnectOptions, listener?: () => void): this;
  connect(port: number | string, listener?: () => void): this;
  connect(port: number | string, host: string, listener?: () => void): this;
  connect(path: string, listener?: () => void): this;
  connect(...args: unknown[]): this {
    const [options, listener] = isNormalized(args[0]) ? args[0] : normalizeArguments(args);
    const { port, path } = options as ConnectOptions;
    announceClient(this);
    if (listener !== null) this.once('connect', listener);
    if (this._parent?.connecting) return this;
    if (port === undefined && path == null) throw missingArguments('"options" or "port" or "path"');
    if (this.write !== Socket.prototype.write) this.write = Socket.prototype.write;
    // Deviation: Node connects nevertheless, after 'error' and 'close'.
    if (this[kState].isStillborn) {
      this[kState].isStillborn = false;
      return this;
    }
    if (this.destroyed) forget(this);
    if (path) connectPath(this, path);
    else {
      this._handle ??= newHandle(this);
      this._unrefTimer();
      this.connecting = true;
      lookupAndConnect(this, options);
    }
    return this;
  }

  get _connecting(): boolean {
    return this.connecting;
  }

  /** No connection yet, or none any more. */
  get pending(): boolean {
    return this._handle === null || this.connecting;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** Deprecated in Node; undefined without a connection. */
  get bufferSize(): number {
    return (this._handle === null ? undefined : this.writableLength) as number;
  }

  get bytesRead(): number {
    return this._handle === null ? this[kState].bytesRead : this._handle.bytesRead;
  }

  /** Bytes given to `write`, also those that still wait. */
  get bytesWritten(): number {
    const { pending } = this[kState];
    const buffered = (this as unknown as { writableBuffer: readonly Chunk[] }).writableBuffer;
    return this._bytesDispatched + bytesOf(buffered) + bytesOf(pending);
  }

  get _bytesDispatched(): number {
    return this._handle === null ? this[kState].bytesWritten : this._handle.bytesWritten;
  }

  get localAddress(): string | undefined {
    return this._getsockname().address;
  }

  get localPort(): number | undefined {
    return this._getsockname().port;
  }

  get localFamily(): Family | undefined {
    return this._getsockname().family;
  }

  get remoteAddress(): string | undefined {
    return this._getpeername().address;
  }

  get remotePort(): number | undefined {
    return this._getpeername().port;
  }

  get remoteFamily(): Family | undefined {
    return this._getpeername().family;
  }

  address(): AddressInfo | Record<string, never> {
    return this._getsockname() as AddressInfo | Record<string, never>;
  }

  _getsockname(): Partial<AddressInfo> {
    const handle = this._handle;
    if (handle === null || handle.fd < 0) return {};
    const state = this[kState];
    state.local ??= addressInfo(state.context.driver.host.sys.getsockname(handle.fd));
    return state.local ?? {};
  }

  /** Remembered after the close, once it was asked for. */
  _getpeername(): Partial<AddressInfo> {
    const handle = this._handle;
    const state = this[kState];
    if (handle === null || handle.fd < 0 || this.connecting) return state.remote ?? {};
    state.remote ??= addressInfo(state.context.driver.host.sys.getpeername(handle.fd));
    return state.remote ?? {};
  }

  setNoDelay(noDelay?: boolean): this {
    const { options, context } = this[kState];
    options.setNoDelay(context.driver, this._handle?.fd ?? -1, noDelay === undefined ? true : Boolean(noDelay));
    return this;
  }

  /** @param initialDelayMs Idle time before the first probe; 0 leaves it as it is. */
  setKeepAlive(enable?: boolean, initialDelayMs = 0): this {
    const { options, context } = this[kState];
    options.setKeepAlive(context.driver, this._handle?.fd ?? -1, Boolean(enable), initialDelayMs);
    return this;
  }

  setTimeout(timeoutMs: number, listener?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = timeoutMs;
    const delayMs = checkDuration(timeoutMs, 'msecs');
    this[kState].idle.set(delayMs);
    if (listener !== undefined) {
      checkFunction(listener, 'callback');
      if (delayMs === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    return this;
  }

  _onTimeout(): void {
    this.emit('timeout');
  }

  /** There was traffic; that of a stream inside another is also the other's. */
  _unrefTimer(): void {
    for (let socket: Socket | null = this; socket !== null; socket = socket._parent) socket[kState]?.idle.touch();
  }

  ref(): this {
    if (this._handle === null) this.once('connect', this.ref);
    else this._handle.ref();
    return this;
  }

  unref(): this {
    if (this._handle === null) this.once('connect', this.unref);
    else this._handle.unref();
    return this;
  }

  /** Ends, and destroys once everything is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /** Closes with RST; what is queued is dropped. */
  resetAndDestroy(): this {
    if (this._handle === null) return this.destroy(socketClosed());
    if (!(this._handle instanceof TcpHandle)) throw invalidHandleType();
    if (this.connecting) this.once('connect', () => this._reset());
    else this._reset();
    return this;
  }

  _reset(): this {
    this.resetAndClosing = true;
    return this.destroy();
  }

  override _read(): void {
    if (this._handle === null || this.connecting) this[kState].wantsRead = true;
    else this._handle.input.want();
  }

  override _write(chunk: Uint8Array | string, encoding: BufferEncoding, callback: Callback): void {
    this._writeGeneric(decoded(chunk, encoding), callback);
  }

  override _writev(chunks: Chunk[], callback: Callback): void {
    this._writeGeneric(decodedAll(chunks), callback);
  }

  _writeGeneric(pieces: readonly Piece[], callback: Callback): void {
    const state = this[kState];
    if (this.connecting) {
      state.pending = pieces;
      state.waiting.push(() => this._writeGeneric(pieces, callback));
      state.abandon = () => callback(closedBeforeConnection());
      return;
    }
    state.pending = [];
    const handle = this._handle;
    if (handle === null) {
      callback(socketClosed());
      return;
    }
    state.idle.touch();
    handle.bytesWritten += bytesOf(pieces);
    handle.output.write(pieces, (errno) => callback(errno < 0 ? systemError(errno, 'write') : null));
    handle.settleHold();
  }

  override _final(callback: Callback): void {
    if (this.connecting) {
      this[kState].waiting.push(() => this._final(callback));
      return;
    }
    if (this._handle === null) {
      callback(null);
      return;
    }
    // When it fails, the connection is gone, and the reading half says why.
    this._handle.shutdown();
    // As in Node, who waits for 'end' or destroys in the same tick comes before 'finish'. Not by `queueMicrotask`, which
    // makes an AsyncResource: a callback of a stream that throws ends the process as well from here.
    void DONE.then(callback as () => void);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.connecting = false;
    for (let socket: Socket | null = this; socket !== null; socket = socket._parent) socket[kState]?.idle.stop();
    const handle = this._handle;
    if (handle !== null) closeHandle(this, handle, error !== null);
    callback(error);
    // After 'error', which the stream emits in its turn.
    if (handle === null) process.nextTick(() => this.emit('close'));
    if (this._server === null) return;
    this._server._connections--;
    this._server._emitCloseIfDrained?.();
  }
}

/** A destroyed socket begins anew. */
function forget(socket: Socket): void {
  const state = socket[kState];
  socket._handle = null;
  state.local = null;
  state.remote = null;
}
