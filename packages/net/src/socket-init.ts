/** Makes a Socket of a new object: what the constructor of `net.Socket` does. */

import net from 'node:net';
import { Duplex, type DuplexOptions } from 'node:stream';
import { CallerReading, isOnRead, type OnReadOptions } from './caller-reading.ts';
import type { StackContext } from './context.ts';
import { invalidArgumentType, invalidArgumentValue } from './errors.ts';
import type { Socket } from './socket.ts';
import { newHandle } from './socket-handle.ts';
import type { TcpOptions } from './socket-options.ts';
import { kState, SocketState } from './socket-state.ts';
import type { Handle } from './tcp-handle.ts';
import { checkNumber } from './validate.ts';
import { writeAfterEnd } from './write-after-end.ts';

/** What a new socket may be given, beside what any Duplex may. */
export interface SocketOptions extends TcpOptions {
  /** Stay writable when the peer has ended. Default false. */
  readonly allowHalfOpen?: boolean | undefined;
  /** Bytes that the stream buffers in each direction before it says "enough". */
  readonly highWaterMark?: number | undefined;
  /** Destroys the socket when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Read into a buffer of the caller's, past the stream. */
  readonly onread?: OnReadOptions | null | undefined;
  /** Addresses that may not be connected to. */
  readonly blockList?: net.BlockList | undefined;
  readonly readable?: boolean | undefined;
  readonly writable?: boolean | undefined;
  /** A descriptor of the operating system: for the built-in `net`. */
  readonly fd?: number | undefined;
  /** A handle of the built-in `net`. */
  readonly handle?: unknown;
}

/** Throws what Node throws for options that it cannot mean. */
export function initSocket(socket: Socket, context: StackContext, given: SocketOptions): void {
  const options = checked(given);
  setUp(socket, context, options, isOnRead(options.onread) ? options.onread : null, options.signal?.aborted === true);
  Duplex.call(
    socket as never,
    {
      ...options,
      allowHalfOpen: Boolean(options.allowHalfOpen),
      ...STREAM_OPTIONS,
    } as DuplexOptions,
  );
  // As Node does: who looks at it before 'error' and 'close' come sees a new socket.
  if (options.signal?.aborted) (socket as unknown as { _undestroy(): void })._undestroy();
  socket.on('end', onEnd);
  if (options.blockList) socket.blockList = checkedBlockList(options.blockList);
}

/** What of a server's options its sockets are made with. */
export interface AcceptedOptions extends TcpOptions {
  readonly allowHalfOpen: boolean;
  readonly highWaterMark: number;
}

/** As `initSocket`, for a connection that a server accepted; the caller starts its reading. */
export function initAccepted(socket: Socket, context: StackContext, options: AcceptedOptions, fd: number): void {
  setUp(socket, context, options, null, false);
  Duplex.call(
    socket as never,
    {
      allowHalfOpen: options.allowHalfOpen,
      highWaterMark: options.highWaterMark,
      ...STREAM_OPTIONS,
    } as DuplexOptions,
  );
  socket.on('end', onEnd);
  const handle = newHandle(socket);
  handle.open(fd);
  socket[kState].options.apply(context.driver.sys, fd);
  handle.establish();
}

/** 'close' is ours to emit: it says whether there was an error. Text is decoded when it is written. */
const STREAM_OPTIONS = { emitClose: false, autoDestroy: true, decodeStrings: false } as const;

function setUp(
  socket: Socket,
  context: StackContext,
  options: TcpOptions,
  onread: OnReadOptions | null,
  isStillborn: boolean,
): void {
  socket.connecting = false;
  socket._hadError = false;
  socket._handle = null;
  socket._parent = null;
  socket._host = null;
  socket._server = null;
  socket.server = null;
  (socket as { [kState]: SocketState })[kState] = new SocketState(context, socket, options, onread, isStillborn);
  if (onread !== null) Object.assign(socket, CALLER_READING_METHODS);
}

function onEnd(this: Socket): void {
  if (!this.allowHalfOpen) this.write = writeAfterEnd as Socket['write'];
}

function checked(options: SocketOptions & DuplexOptions): SocketOptions & DuplexOptions {
  for (const name of ['objectMode', 'readableObjectMode', 'writableObjectMode'] as const) {
    if (options[name]) throw invalidArgumentValue(`options.${name}`, options[name], 'is not supported');
  }
  const { keepAliveInitialDelay: delayMs } = options;
  if (delayMs === undefined) return options;
  checkNumber(delayMs, 'options.keepAliveInitialDelay');
  return delayMs < 0 ? { ...options, keepAliveInitialDelay: 0 } : options;
}

export function checkedBlockList(value: unknown): net.BlockList {
  if (!net.BlockList.isBlockList(value)) throw invalidArgumentType('options.blockList', 'an net.BlockList', value);
  return value as net.BlockList;
}

/** With `onread` bytes never lie in the stream: to pause it, reading has to stop. */
const CALLER_READING_METHODS = {
  pause(this: Socket): Socket {
    const input = inputOf(this);
    if (!this.destroyed) input?.pause();
    return Duplex.prototype.pause.call(this) as Socket;
  },
  resume(this: Socket): Socket {
    inputOf(this)?.want();
    return Duplex.prototype.resume.call(this) as Socket;
  },
  read(this: Socket, bytes?: number): unknown {
    inputOf(this)?.want();
    return Duplex.prototype.read.call(this, bytes);
  },
};

function inputOf(socket: Socket): CallerReading | null {
  const handle: Handle | null = socket.connecting ? null : socket._handle;
  return handle !== null && handle.input instanceof CallerReading ? handle.input : null;
}
