/** Connections without a descriptor: nobody misses them, so that they are the first to go when there are too many. */

import { becomeOrphan } from '@tcpstack/tcp/connection';
import { MAX_RTO_MS } from '@tcpstack/tcp/limits';
import { sharingOf } from './bind-conflict.ts';
import type { Connection } from './connection.ts';
import { abortConnection, afterActivity } from './connections.ts';
import type { Kernel } from './kernel.ts';
import type { Socket } from './socket.ts';

/** Linux's `SOCK_MIN_SNDBUF`: one that holds less is not what makes memory scarce. */
const SMALL_QUEUE_BYTES = 4608;

/** close(2) of the last descriptor of a connection that is in the tables. */
export function orphan(kernel: Kernel, socket: Socket, connection: Connection): void {
  const { tcb } = connection;
  connection.socket = null;
  connection.sharing = sharingOf(socket.options);
  // "If the application closes ... while received data is still pending in TCP, ... its TCP SHOULD send a RST to
  // show that data was lost" — RFC 9293 §3.6.1 [SHLD-3]; SO_LINGER with 0 seconds asks for the same.
  const { lingers, lingerSeconds, linger2Seconds } = socket.options;
  const isUnread = tcb.receiveRing.readable > 0;
  if (isUnread || (lingers && lingerSeconds === 0)) {
    if (isUnread) kernel.counters.closeAborts++;
    else kernel.counters.dataAborts++;
    abortConnection(kernel, connection);
    return;
  }
  kernel.use.orphans++;
  if (!becomeOrphan(tcb, kernel.nowMs, linger2Seconds * 1000)) {
    kernel.counters.lingerAborts++;
    abortConnection(kernel, connection);
  } else if (tcb.state !== 'CLOSED' && tooMany(kernel, connection, 0)) abortForMemory(kernel, connection);
  else afterActivity(kernel, connection);
}

/**
 * After a time-out: an orphan whose peer does not answer goes when orphans are many, earlier (each of Linux's reasons
 * halves the limit) when it has been silent for long or the network says that nobody is there.
 */
export function shedOrphan(kernel: Kernel, connection: Connection): void {
  const { tcb } = connection;
  if (!tcb.orphan || tcb.state === 'CLOSED' || (tcb.rtt.tries === 0 && tcb.out.probesUnanswered === 0)) return;
  const silentMs = kernel.nowMs - tcb.out.sentAtMs;
  const halvings = (silentMs > 2 * MAX_RTO_MS ? 1 : 0) + (tcb.softError !== '' ? 1 : 0);
  if (tooMany(kernel, connection, halvings)) abortForMemory(kernel, connection);
}

function tooMany(kernel: Kernel, { tcb }: Connection, halvings: number): boolean {
  const { use, settings, shared } = kernel;
  if (use.orphans * 2 ** halvings > settings.orphansMax) return true;
  return tcb.sendRing.readable > SMALL_QUEUE_BYTES && shared.pool.stats().lentBytes > shared.bufferMemoryMaxBytes;
}

function abortForMemory(kernel: Kernel, connection: Connection): void {
  kernel.counters.memoryAborts++;
  abortConnection(kernel, connection);
}
