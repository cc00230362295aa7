/** A Socket of ours over a local socket: the built-in `net` carries the bytes, as nothing of it is TCP. */

import type net from 'node:net';
import { ECANCELED, EPIPE } from '@tcpstack/sockets/errno';
import { connectBuiltIn } from './built-in.ts';
import type { Piece } from './chunks.ts';
import { finishConnecting } from './connected.ts';
import type { Socket } from './socket.ts';
import { kState } from './socket-state.ts';
import type { Written } from './socket-writing.ts';
import type { Handle, Input } from './tcp-handle.ts';
import { checkString } from './validate.ts';

/** What `connect({ path })` of a Socket does. */
export function connectPath(socket: Socket, path: unknown): void {
  checkString(path, 'options.path');
  (socket as unknown as { _undestroy(): void })._undestroy();
  socket.connecting = true;
  const inner = connectBuiltIn({ path, allowHalfOpen: true });
  // That of `inner` was said already.
  socket.emit('connectionAttempt', path, undefined, undefined);
  inner.on('connectionAttemptFailed', (...args) => {
    socket.connecting = false;
    socket.emit('connectionAttemptFailed', ...args);
  });
  if (!socket.destroyed) carryBy(socket, inner);
  else inner.destroy();
}

/** Lets `inner`, a socket of the built-in `net`, carry the bytes of `socket`. */
export function carryBy(socket: Socket, inner: net.Socket): void {
  const handle = new BuiltInHandle(inner);
  socket._handle = handle;
  inner.pause();
  inner.on('connect', () => {
    if (socket._handle === handle) finishConnecting(socket, handle);
  });
  inner.on('data', (chunk: Buffer) => {
    socket[kState].idle.touch();
    if (!socket.push(chunk)) inner.pause();
  });
  inner.on('end', () => {
    socket.push(null);
    socket.read(0);
  });
  inner.on('error', (error) => socket.destroy(error));
}

class BuiltInHandle implements Handle {
  /** None of the stack's. */
  readonly fd = -1;
  readonly input: Input;
  readonly output: Handle['output'];
  bytesWritten = 0;
  readonly #inner: net.Socket;

  constructor(inner: net.Socket) {
    this.#inner = inner;
    this.input = {
      get bytesRead() {
        return inner.bytesRead;
      },
      open: () => {},
      close: () => {},
      ready: () => {},
      want: () => void inner.resume(),
    };
    this.output = new BuiltInWriting(inner);
  }

  get bytesRead(): number {
    return this.#inner.bytesRead;
  }

  establish(): void {}

  shutdown(): void {
    this.#inner.end();
  }

  close(): void {
    this.#inner.destroy();
  }

  ref(): void {
    this.#inner.ref();
  }

  unref(): void {
    this.#inner.unref();
  }

  settleHold(): void {}

  later(run: () => void): void {
    setImmediate(run);
  }
}

class BuiltInWriting {
  readonly #inner: net.Socket;
  #done: Written | null = null;

  constructor(inner: net.Socket) {
    this.#inner = inner;
  }

  write(chunks: readonly Piece[], done: Written): void {
    this.#done = done;
    chunks.forEach(({ chunk }, i) => {
      this.#inner.write(chunk, i < chunks.length - 1 ? undefined : (error) => this.#finish(error ? -EPIPE : 0));
    });
  }

  close(): void {
    this.#finish(-ECANCELED);
  }

  #finish(errno: number): void {
    const done = this.#done;
    this.#done = null;
    done?.(errno, 0);
  }
}
