/** What is left of cwnd after a pause (RFC 5681 §4.1, RFC 2861). */

import { INITIAL_CWND_SEGMENTS } from '../limits.ts';

/**
 * Half for each RTO that passed after the first, as Linux counts (`tcp_cwnd_restart`), but not below "RW = min(IW,cwnd)"
 * (RFC 5681 §4.1). RFC 5681 alone would go to RW at once.
 */
export function restartWindowBytes(cwndBytes: number, mssBytes: number, idleMs: number, rtoMs: number): number {
  const restart = Math.min(INITIAL_CWND_SEGMENTS * mssBytes, cwndBytes);
  let cwnd = cwndBytes;
  for (let leftMs = idleMs - rtoMs; leftMs > 0 && cwnd > restart && rtoMs > 0; leftMs -= rtoMs) cwnd = cwnd / 2;
  return Math.floor(Math.max(cwnd, restart));
}
