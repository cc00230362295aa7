/** TCP's word that a neighbour hears us. */

import type { Connection } from './connection.ts';
import type { Kernel } from './kernel.ts';

/** The peer acknowledged something new, so the neighbour on the way to it hears us (RFC 4861 §7.3.1). */
export function confirmNeighbour(kernel: Kernel, { path, remoteAddress }: Connection): void {
  kernel.ethernet[path.out.index]?.confirm(kernel.nowMs, path.via ?? remoteAddress);
}
