/** A listening socket with its two queues: half-open connections, and finished ones that wait for accept(). */

import { assert } from '@tcpstack/bytes/assert';
import { AcceptQueue } from './accept-queue.ts';
import type { Connection } from './connection.ts';
import { FastOpenQueue } from './fast-open-queue.ts';
import type { Socket } from './socket.ts';
import { type HalfOpenTally, SynQueue } from './syn-queue.ts';

/** What listen() makes of a socket. */
export class Listener {
  readonly socket: Socket;
  readonly synQueue: SynQueue;
  readonly acceptQueue: AcceptQueue;
  readonly fastOpen = new FastOpenQueue();
  /** When it last sent a cookie, or one of its group did. */
  pressure = { cookieAtMs: -Infinity };

  constructor(socket: Socket, backlog: number, tally?: HalfOpenTally) {
    this.socket = socket;
    this.synQueue = new SynQueue(backlog, tally);
    this.acceptQueue = new AcceptQueue(backlog);
  }

  /** A SYN made `connection`: it waits in the SYN queue for the third segment. */
  addHalfOpen(connection: Connection): void {
    connection.listener = this;
    connection.queue = 'syn';
    this.synQueue.add(connection);
  }

  /** A SYN made `connection` that is accepted at once: the third segment need not come first. */
  addOpened(connection: Connection): void {
    connection.listener = this;
    connection.queue = 'accept';
    this.acceptQueue.push(connection);
  }

  /** The third segment came: the connection moves on to the accept queue. */
  promote(connection: Connection): void {
    assert(connection.queue === 'syn', 'only half-open connections are promoted');
    this.synQueue.remove(connection);
    connection.queue = 'accept';
    this.acceptQueue.push(connection);
  }

  /** Takes a connection that ended out of whichever queue it waits in. */
  drop(connection: Connection): void {
    if (connection.queue === 'syn') this.synQueue.remove(connection);
    if (connection.queue === 'accept') this.acceptQueue.remove(connection);
    connection.queue = '';
    connection.listener = null;
  }
}
