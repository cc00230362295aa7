/** What all calls with a descriptor share: whose it is, what it is, and how it comes and goes. */

import { EBADF, EINVAL, EMFILE, ENFILE, ENOTSOCK } from '../errno.ts';
import type { File } from '../file.ts';
import type { Kernel } from '../kernel.ts';

/** Why `kernel.fds.get(fd)` gave no socket. */
export function notSocket(kernel: Kernel, fd: number): number {
  return kernel.fds.file(fd) === null ? -EBADF : -ENOTSOCK;
}

/** The same for read(2), write(2) and their kind, which files of other kinds know too, though not an epoll instance. */
export function notReadable(kernel: Kernel, fd: number): number {
  return kernel.fds.file(fd) === null ? -EBADF : -EINVAL;
}

/** Why there is no descriptor for another file; 0 when there is one. In Linux's order. */
export function mayOpen(kernel: Kernel): number {
  if (kernel.fds.lowestFree(0) < 0) return -EMFILE;
  return kernel.use.openFiles < kernel.settings.filesMax ? 0 : -ENFILE;
}

/** The descriptor of a fresh file; -EMFILE or -ENFILE. */
export function openFile(kernel: Kernel, file: File, closesOnExec: boolean): number {
  const refused = mayOpen(kernel);
  if (refused < 0) return refused;
  kernel.use.openFiles++;
  return kernel.fds.add(file, closesOnExec);
}
