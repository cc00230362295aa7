/** The door of a listener: which SYN is let in, which third segment opens a connection, and what waiting leads to. */

import { handleTimeouts, isThirdSegment, ownHandshake, synAckRetriesMax } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';
import type { Segment } from '@tcpstack/wire/segment';
import type { Connection } from './connection.ts';
import { abortConnection } from './connections.ts';
import type { Kernel } from './kernel.ts';
import type { Listener } from './listener.ts';

/**
 * What becomes of a SYN now.
 *
 * @param isReopening It takes the place of a connection in TIME-WAIT, whose numbers it goes on with: no cookie can.
 */
export function admitSyn(kernel: Kernel, listener: Listener, isReopening: boolean): 'half-open' | 'cookie' | 'drop' {
  const { counters, settings } = kernel;
  const { synCookies, maxSynBacklog, halfOpenMax } = settings;
  const { synQueue, acceptQueue } = listener;
  const isCrowded = synQueue.full || kernel.halfOpen.count >= halfOpenMax;
  const byCookie = !isReopening && (synCookies === 2 || isCrowded);
  if (byCookie && synCookies === 0) {
    counters.synQueueDrops++;
    counters.listenDrops++;
    return 'drop';
  }
  if (byCookie) counters.synQueueCookies++;
  // Who could not be let in afterwards is not let in now.
  if (acceptQueue.full) {
    counters.listenOverflows++;
    counters.listenDrops++;
    return 'drop';
  }
  // Without cookies Linux keeps places for peers that it knows; we know none.
  if (synCookies === 0 && maxSynBacklog - synQueue.length < maxSynBacklog >> 2) {
    counters.listenDrops++;
    return 'drop';
  }
  return byCookie ? 'cookie' : 'half-open';
}

/** A SYN was let in: what the listener's user and the Host say of its handshake. */
export function beginHandshake(kernel: Kernel, listener: Listener, tcb: Tcb): void {
  const handshake = ownHandshake(tcb);
  handshake.synAckRetries = synAckRetriesOf(kernel, listener);
  handshake.deferRetries = listener.socket.options.deferAcceptRetries;
}

/** As in Linux a listener's TCP_SYNCNT counts its SYN-ACKs. */
function synAckRetriesOf({ settings }: Kernel, { socket }: Listener): number {
  return socket.options.synRetries || settings.synAckRetries;
}

/**
 * Whether a segment for a half-open connection is taken. What is ignored is lost to nobody: the peer sends its data again,
 * and the SYN-ACK asks for its ACK again.
 */
export function admitSegment(kernel: Kernel, connection: Connection, seg: Segment): 'take' | 'ignore' | 'refuse' {
  const { tcb, listener } = connection;
  const { counters, settings } = kernel;
  if (listener === null || !isThirdSegment(tcb, seg, kernel.nowMs)) return 'take';
  // TCP_DEFER_ACCEPT: an ACK alone opens nothing before the time for data is over.
  if (tcb.rtt.tries < tcb.handshake.deferRetries && seg.len === 0) {
    ownHandshake(tcb).isAcked = true;
    counters.deferAcceptDrops++;
    return 'ignore';
  }
  if (!listener.acceptQueue.full) return 'take';
  counters.listenOverflows++;
  counters.listenDrops++;
  if (settings.abortOnOverflow) {
    counters.embryonicResets++;
    return 'refuse';
  }
  ownHandshake(tcb).isAcked = true;
  return 'ignore';
}

/** A deadline of a half-open connection passed. */
export function halfOpenTimeout(kernel: Kernel, connection: Connection): void {
  const { tcb, listener } = connection;
  if (tcb.timers.retransmitAtMs <= kernel.nowMs && listener !== null) {
    ownHandshake(tcb).synAckRetries = listener.synQueue.retriesMax(synAckRetriesOf(kernel, listener));
    listener.synQueue.age(connection);
    // Deviation: Linux forgets it without a word. Its peer takes it for open, and must not be left alone with that.
    if (tcb.handshake.isAcked && tcb.rtt.tries >= synAckRetriesMax(tcb)) {
      kernel.counters.embryonicResets++;
      abortConnection(kernel, connection);
      return;
    }
  }
  handleTimeouts(tcb, kernel.nowMs);
}
