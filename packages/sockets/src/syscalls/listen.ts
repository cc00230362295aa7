/**
 * listen(2): LISTEN, with a SYN queue and an accept queue. "Every passive OPEN call either creates a new connection
 * record in LISTEN state, or it returns an error; it MUST NOT affect any previously created connection record" — RFC 9293
 * §3.9.1.1 [MUST-41].
 */

import { EADDRINUSE, EINVAL, EOPNOTSUPP } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { Listener } from '../listener.ts';
import { joinGroup } from '../reuse-port.ts';
import { claimPort } from './bind.ts';
import { notSocket } from './descriptor.ts';

export function sysListen(kernel: Kernel, fd: number, backlog: number): number {
  const socket = kernel.fds.get(fd);
  if (socket === null) return notSocket(kernel, fd);
  if (socket.datagrams !== null) return -EOPNOTSUPP;
  if (socket.connection !== null || !Number.isInteger(backlog)) return -EINVAL;
  // A negative backlog counts as the largest, as Linux's unsigned comparison makes it.
  const capped = backlog < 0 ? kernel.settings.somaxconn : Math.min(backlog, kernel.settings.somaxconn);
  if (socket.listener !== null) {
    socket.listener.synQueue.resize(capped);
    socket.listener.acceptQueue.resize(capped);
    return 0;
  }
  if (!socket.bound) {
    const claimed = claimPort(kernel, socket, socket.localAddress, 0);
    if (claimed < 0) return claimed;
  }
  if (kernel.ports.hasListener(socket)) return -EADDRINUSE;
  const listener = new Listener(socket, capped, kernel.halfOpen);
  joinGroup(kernel, socket, listener);
  socket.listener = listener;
  return 0;
}
