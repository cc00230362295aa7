/** SO_REUSEPORT: listeners that share an address and a port share what comes, by a keyed hash of the 4-tuple. */

import { sameAddress } from '@tcpstack/wire/ip-address';
import type { Segment } from '@tcpstack/wire/segment';
import type { Kernel } from './kernel.ts';
import type { Listener } from './listener.ts';
import type { Arrival } from './passive-open.ts';
import type { Socket } from './socket.ts';

/** Whether both may listen on one address and port. */
export function mayShare(a: Socket, b: Socket): boolean {
  return a.options.reusePort && b.options.reusePort;
}

/** The listener that a segment is for, or `null`: of a group always the same one for one 4-tuple, while the group stays. */
export function listenerFor(kernel: Kernel, ends: Arrival, seg: Segment): Listener | null {
  const { source, destination } = ends;
  const first = kernel.ports.listenerOn(destination, seg.destinationPort, ends.interfaceIndex);
  if (first === null || !first.options.reusePort) return first?.listener ?? null;
  const hash = kernel.groupHash.of(source, seg.sourcePort, destination, seg.destinationPort);
  return memberOf(kernel.ports.claimants(seg.destinationPort), first, hash).listener;
}

/** Those that share with `first`, of which the hash chooses one. */
function memberOf(claimants: ReadonlySet<Socket>, first: Socket, hash: number): Socket {
  let members = 0;
  for (const socket of claimants) if (isMember(first, socket)) members++;
  let left = Math.floor(((hash >>> 0) / 2 ** 32) * members);
  for (const socket of claimants) if (isMember(first, socket) && left-- === 0) return socket;
  return first;
}

function isMember(first: Socket, socket: Socket): boolean {
  return socket.listener !== null && mayShare(first, socket) && sameAddress(first.localAddress, socket.localAddress);
}

/** `socket` begins to listen: where others do so with it, a cookie of one is good for all, should the group change. */
export function joinGroup(kernel: Kernel, socket: Socket, listener: Listener): void {
  for (const other of kernel.ports.claimants(socket.localPort)) {
    if (other !== socket && other.listener !== null && isMember(socket, other)) {
      listener.pressure = other.listener.pressure;
      return;
    }
  }
}
