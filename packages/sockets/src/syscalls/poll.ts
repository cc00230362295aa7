/** poll(2) with a time-out of zero: what is each descriptor ready for now? */

import type { PollFd } from '../call-types.ts';
import { POLLERR, POLLHUP, POLLNVAL } from '../constants.ts';
import type { Kernel } from '../kernel.ts';
import { readinessOf } from '../readiness.ts';

export function sysPoll(kernel: Kernel, fds: PollFd[]): number {
  let ready = 0;
  for (const entry of fds) {
    const socket = entry.fd < 0 ? null : kernel.fds.get(entry.fd);
    if (entry.fd < 0) entry.revents = 0;
    else if (socket === null) entry.revents = POLLNVAL;
    else entry.revents = readinessOf(socket) & (entry.events | POLLERR | POLLHUP);
    if (entry.revents !== 0) ready++;
  }
  return ready;
}
