/** The life of a connection in the tables: made, filed, looked after, taken out. */

import { assert } from '@tcpstack/bytes/assert';
import { adviseAgainst } from '@tcpstack/ip/advice';
import type { Route } from '@tcpstack/ip/routes';
import { initialSequenceNumber } from '@tcpstack/seq/isn';
import { type Seq, toInt32 } from '@tcpstack/seq/seq';
import { sipHash, sipHashHigh } from '@tcpstack/seq/siphash';
import { abort } from '@tcpstack/tcp/connection';
import { isSynchronized } from '@tcpstack/tcp/state';
import { createTcb, type Tcb, WAKE_PATH } from '@tcpstack/tcp/tcb';
import { copyOf, type IpAddress, isIpv4 } from '@tcpstack/wire/ip-address';
import { ACK, RST } from '@tcpstack/wire/tcp';
import { putAddresses } from './address-words.ts';
import { type Connection, createConnection } from './connection.ts';
import { POLLIN } from './constants.ts';
import type { Kernel } from './kernel.ts';
import { limitsFor, type Outlet } from './outlet.ts';
import { wake } from './readiness.ts';
import type { Socket } from './socket.ts';
import { NOTHING, wakeKey } from './wake-key.ts';

/** A new connection in the table. It keeps `localAddress` and a copy of `remoteAddress`. */
export function openConnection(
  kernel: Kernel,
  passive: boolean,
  localAddress: Readonly<IpAddress>,
  localPort: number,
  remoteAddress: Readonly<IpAddress>,
  remotePort: number,
  path: Route,
  boundIndex = -1,
): Connection {
  const timestampOffset = timestampOffsetOf(kernel, localAddress, localPort, remoteAddress, remotePort);
  const flowLabel = isIpv4(remoteAddress) ? 0 : flowLabelOf(sipHashHigh());
  const tcb = createTcb({
    shared: kernel.shared,
    link: limitsFor(outletOf(kernel, path), remoteAddress),
    passive,
    localPort,
    remotePort,
    congestion: kernel.settings.congestion,
    lossDetection: kernel.settings.lossDetection,
    pacing: kernel.settings.pacing,
    timestampOffset,
  });
  const connection = createConnection(tcb, localAddress, copyOf(remoteAddress), path, boundIndex, flowLabel);
  kernel.connections.add(connection);
  kernel.ports.connectionAdded(localPort);
  connection.listed = true;
  return connection;
}

/** A random offset per connection hides the uptime (RFC 7323 §5.4); it is always the same for one 4-tuple. */
export function timestampOffsetOf(
  kernel: Kernel,
  localAddress: Readonly<IpAddress>,
  localPort: number,
  remoteAddress: Readonly<IpAddress>,
  remotePort: number,
): number {
  const idWords = fillConnectionId(kernel, localAddress, localPort, remoteAddress, remotePort);
  return sipHash(kernel.portKey, kernel.scratch, idWords + 1);
}

/** The initial sequence number of a 4-tuple now (RFC 6528 §3). */
export function chooseIss(kernel: Kernel, connection: Connection): Seq {
  const { localAddress, localPort, remoteAddress, remotePort } = connection;
  const idWords = fillConnectionId(kernel, localAddress, localPort, remoteAddress, remotePort);
  return initialSequenceNumber(kernel.isnKey, kernel.scratch, idWords, kernel.nowMs);
}

/** Both addresses, both ports, and one word more that sets what is made for other ends apart. The words without it. */
function fillConnectionId(
  kernel: Kernel,
  localAddress: Readonly<IpAddress>,
  localPort: number,
  remoteAddress: Readonly<IpAddress>,
  remotePort: number,
): number {
  const id = kernel.scratch;
  const n = putAddresses(id, localAddress, remoteAddress);
  id[n] = (localPort << 16) | remotePort;
  id[n + 1] = 0x7453_7461;
  return n + 1;
}

/** What waits to leave by this route. */
export function outletOf(kernel: Kernel, path: Route): Outlet {
  return kernel.outlets[path.out.index] as Outlet;
}

/**
 * "to ensure that it is unlikely that two distinct flows have the same label", "generated ... using a hash" of the 4-tuple,
 * keyed: RFC 6437 §3. Never 0, which says that there is none.
 */
function flowLabelOf(hash: number): number {
  return hash & 0xf_ffff || 1;
}

/** Puts the connection on the list of those that may have something to send. */
export function markDirty(kernel: Kernel, connection: Connection): void {
  if (connection.dirty) return;
  connection.dirty = true;
  outletOf(kernel, connection.path).dirty.push(connection);
}

/** Draws the conclusions of whatever the TCB just went through. */
export function afterActivity(kernel: Kernel, connection: Connection): void {
  const { tcb } = connection;
  if (connection.fastOpen !== null && tcb.state !== 'SYN-RECEIVED') connection.fastOpen.leave(connection, kernel.nowMs);
  if (tcb.state === 'CLOSED') {
    unlist(kernel, connection);
  } else {
    if (connection.queue === 'syn' && isSynchronized(tcb.state)) promote(kernel, connection);
    markDirty(kernel, connection);
  }
  if (tcb.wake !== 0) {
    if ((tcb.wake & WAKE_PATH) !== 0) adviseAgainst(kernel.ip, connection.remoteAddress);
    const bits = tcb.wake & ~WAKE_PATH;
    tcb.wake = 0;
    if (bits !== 0 && connection.socket !== null) wakeUser(kernel, connection.socket, tcb, bits);
  }
}

function wakeUser(kernel: Kernel, socket: Socket, tcb: Tcb, bits: number): void {
  const key = wakeKey(socket, tcb, bits);
  if (key !== NOTHING) wake(kernel, socket, key);
}

function promote(kernel: Kernel, connection: Connection): void {
  const { listener } = connection;
  assert(listener !== null, 'a connection in a queue has a listener');
  listener.promote(connection);
  kernel.counters.passiveOpens++;
  wake(kernel, listener.socket, POLLIN);
}

/** The connection is over: no segment and no timer finds it any more. What was received stays readable. */
export function unlist(kernel: Kernel, connection: Connection): void {
  if (!connection.listed) return;
  connection.listed = false;
  kernel.connections.remove(connection);
  if (connection.tcb.orphan) kernel.use.orphans--;
  kernel.ports.connectionRemoved(connection.localPort);
  kernel.deadlines.remove(connection);
  // Like Linux: what nobody accepted yet keeps its place, so that accept() gives it, what it brought and its error.
  if (connection.queue === 'accept') return;
  connection.listener?.drop(connection);
  if (connection.socket === null) connection.tcb.receiveRing.release();
}

/** ABORT: the peer is told by a reset where it must be, and the connection leaves the tables. */
export function abortConnection(kernel: Kernel, connection: Connection): void {
  const { tcb } = connection;
  const { nxt } = tcb.snd;
  if (abort(tcb)) {
    outletOf(kernel, connection.path).resets.pushAbort(
      connection.localAddress,
      connection.remoteAddress,
      connection.localPort,
      connection.remotePort,
      toInt32(nxt),
      toInt32(tcb.rcv.nxt),
      RST | ACK,
      tcb.out.tosByte,
      tcb.out.ttlHops,
    );
  }
  afterActivity(kernel, connection);
}
