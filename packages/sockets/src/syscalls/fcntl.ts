/** fcntl(2): what belongs to a number (FD_CLOEXEC), and what to the file (O_NONBLOCK). */

import {
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  O_APPEND,
  O_ASYNC,
  O_DIRECT,
  O_NONBLOCK,
} from '../constants.ts';
import { EBADF, EINVAL, EMFILE } from '../errno.ts';
import { FIRST_FD } from '../fd-table.ts';
import type { File } from '../file.ts';
import type { Kernel } from '../kernel.ts';

/** What F_SETFL may change. */
const SETTABLE = O_APPEND | O_NONBLOCK | O_ASYNC;

export function sysFcntl(kernel: Kernel, fd: number, command: number, argument: number): number {
  const { fds } = kernel;
  const file = fds.file(fd);
  if (file === null) return -EBADF;
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return duplicate(kernel, file, argument, command === F_DUPFD_CLOEXEC);
    case F_GETFD:
      return fds.closesOnExec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
      fds.setClosesOnExec(fd, (argument & FD_CLOEXEC) !== 0);
      return 0;
    case F_GETFL:
      return file.statusFlags;
    case F_SETFL:
      if ((argument & O_DIRECT) !== 0) return -EINVAL;
      file.statusFlags = (file.statusFlags & ~SETTABLE) | (argument & SETTABLE);
      return 0;
    default:
      return -EINVAL;
  }
}

/** F_DUPFD: the lowest free number that is not below `least`. */
function duplicate(kernel: Kernel, file: File, least: number, closesOnExec: boolean): number {
  if (!Number.isInteger(least) || least < 0 || least >= kernel.fds.limit) return -EINVAL;
  const fd = kernel.fds.add(file, closesOnExec, Math.max(least, FIRST_FD));
  return fd < 0 ? -EMFILE : fd;
}
