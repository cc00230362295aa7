/** Reading from a stream socket: RECEIVE of RFC 9293 §3.10.4, with the flags of recv(2), in the order of Linux. */

import { peek, peekableBytes, receive, receiveUrgent } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';
import type { Connection } from '../connection.ts';
import { markDirty } from '../connections.ts';
import { MSG_OOB, MSG_PEEK, MSG_TRUNC } from '../constants.ts';
import { EAGAIN, EINVAL, ENOTCONN } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Socket } from '../socket.ts';
import { takeError } from './errors.ts';

/** Where bytes go that nobody wants; written and never read. */
const NOWHERE = new Uint8Array(16 * 1024);

/** Moves up to `end - at` bytes to `into[at, end)`: how many, 0 at the end of the stream, or a negative errno. */
export function readStream(
  kernel: Kernel,
  socket: Socket,
  into: Uint8Array,
  at: number,
  end: number,
  flags: number,
): number {
  if (socket.listener !== null) return -ENOTCONN;
  const { connection } = socket;
  if ((flags & MSG_OOB) !== 0) {
    return connection === null ? -EINVAL : readOutOfBand(socket, connection.tcb, into, at, end, flags);
  }
  if (connection !== null && connection.tcb.receiveRing.readable > 0) {
    if (at === end) return 0;
    const isLook = (flags & MSG_PEEK) !== 0;
    const n = isLook ? look(connection, into, at, end, flags) : take(kernel, connection, into, at, end, flags);
    // All that was left may be a byte that is kept out of the stream.
    if (n > 0) return n;
  }
  return nothingToRead(socket, connection?.tcb ?? null);
}

function take(
  kernel: Kernel,
  connection: Connection,
  into: Uint8Array,
  at: number,
  end: number,
  flags: number,
): number {
  const { tcb } = connection;
  const n = (flags & MSG_TRUNC) === 0 ? receive(tcb, into, at, end) : discard(tcb, end - at);
  if (tcb.out.ackNow && connection.listed) markDirty(kernel, connection);
  return n;
}

/** tcp(7): "the MSG_TRUNC flag causes the received bytes of data to be discarded, rather than passed back". */
function discard(tcb: Tcb, most: number): number {
  let total = 0;
  for (let n = -1; n !== 0 && total < most; total += n) {
    n = receive(tcb, NOWHERE, 0, Math.min(most - total, NOWHERE.length));
  }
  return total;
}

function look({ tcb }: Connection, into: Uint8Array, at: number, end: number, flags: number): number {
  return (flags & MSG_TRUNC) === 0 ? peek(tcb, into, at, end) : peekableBytes(tcb, end - at);
}

/** Like Linux: EINVAL when there is no such byte, EAGAIN when it was announced and has not arrived. */
function readOutOfBand(socket: Socket, tcb: Tcb, into: Uint8Array, at: number, end: number, flags: number): number {
  const [target, place] = at === end ? [NOWHERE, 0] : [into, at];
  switch (receiveUrgent(tcb, target, place, (flags & MSG_PEEK) !== 0)) {
    case 'read':
      return Math.min(end - at, 1);
    case 'awaited':
      return tcb.state === 'CLOSED' || tcb.rcv.finReceived || socket.shutRead ? 0 : -EAGAIN;
    case 'none':
      return -EINVAL;
  }
}

/** Why there is nothing: the end of the stream, 0; the error, once; or not yet. */
function nothingToRead(socket: Socket, tcb: Tcb | null): number {
  // "the local application MUST be informed whether it closed normally or was aborted" — RFC 9293 §3.6 [MUST-12]: 0 for
  // the one, an error for the other. Like Linux the end that came before a reset stays the end.
  if (tcb?.rcv.finReceived === true) return 0;
  const error = takeError(socket);
  if (error !== 0) return -error;
  if (socket.shutRead || tcb?.state === 'CLOSED') return 0;
  return tcb === null ? -ENOTCONN : -EAGAIN;
}
