/** What a Socket holds while it has, or makes, a connection: its descriptor, and what moves bytes to and from it. */

import { AsyncResource } from 'node:async_hooks';
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
import type { OpenSocket, StackContext } from './context.ts';
import type { IdleTimer } from './idle-timer.ts';
import { resetOnClose } from './socket-options.ts';
import type { Writing } from './socket-writing.ts';

/** Moves bytes from the descriptor to the socket. */
export interface Input {
  readonly bytesRead: number;
  /** There is a connection now. */
  open(fd: number): void;
  /** The descriptor is gone. */
  close(): void;
  /** The socket wants bytes. */
  want(): void;
  /** Something arrived. */
  ready(): void;
}

/** What a Socket asks of its handle, whoever carries the bytes. */
export interface Handle {
  readonly fd: number;
  readonly input: Input;
  readonly output: Pick<Writing, 'write' | 'close'>;
  readonly bytesRead: number;
  bytesWritten: number;
  /** There is a connection: bytes may go both ways. */
  establish(): void;
  /** Sends what is queued, and then the end. */
  shutdown(): void;
  close(): void;
  ref(): void;
  unref(): void;
  /** A write began or ended: until its end it holds the process, also that of an unref socket. */
  settleHold(): void;
  /** Runs `run` in a later turn, in the asynchronous context of the connection. */
  later(run: () => void): void;
}

const READABLE_EVENTS = POLLIN | POLLHUP | POLLERR | POLLRDHUP;
const WRITABLE_EVENTS = POLLOUT | POLLHUP | POLLERR;

/**
 * A socket's `_handle`. Node's has more; what programs look at is here. As with Node's, listeners are called in the
 * asynchronous context in which the connection was begun; those of one that was accepted are in none.
 */
export class TcpHandle extends AsyncResource implements Handle {
  /** Of the stack, not of the operating system; -1 while there is none. */
  fd = -1;
  readonly input: Input;
  readonly output: Writing;
  /** Bytes handed to `output`. */
  bytesWritten = 0;
  /** Node's http sets it, and calls the two below, when a socket pauses and resumes. */
  reading = true;
  readonly #context: StackContext;
  readonly #idle: IdleTimer;
  readonly #socket: OpenSocket;
  #isRef = true;
  /** Whether the driver holds the process for us. */
  #holds = false;
  #whenConnected: ((errno: number) => void) | null = null;
  #isOpen = false;

  constructor(context: StackContext, socket: OpenSocket, idle: IdleTimer, input: Input, output: Writing) {
    super('TCPSTACK');
    this.#context = context;
    this.#socket = socket;
    this.#idle = idle;
    this.input = input;
    this.output = output;
  }

  get bytesRead(): number {
    return this.input.bytesRead;
  }

  /** Takes a descriptor. */
  open(fd: number): void {
    const { driver, sockets } = this.#context;
    this.fd = fd;
    sockets.add(this.#socket);
    this.settleHold();
    driver.watch(fd, (revents) => this.runInAsyncScope(this.#onReady, this, revents));
  }

  /** Calls `done` once with the errno that connecting ended with, 0 for success; not when the handle closes first. */
  whenConnected(done: (errno: number) => void): void {
    this.#whenConnected = done;
    this.settleHold();
  }

  get isConnecting(): boolean {
    return this.#whenConnected !== null;
  }

  /** Whether there is a connection. */
  get isOpen(): boolean {
    return this.#isOpen && this.fd >= 0;
  }

  establish(): void {
    this.#isOpen = true;
    this.output.open(this.fd);
    this.input.open(this.fd);
  }

  /** Nothing to do: bytes are read as the stream asks for them, and a stream that pauses asks no more. */
  readStart(): number {
    return 0;
  }

  readStop(): number {
    return 0;
  }

  shutdown(): void {
    if (this.fd >= 0) this.#context.driver.sys.shutdown(this.fd, SHUT_WR);
  }

  /** Makes the coming `close` send RST and drop what is queued. */
  resetOnClose(): void {
    if (this.fd >= 0) resetOnClose(this.#context.driver.sys, this.fd);
  }

  /** Gives the descriptor back. A write that waits is over; its caller learns of it by `output.close()`. */
  close(): void {
    const { fd } = this;
    this.#whenConnected = null;
    if (fd < 0) return;
    this.fd = -1;
    this.#isOpen = false;
    this.input.close();
    this.#context.sockets.delete(this.#socket);
    this.#context.driver.closeFd(fd);
    this.settleHold();
  }

  ref(): void {
    this.#isRef = true;
    this.settleHold();
  }

  unref(): void {
    this.#isRef = false;
    this.settleHold();
  }

  hasRef(): boolean {
    return this.#isRef && this.fd >= 0;
  }

  settleHold(): void {
    const isBusy = this.#isRef || this.isConnecting || this.#socket.writableLength > 0;
    const holds = isBusy && this.fd >= 0;
    if (holds === this.#holds) return;
    this.#holds = holds;
    if (holds) this.#context.driver.ref();
    else this.#context.driver.unref();
  }

  later(run: () => void): void {
    this.runInAsyncScope(setImmediate, undefined, run);
  }

  getAsyncId(): number {
    return this.asyncId();
  }

  #onReady(revents: number): void {
    const connected = this.#whenConnected;
    if (connected !== null) {
      if ((revents & WRITABLE_EVENTS) === 0) return;
      this.#whenConnected = null;
      connected(Number(this.#context.driver.sys.getsockopt(this.fd, SOL_SOCKET, SO_ERROR)));
      this.settleHold();
      return;
    }
    if ((revents & READABLE_EVENTS) !== 0) this.input.ready();
    // What was read may have closed the socket.
    if (this.fd >= 0 && (revents & WRITABLE_EVENTS) !== 0 && this.output.flush()) {
      this.#idle.touch();
      this.settleHold();
    }
  }
}
