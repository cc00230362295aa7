/** Connections and the paths that they share: routers say what a path carries, and every connection over it hears. */

import type { IcmpError } from '@tcpstack/ip/icmp-error';
import { IP_HEADROOM_BYTES } from '@tcpstack/ip/output';
import { report, setPathMss } from '@tcpstack/tcp/connection';
import { TCP_HEADER_BYTES } from '@tcpstack/wire/tcp';
import type { Connection } from './connection.ts';
import { afterActivity } from './connections.ts';
import type { Kernel } from './kernel.ts';

/** A router dropped a segment of this connection because of its size (RFC 1191 §3). */
export function packetTooBig(kernel: Kernel, connection: Connection, error: IcmpError): void {
  const { nextHopMtuBytes, totalBytes } = error;
  if (!kernel.pathMtu.learn(kernel.nowMs, connection.remoteAddress, nextHopMtuBytes, totalBytes)) {
    kernel.counters.pathMtuIgnored++;
    return;
  }
  kernel.counters.pathMtuLearnt++;
  askPath(kernel, connection);
  const mtuBytes = kernel.pathMtu.mtuBytes(kernel.nowMs, connection.remoteAddress);
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
  connection.pathGeneration = pathMtu.generation;
  connection.pathExpiresAtMs = pathMtu.expiresAtMs(nowMs, connection.remoteAddress);
  const mtuBytes = pathMtu.mtuBytes(nowMs, connection.remoteAddress);
  setPathMss(connection.tcb, nowMs, mtuBytes - IP_HEADROOM_BYTES - TCP_HEADER_BYTES);
}
