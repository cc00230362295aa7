/** What a Host holds at the moment, by name: all of it is 0 once every socket is closed and every timer has run out. */

import type { Kernel } from './kernel.ts';
import type { Outlet } from './outlet.ts';

/** Entries of tables and queues, and blocks of buffer memory that are lent. */
export function held(kernel: Kernel): Readonly<Record<string, number>> {
  const { shared, use, ports } = kernel;
  return {
    openFiles: use.openFiles,
    epollWatches: use.epollWatches,
    connections: kernel.connections.size,
    timeWaits: kernel.timeWaits.size,
    orphans: use.orphans,
    claimedPorts: ports.claimedPorts,
    usedPorts: ports.usedPorts,
    deadlines: kernel.deadlines.size,
    waitingConnections: sum(kernel, ({ dirty }) => dirty.length),
    waitingResets: sum(kernel, ({ resets }) => resets.length),
    waitingSynAcks: sum(kernel, ({ synAcks }) => synAcks.length),
    bufferBlocks: shared.pool.stats().lent,
  };
}

function sum({ outlets }: Kernel, count: (outlet: Outlet) => number): number {
  return outlets.reduce((total, outlet) => total + count(outlet), 0);
}
