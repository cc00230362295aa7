/** select(2) with a time-out of zero. */

import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI } from '../constants.ts';
import { EBADF, EINVAL } from '../errno.ts';
import { FD_CLR, FD_ISSET, type FdSet } from '../fd-set.ts';
import type { Kernel } from '../kernel.ts';
import { readinessOf } from '../readiness.ts';

/** Linux's `POLLIN_SET`, `POLLOUT_SET` and `POLLEX_SET`. */
const READABLE = POLLIN | POLLHUP | POLLERR | POLLNVAL;
const WRITABLE = POLLOUT | POLLERR | POLLNVAL;
const EXCEPTIONAL = POLLPRI | POLLNVAL;

/** Leaves in the sets who is ready; counts them, once for each set. An error leaves the sets as they are. */
export function sysSelect(
  kernel: Kernel,
  nfds: number,
  reads: FdSet | null,
  writes: FdSet | null,
  excepts: FdSet | null,
): number {
  if (!(nfds >= 0)) return -EINVAL;
  const sets = [reads, writes, excepts];
  const { fds } = kernel;
  for (let fd = 0; fd < nfds; fd++) {
    if (fds.file(fd) === null && sets.some((set) => set !== null && FD_ISSET(fd, set))) return -EBADF;
  }
  return (
    keepReady(kernel, nfds, reads, READABLE) +
    keepReady(kernel, nfds, writes, WRITABLE) +
    keepReady(kernel, nfds, excepts, EXCEPTIONAL)
  );
}

function keepReady(kernel: Kernel, nfds: number, set: FdSet | null, wanted: number): number {
  if (set === null) return 0;
  let ready = 0;
  for (let fd = 0; fd < nfds; fd++) {
    const file = FD_ISSET(fd, set) ? kernel.fds.file(fd) : null;
    if (file === null) continue;
    if ((readinessOf(file) & wanted) !== 0) ready++;
    else FD_CLR(fd, set);
  }
  return ready;
}
