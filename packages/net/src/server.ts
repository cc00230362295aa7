/** A listener in the shape of `net.Server`. */

import { EventEmitter } from 'node:events';
import type net from 'node:net';
import { promisify } from 'node:util';
import type { Acceptor } from './accepting.ts';
import type { ListenOptions } from './arguments.ts';
import { announceAccepted } from './diagnostics.ts';
import { serverNotRunning } from './errors.ts';
import type { ServerHandle } from './listen-handle.ts';
import { listen } from './listening.ts';
import { kServer, type ServerState } from './server-state.ts';
import type { Socket } from './socket.ts';
import type { AddressInfo } from './socket-names.ts';

/** See `node:net`: the members here do what those of `net.Server` do. Never constructed itself, as with `Socket`. */
export class Server extends EventEmitter implements Acceptor {
  declare readonly [kServer]: ServerState;
  /** Connections beyond this many are closed at once, with a 'drop'. Default: no limit. */
  declare maxConnections?: number;
  /** For clusters, which are not ours to serve. */
  declare dropMaxConnection?: boolean;
  declare allowHalfOpen: boolean;
  declare pauseOnConnect: boolean;
  declare noDelay: boolean;
  declare keepAlive: boolean;
  /** Seconds. */
  declare keepAliveInitialDelay: number;
  declare highWaterMark: number;
  declare blockList?: net.BlockList;
  declare _handle: ServerHandle | null;
  declare _connections: number;
  declare _connectionKey?: string;
  declare _pipeName?: string;
  declare _unref: boolean;
  declare _usingWorkers: boolean;
  declare _workers: unknown[];
  /** Changes with each `listen` and `close`: an answer of the resolver to an older one is void. */
  declare _listeningId: number;

  listen(port?: number | string, host?: string, backlog?: number, listener?: () => void): this;
  listen(port?: number | string, host?: string, listener?: () => void): this;
  listen(port?: number | string, backlog?: number, listener?: () => void): this;
  listen(port?: number | string, listener?: () => void): this;
  listen(path: string, backlog?: number, listener?: () => void): this;
  listen(path: string, listener?: () => void): this;
  listen(options: ListenOptions, listener?: () => void): this;
  listen(handle: unknown, backlog?: number, listener?: () => void): this;
  listen(handle: unknown, listener?: () => void): this;
  listen(listener?: () => void): this;
  listen(...args: unknown[]): this {
    listen(this, args);
    return this;
  }

  get listening(): boolean {
    return Boolean(this._handle);
  }

  /** Where it listens: the path of a local socket is a text. `null` when it does not. */
  address(): AddressInfo | string | null {
    return this._handle === null ? null : this._handle.address();
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this._connections);
    return this;
  }

  /** Takes no more connections; 'close' comes when the last one has ended. */
  close(callback?: (error?: Error) => void): this {
    this._listeningId++;
    if (typeof callback === 'function') {
      if (this._handle === null) this.once('close', () => callback(serverNotRunning()));
      else this.once('close', callback);
    }
    if (this._handle !== null) {
      this._handle.close();
      this._handle = null;
    }
    this._emitCloseIfDrained();
    return this;
  }

  /** Closes; resolves at 'close'. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this._handle === null) return;
    await (promisify(this.close) as (this: Server) => Promise<void>).call(this);
  }

  ref(): this {
    this._unref = false;
    this._handle?.ref();
    return this;
  }

  unref(): this {
    this._unref = true;
    this._handle?.unref();
    return this;
  }

  /** Also called when one of its connections has ended. */
  _emitCloseIfDrained(): void {
    if (this._handle !== null) {
      this._handle.connectionEnded();
      return;
    }
    if (this._connections === 0) process.nextTick(() => this.emit('close'));
  }

  admit(fd: number): Socket {
    return this[kServer].accept(fd, {
      allowHalfOpen: this.allowHalfOpen,
      highWaterMark: this.highWaterMark,
      noDelay: this.noDelay,
      keepAlive: this.keepAlive,
      keepAliveInitialDelay: 1000 * this.keepAliveInitialDelay,
    });
  }

  welcome(socket: Socket): void {
    this._connections++;
    socket.server = this;
    socket._server = this;
    if (this.pauseOnConnect) (socket as { readableFlowing: boolean }).readableFlowing = false;
    this.emit('connection', socket);
    announceAccepted(socket);
    if (!socket.destroyed && !socket.isPaused()) socket.read(0);
  }
}

/** The promise of an `async` listener failed, with `captureRejections`: the connection is at fault, not the server. */
Object.defineProperty(Server.prototype, Symbol.for('nodejs.rejection'), {
  value(this: Server, error: Error, event: string, ...args: unknown[]): void {
    if (event === 'connection') (args[0] as Socket).destroy(error);
    else this.emit('error', error);
  },
  writable: true,
  configurable: true,
});
