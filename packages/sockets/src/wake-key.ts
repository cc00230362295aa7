/** What happened to a connection, in the words of those who wait for it: Linux's wake-up keys. */

import { type Tcb, WAKE_READ, WAKE_STATE, WAKE_URGENT, WAKE_WRITE } from '@tcpstack/tcp/tcb';
import { POLLIN, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND, POLLWRNORM } from './constants.ts';
import type { Socket } from './socket.ts';
import { isStreamReadable } from './stream-level.ts';

const READ_KEY = POLLIN | POLLPRI | POLLRDNORM | POLLRDBAND;
const WRITE_KEY = POLLOUT | POLLWRNORM | POLLWRBAND;
/** Nobody has to look. */
export const NOTHING = -1;

/** The key for `wake`, 0 for whoever waits; `NOTHING` when what came is less than SO_RCVLOWAT. */
export function wakeKey(socket: Socket, tcb: Tcb, bits: number): number {
  if ((bits & WAKE_STATE) !== 0) return 0;
  let key = 0;
  if ((bits & WAKE_URGENT) !== 0 || ((bits & WAKE_READ) !== 0 && isStreamReadable(socket, tcb))) key |= READ_KEY;
  if ((bits & WAKE_WRITE) !== 0) key |= WRITE_KEY;
  return key === 0 ? NOTHING : key;
}
