/** Which entries of a neighbour cache go when it grows, as Linux does it. */

import type { Neighbour, NeighbourSettings } from './neighbour.ts';
import type { NeighbourList } from './neighbour-list.ts';

/** Linux's `neigh_forced_gc`: what changed so lately stays. */
export const FORCED_GC_REST_MS = 5000;

/** Like Linux's `neigh_forced_gc`: failed ones and those at rest for a while go, down to the second threshold. */
export function forceGc(list: NeighbourList, settings: NeighbourSettings, nowMs: number): void {
  const { entries } = list;
  for (let i = entries.length - 1; i >= 0 && entries.length > settings.gcThreshold2; i--) {
    const entry = entries[i] as Neighbour;
    if (isIdle(entry) && (entry.state === 'FAILED' || nowMs > entry.updatedMs + FORCED_GC_REST_MS)) list.remove(entry);
  }
}

/** Like Linux's `neigh_periodic_work`: beyond the first threshold, what nobody uses goes. */
export function collectUnused(list: NeighbourList, settings: NeighbourSettings, nowMs: number): void {
  const { entries } = list;
  for (let i = entries.length - 1; i >= 0 && entries.length >= settings.gcThreshold1; i--) {
    const entry = entries[i] as Neighbour;
    const usedMs = Math.max(entry.usedMs, entry.confirmedMs);
    if (isIdle(entry) && (entry.state === 'FAILED' || nowMs > usedMs + settings.gcStaleMs)) list.remove(entry);
  }
}

/** Whether its timer does not run: only such a one may be cleared away. */
function isIdle(entry: Neighbour): boolean {
  return entry.state === 'STALE' || entry.state === 'FAILED' || entry.state === 'NONE';
}
