/** What a connection does the moment it enters ESTABLISHED. */

import { armKeepAlive } from './keep-alive.ts';
import type { Tcb } from './tcb.ts';

/** The handshake is complete; what it taught about the path is still in `tcb.rtt`. */
export function connectionOpened(tcb: Tcb, nowMs: number): void {
  armKeepAlive(tcb, nowMs);
}
