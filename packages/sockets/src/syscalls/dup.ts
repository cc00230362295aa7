/** dup(2), dup2(2) and dup3(2): another number for the same file. */

import { O_CLOEXEC } from '../constants.ts';
import { EBADF, EINVAL, EMFILE } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { sysClose } from './close.ts';

export function sysDup(kernel: Kernel, fd: number): number {
  const file = kernel.fds.file(fd);
  if (file === null) return -EBADF;
  const copy = kernel.fds.add(file);
  return copy < 0 ? -EMFILE : copy;
}

export function sysDup2(kernel: Kernel, fd: number, newFd: number): number {
  if (fd !== newFd) return sysDup3(kernel, fd, newFd, 0);
  return kernel.fds.file(fd) === null ? -EBADF : fd;
}

export function sysDup3(kernel: Kernel, fd: number, newFd: number, flags: number): number {
  const { fds } = kernel;
  if ((flags & ~O_CLOEXEC) !== 0 || fd === newFd) return -EINVAL;
  if (!Number.isInteger(newFd) || newFd < 0 || newFd >= fds.limit) return -EBADF;
  const file = fds.file(fd);
  if (file === null) return -EBADF;
  sysClose(kernel, newFd);
  fds.put(newFd, file, (flags & O_CLOEXEC) !== 0);
  return newFd;
}
