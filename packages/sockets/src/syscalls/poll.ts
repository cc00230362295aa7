/** poll(2) with a time-out of zero: what is each descriptor ready for now? */

import type { PollFd } from '../call-types.ts';
import { POLLERR, POLLHUP, POLLNVAL } from '../constants.ts';
import { EINVAL } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { levelOf } from '../readiness.ts';

export function sysPoll(kernel: Kernel, fds: PollFd[]): number {
  if (fds.length > kernel.fds.limit) return -EINVAL;
  let ready = 0;
  for (const entry of fds) {
    const file = entry.fd < 0 ? null : kernel.fds.file(entry.fd);
    if (entry.fd < 0) entry.revents = 0;
    else if (file === null) entry.revents = POLLNVAL;
    else entry.revents = levelOf(file) & (entry.events | POLLERR | POLLHUP);
    if (entry.revents !== 0) ready++;
  }
  return ready;
}
