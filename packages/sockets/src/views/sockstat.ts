/** `/proc/net/sockstat` and `/proc/net/sockstat6`: how many sockets of each kind there are. */

import { AF_INET, AF_INET6 } from '../constants.ts';
import type { Kernel } from '../kernel.ts';
import { entriesOf, sockets } from './entries.ts';

/** Linux's page, in which it tells memory. */
const PAGE_BYTES = 4096;

/** Of IPv4, and of all. */
export function sockstat(kernel: Kernel): string {
  const { use, timeWaits, shared } = kernel;
  const open = sockets(kernel);
  const unaccepted = [...kernel.connections.values()].filter(({ queue }) => queue === 'accept').length;
  const streams = open.filter(({ datagrams }) => datagrams === null).length;
  const allocated = streams + unaccepted + use.orphans;
  const pages = Math.ceil(shared.pool.stats().lentBytes / PAGE_BYTES);
  const numbers = `inuse ${inUse(kernel, 4)} orphan ${use.orphans} tw ${timeWaits.size} alloc ${allocated} mem ${pages}`;
  return `sockets: used ${open.length}\nTCP: ${numbers}\nUDP: inuse ${datagramSockets(kernel, AF_INET)}\n`;
}

/** Of IPv6. */
export function sockstat6(kernel: Kernel): string {
  return `TCP6: inuse ${inUse(kernel, 6)}\nUDP6: inuse ${datagramSockets(kernel, AF_INET6)}\n`;
}

/** As in Linux without half-open connections and those in TIME-WAIT. */
function inUse(kernel: Kernel, family: 4 | 6): number {
  return entriesOf(kernel, family).filter(({ kind }) => kind === 'listener' || kind === 'connection').length;
}

/** Those with a port. */
function datagramSockets(kernel: Kernel, domain: number): number {
  return sockets(kernel).filter((one) => one.datagrams !== null && one.localPort !== 0 && one.domain === domain).length;
}
