/** Connections and the paths that they share: routers say what a path carries, and every connection over it hears. */

import type { IcmpError } from '@tcpstack/ip/icmp-error';
import { linkMtuFor } from '@tcpstack/ip/interfaces';
import { report, setPathMss } from '@tcpstack/tcp/connection';
import { type IpAddress, sameAddress } from '@tcpstack/wire/ip-address';
import { TCP_HEADER_BYTES } from '@tcpstack/wire/tcp';
import type { Connection } from './connection.ts';
import { afterActivity, outletOf } from './connections.ts';
import type { Kernel } from './kernel.ts';
import { limitsFor, packetMaxBytes } from './outlet.ts';

/** A router dropped a segment of this connection because of its size (RFC 1191 §3). */
export function packetTooBig(kernel: Kernel, connection: Connection, error: IcmpError): void {
  const { nextHopMtuBytes, totalBytes } = error;
  const linkMtuBytes = linkMtuFor(connection.path.out, connection.remoteAddress);
  const { nowMs, pathMtu } = kernel;
  const { tooBig } = connection.tcb.wishes;
  if (
    tooBig === 'ignore' ||
    !pathMtu.learn(nowMs, connection.remoteAddress, linkMtuBytes, nextHopMtuBytes, totalBytes)
  ) {
    kernel.counters.pathMtuIgnored++;
    return;
  }
  kernel.counters.pathMtuLearnt++;
  if (tooBig === 'learn') return;
  askPath(kernel, connection);
  const mtuBytes = pathMtu.mtuBytes(nowMs, connection.remoteAddress, linkMtuBytes);
  report(connection.tcb, 'icmp', 'EMSGSIZE', error.type, error.code, mtuBytes, error.offender);
  afterActivity(kernel, connection);
}

/** Whether something was learnt, or forgotten, since the connection last asked. */
export function isPathStale(kernel: Kernel, connection: Connection): boolean {
  return connection.pathGeneration !== kernel.pathMtu.generation || kernel.nowMs >= connection.pathExpiresAtMs;
}

/** Tells the connection what its path carries now. */
export function askPath(kernel: Kernel, connection: Connection): void {
  const { pathMtu, nowMs } = kernel;
  const leaves = turnTo(kernel, connection);
  connection.pathGeneration = pathMtu.generation;
  connection.pathExpiresAtMs = pathMtu.expiresAtMs(nowMs, connection.remoteAddress);
  if (!leaves) return;
  const carriesBytes = linkMtuFor(connection.path.out, connection.remoteAddress);
  const linkMtuBytes = packetMaxBytes(carriesBytes, connection.headroomBytes);
  const mtuBytes = pathMtu.mtuBytes(nowMs, connection.remoteAddress, linkMtuBytes);
  setPathMss(connection.tcb, nowMs, mtuBytes - connection.headroomBytes - TCP_HEADER_BYTES);
}

/** An address of ours came or went: connections from it are turned at once, so that not even a reset leaves from it. */
export function turnFrom(kernel: Kernel, address: Readonly<IpAddress>): void {
  for (const connection of kernel.connections.values()) {
    if (sameAddress(connection.localAddress, address)) askPath(kernel, connection);
  }
}

/**
 * Takes the route of now. Where there is none any more it stays with the last one: it may come back.
 *
 * "the host MUST immediately cease using this address" when it is lost — RFC 5227 §2.4. As in Linux the connection stays,
 * and its segments get nowhere: they go inside, where nobody has the address of the peer. It goes on should the address
 * come back in time.
 *
 * @returns Whether its segments leave the host.
 */
function turnTo(kernel: Kernel, connection: Connection): boolean {
  const { routing } = kernel;
  if (!routing.interfaces.isOwn(connection.localAddress)) {
    connection.path = routing.inside;
    return false;
  }
  const bound = connection.boundIndex < 0 ? null : routing.interfaces.find(connection.boundIndex);
  const path = routing.lookup(connection.remoteAddress, bound);
  if (path === null || path === connection.path) return true;
  connection.path = path;
  connection.tcb.link = limitsFor(outletOf(kernel, path), connection.remoteAddress);
  return true;
}
