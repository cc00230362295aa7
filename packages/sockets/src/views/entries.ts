/** What of TCP there is in a Host, one by one: listeners, half-open connections, connections, TIME-WAIT; in the kernel's order. */

import { isIpv4 } from '@tcpstack/wire/ip-address';
import type { Connection } from '../connection.ts';
import { AF_INET6 } from '../constants.ts';
import type { Kernel } from '../kernel.ts';
import type { Listener } from '../listener.ts';
import type { Socket } from '../socket.ts';

/** Which list something stands in. */
export type Family = 4 | 6;

/** One of them. */
export type Entry =
  | { readonly kind: 'listener'; readonly socket: Socket; readonly listener: Listener }
  | { readonly kind: 'half-open' | 'connection'; readonly connection: Connection }
  /** An index of the table of those in TIME-WAIT. */
  | { readonly kind: 'time-wait'; readonly index: number };

/** Of one family. As in Linux, what an IPv6 socket does over IPv4 is of IPv6. */
export function entriesOf(kernel: Kernel, family: Family): Entry[] {
  return allEntries(kernel).filter((entry) => familyOf(kernel, entry) === family);
}

/** Of both families, the listeners first. */
export function allEntries(kernel: Kernel): Entry[] {
  const entries: Entry[] = [];
  for (const socket of sockets(kernel)) {
    if (socket.listener !== null) entries.push({ kind: 'listener', socket, listener: socket.listener });
  }
  for (const connection of kernel.connections.values()) {
    entries.push({ kind: connection.queue === 'syn' ? 'half-open' : 'connection', connection });
  }
  for (let index = 0; index < kernel.timeWaits.size; index++) entries.push({ kind: 'time-wait', index });
  return entries;
}

/** Every socket that a descriptor refers to, once. */
export function sockets(kernel: Kernel): Socket[] {
  const found: Socket[] = [];
  for (const owner of kernel.owners) {
    for (const fd of owner.numbers()) {
      const socket = owner.get(fd);
      if (socket !== null && socket.owner === owner && socket.fd === fd) found.push(socket);
    }
  }
  return found;
}

function familyOf(kernel: Kernel, entry: Entry): Family {
  switch (entry.kind) {
    case 'listener':
      return entry.socket.domain === AF_INET6 ? 6 : 4;
    case 'time-wait':
      // Deviation: nothing remembers of which family the socket was.
      return isIpv4(kernel.timeWaits.remoteOf(entry.index)) ? 4 : 6;
    default: {
      const { connection } = entry;
      const socket = connection.socket ?? connection.listener?.socket ?? null;
      if (socket !== null) return socket.domain === AF_INET6 ? 6 : 4;
      return isIpv4(connection.remoteAddress) ? 4 : 6;
    }
  }
}
