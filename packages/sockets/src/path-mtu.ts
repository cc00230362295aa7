/** Connections and the paths that they share: routers say what a path carries, and every connection over it hears. */

import type { IcmpError } from '@tcpstack/ip/icmp-error';
import { linkMtuFor } from '@tcpstack/ip/interfaces';
import { report, setPathMss } from '@tcpstack/tcp/connection';
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
  turnTo(kernel, connection);
  connection.pathGeneration = pathMtu.generation;
  connection.pathExpiresAtMs = pathMtu.expiresAtMs(nowMs, connection.remoteAddress);
  const carriesBytes = linkMtuFor(connection.path.out, connection.remoteAddress);
  const linkMtuBytes = packetMaxBytes(carriesBytes, connection.headroomBytes);
  const mtuBytes = pathMtu.mtuBytes(nowMs, connection.remoteAddress, linkMtuBytes);
  setPathMss(connection.tcb, nowMs, mtuBytes - connection.headroomBytes - TCP_HEADER_BYTES);
}

/** Takes the route of now. Where there is none any more it stays with the last one: it may come back. */
function turnTo(kernel: Kernel, connection: Connection): void {
  const { routing } = kernel;
  const bound = connection.boundIndex < 0 ? null : routing.interfaces.find(connection.boundIndex);
  const path = routing.lookup(connection.remoteAddress, bound);
  if (path === null || path === connection.path) return;
  connection.path = path;
  connection.tcb.link = limitsFor(outletOf(kernel, path), connection.remoteAddress);
}
