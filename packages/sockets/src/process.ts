/** An owner of descriptors, like a process: its table, its calls, and its end. */

import { EBADF, EMFILE } from './errno.ts';
import { FdTable, FIRST_FD } from './fd-table.ts';
import type { Kernel } from './kernel.ts';
import { sysClose } from './syscalls/close.ts';
import { createSyscalls, type Syscalls } from './syscalls.ts';

/** One owner. Descriptors of different owners may refer to one file, which closes with the last of them. */
export class Process {
  /** The socket calls with this owner's descriptors. */
  readonly sys: Syscalls;
  readonly #kernel: Kernel;
  readonly #fds: FdTable;

  /** Made by `Host.process` and `fork`. */
  constructor(kernel: Kernel, fds: FdTable) {
    this.#kernel = kernel;
    this.#fds = fds;
    this.sys = createSyscalls(kernel, fds);
    kernel.owners.add(fds);
  }

  /** Open descriptors. */
  get open(): number {
    return this.#fds.open;
  }

  /** Another owner, whose descriptors refer to the same files by the same numbers, as after fork(2). */
  fork(): Process {
    const child = new FdTable(this.#fds.limit - FIRST_FD);
    for (const fd of this.#fds.numbers()) {
      const file = this.#fds.file(fd);
      if (file !== null) child.put(fd, file, this.#fds.closesOnExec(fd));
    }
    return new Process(this.#kernel, child);
  }

  /** What execve(2) does to descriptors: those with FD_CLOEXEC close. */
  exec(): void {
    this.#closeAll((fd) => this.#fds.closesOnExec(fd));
  }

  /** Gives `to` a descriptor of what `fd` refers to, as SCM_RIGHTS does: its number, -EBADF, or -EMFILE of `to`. */
  pass(fd: number, to: Process): number {
    const file = this.#fds.file(fd);
    if (file === null) return -EBADF;
    const passed = to.#fds.add(file);
    return passed < 0 ? -EMFILE : passed;
  }

  /** The end: all its descriptors close, and none can be opened. */
  exit(): void {
    this.#closeAll(() => true);
    this.#fds.end();
    this.#kernel.owners.delete(this.#fds);
  }

  #closeAll(chosen: (fd: number) => boolean): void {
    this.#kernel.fds = this.#fds;
    for (const fd of [...this.#fds.numbers()]) if (chosen(fd)) sysClose(this.#kernel, fd);
  }
}
