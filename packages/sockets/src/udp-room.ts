/** Datagram sockets that were refused because too many datagrams waited to leave. */

import { POLLOUT, POLLWRBAND, POLLWRNORM } from './constants.ts';
import type { Kernel } from './kernel.ts';
import { wake } from './readiness.ts';

/** There is room again: all of them are writable. */
export function wakeSenders(kernel: Kernel): void {
  for (const socket of kernel.awaitRoom.splice(0)) {
    if (socket.datagrams === null) continue;
    socket.datagrams.awaitsRoom = false;
    wake(kernel, socket, POLLOUT | POLLWRNORM | POLLWRBAND);
  }
}
