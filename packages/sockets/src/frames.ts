/** Ethernet frames of a Host: packets out of them on the way in, packets into them on the way out. */

import type { PacketBatch } from '@tcpstack/bytes/packet-batch';
import type { Kernel } from './kernel.ts';
import { fillBatch } from './transmit.ts';

/**
 * Appends what leaves by the interface to `batch`: IP packets, or where there is Ethernet, frames. True when the batch is
 * full and more waits.
 */
export function fillLink(kernel: Kernel, batch: PacketBatch, interfaceIndex: number): boolean {
  const port = kernel.ethernet[interfaceIndex] ?? null;
  if (port === null) return fillBatch(kernel, batch, interfaceIndex);
  for (;;) {
    if (!port.pollTransmit(batch)) return true;
    const from = batch.count;
    const isFull = fillBatch(kernel, batch, interfaceIndex);
    port.frame(kernel.nowMs, batch, from);
    if (!port.pollTransmit(batch)) return true;
    if (!isFull || batch.count > 0) return isFull;
    // Every packet of a full batch waits for its neighbour now: room for the next ones.
    batch.clear();
  }
}

/** Does what is due on the links. */
export function handleLinkTimeouts({ ethernet, nowMs }: Kernel): void {
  for (const port of ethernet) if (port !== null && port.pollDeadlineMs() <= nowMs) port.handleTimeout(nowMs);
}

/** When that is due; at once for a link that was not started. */
export function linkDeadlineMs({ ethernet }: Kernel): number {
  let earliestMs = Infinity;
  for (const port of ethernet) if (port !== null) earliestMs = Math.min(earliestMs, port.pollDeadlineMs());
  return earliestMs;
}

/** Whether a link has frames of its own to send. */
export function linkIsWaiting({ ethernet }: Kernel): boolean {
  return ethernet.some((port) => port?.pending === true);
}

/** Counters of all links together. */
export function linkCounters({ ethernet }: Kernel): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const port of ethernet) {
    for (const [name, count] of Object.entries(port?.counters ?? {})) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}
