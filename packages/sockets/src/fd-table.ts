/** The descriptor table: the lowest free number, as POSIX promises. */

import { assert } from '@tcpstack/bytes/assert';
import type { Socket } from './socket.ts';

/** 0, 1 and 2 belong to the standard streams of a process. */
const FIRST_FD = 3;

/** Descriptors and the sockets that they refer to. */
export class FdTable {
  readonly #sockets: (Socket | null)[] = [null, null, null];
  readonly #limit: number;
  /** No descriptor below this one is free. */
  #lowestFree = FIRST_FD;
  #open = 0;

  /** @param limit Descriptors that may be open at once. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Open descriptors. */
  get open(): number {
    return this.#open;
  }

  /** Gives `socket` the lowest free descriptor; -1 when the limit is reached. */
  add(socket: Socket): number {
    if (this.#open >= this.#limit) return -1;
    let fd = this.#lowestFree;
    while (fd < this.#sockets.length && this.#sockets[fd] !== null) fd++;
    this.#sockets[fd] = socket;
    this.#lowestFree = fd + 1;
    this.#open++;
    socket.fd = fd;
    return fd;
  }

  /** The socket of `fd`, or `null` when it is not open. */
  get(fd: number): Socket | null {
    return this.#sockets[fd] ?? null;
  }

  /** Frees the descriptor of `socket`. */
  remove(socket: Socket): void {
    assert(this.#sockets[socket.fd] === socket, 'a descriptor is freed by the socket that has it');
    this.#sockets[socket.fd] = null;
    if (socket.fd < this.#lowestFree) this.#lowestFree = socket.fd;
    this.#open--;
    socket.fd = -1;
  }

  /** Every open socket, by rising descriptor. */
  *values(): Generator<Socket> {
    for (const socket of this.#sockets) if (socket !== null) yield socket;
  }
}
