/** The descriptor table of one owner: the lowest free number, as POSIX promises. */

import { assert } from '@tcpstack/bytes/assert';
import { type File, refer, unrefer } from './file.ts';
import type { Socket } from './socket.ts';

/** 0, 1 and 2 belong to the standard streams of a process; dup2() may take them nevertheless. */
export const FIRST_FD = 3;

/** The file of each descriptor, and the two marks that belong to the number and not to the file. */
export class FdTable {
  readonly #files: (File | null)[] = [null, null, null];
  /** `FD_CLOEXEC` is set. */
  readonly #closesOnExec = new Set<number>();
  /** In the list of `pollReady`. */
  readonly #isReady: boolean[] = [false, false, false];
  /** No descriptor below this one is free. */
  #lowestFree = FIRST_FD;
  #open = 0;
  #limit: number;

  /** @param limit Descriptors that may be open besides the standard streams; no number is above that. */
  constructor(limit: number) {
    this.#limit = FIRST_FD + limit;
  }

  /** Open descriptors. */
  get open(): number {
    return this.#open;
  }

  /** One more than the largest number, Linux's `RLIMIT_NOFILE`. */
  get limit(): number {
    return this.#limit;
  }

  /** The lowest free number of `least` or more; -1 when the limit is reached. */
  lowestFree(least: number): number {
    let fd = Math.max(this.#lowestFree, least);
    while (fd < this.#files.length && this.#files[fd] !== null) fd++;
    if (least <= this.#lowestFree) this.#lowestFree = fd;
    return fd < this.#limit ? fd : -1;
  }

  /** Gives `file` the lowest free descriptor; -1 when the limit is reached. */
  add(file: File, closesOnExec = false, least = FIRST_FD): number {
    const fd = this.lowestFree(least);
    if (fd >= 0) this.put(fd, file, closesOnExec);
    return fd;
  }

  /** Gives `file` this descriptor, which is free. */
  put(fd: number, file: File, closesOnExec: boolean): void {
    assert(fd < this.#limit && (this.#files[fd] ?? null) === null, 'only a free descriptor is given away');
    while (this.#files.length <= fd) {
      this.#files.push(null);
      this.#isReady.push(false);
    }
    this.#files[fd] = file;
    this.#open++;
    if (closesOnExec) this.#closesOnExec.add(fd);
    refer(file, this, fd);
  }

  /** The socket of `fd`; `null` when it is not open, or no socket. */
  get(fd: number): Socket | null {
    const file = this.#files[fd];
    return file !== undefined && file !== null && file.kind === 'socket' ? file : null;
  }

  /** What `fd` refers to, or `null` when it is not open. */
  file(fd: number): File | null {
    return this.#files[fd] ?? null;
  }

  /** Frees an open descriptor. Nothing that belonged to the number is left for the next who gets it. */
  remove(fd: number): File {
    const file = this.file(fd);
    assert(file !== null, 'only an open descriptor is freed');
    this.#files[fd] = null;
    this.#isReady[fd] = false;
    this.#closesOnExec.delete(fd);
    if (fd >= FIRST_FD && fd < this.#lowestFree) this.#lowestFree = fd;
    this.#open--;
    unrefer(file, this, fd);
    return file;
  }

  /** From now on nothing can be opened. */
  end(): void {
    this.#limit = 0;
  }

  /** Whether `FD_CLOEXEC` is set. */
  closesOnExec(fd: number): boolean {
    return this.#closesOnExec.has(fd);
  }

  setClosesOnExec(fd: number, on: boolean): void {
    if (on) this.#closesOnExec.add(fd);
    else this.#closesOnExec.delete(fd);
  }

  /** Notes that something happened to `fd`; false when that is noted already. */
  markReady(fd: number): boolean {
    if (this.#isReady[fd] === true) return false;
    this.#isReady[fd] = true;
    return true;
  }

  /** Whether something happened to `fd`. */
  isReady(fd: number): boolean {
    return this.#isReady[fd] === true;
  }

  /** The same, and it is forgotten. */
  takeReady(fd: number): boolean {
    if (this.#isReady[fd] !== true) return false;
    this.#isReady[fd] = false;
    return true;
  }

  /** Every open descriptor, rising. */
  *numbers(): Generator<number> {
    for (let fd = 0; fd < this.#files.length; fd++) if (this.#files[fd] !== null) yield fd;
  }

  /** Every open file, by rising descriptor. */
  *files(): Generator<File> {
    for (const file of this.#files) if (file !== null) yield file;
  }
}
