/** Hands the neighbour caches what sysctl changed of their settings. */

import type { NeighbourSettings } from '@tcpstack/ip/neighbour';
import type { Kernel } from './kernel.ts';
import type { Settings } from './settings.ts';

/** Only what differs from `before`: routers may have advertised the rest (RFC 4861 §6.3.4). */
export function spreadNeighbours({ settings, ethernet }: Kernel, before: Settings): void {
  const ipv4 = changes(before.neighboursIpv4, settings.neighboursIpv4);
  const ipv6 = changes(before.neighboursIpv6, settings.neighboursIpv6);
  for (const port of ethernet) {
    port?.ipv4Neighbours.change(ipv4);
    port?.ipv6Neighbours.change(ipv6);
  }
}

function changes(before: NeighbourSettings, after: NeighbourSettings): Partial<NeighbourSettings> {
  const keys = Object.keys(after) as (keyof NeighbourSettings)[];
  return Object.fromEntries(keys.filter((key) => before[key] !== after[key]).map((key) => [key, after[key]]));
}
