/** The pending errors of a socket: each is told once. */

import { errnoOf } from '../errno.ts';
import type { Socket } from '../socket.ts';

/** What the network said of a connection that is still open, as a positive errno, cleared; 0 when nothing. */
export function takeSoftError(socket: Socket): number {
  const tcb = socket.connection?.tcb;
  if (tcb === undefined || tcb.softError === '') return 0;
  const error = errnoOf(tcb.softError);
  tcb.softError = '';
  return error;
}

/** The pending error of a socket as a positive errno, cleared; 0 when there is none. */
export function takeError(socket: Socket): number {
  const { pendingErrno } = socket;
  socket.pendingErrno = 0;
  if (pendingErrno !== 0) return pendingErrno;
  const tcb = socket.connection?.tcb;
  if (tcb === undefined || tcb.error === '') return 0;
  const error = errnoOf(tcb.error);
  tcb.error = '';
  return error;
}
