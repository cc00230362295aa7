/** What a connection forgets once it has been silent for long: what it measured in rounds that are over. */

import { REST_AFTER_MS } from './limits.ts';
import { NOTHING_CAME } from './output/delayed-ack.ts';
import { forgetSmall, remembersSmall } from './output/nagle.ts';
import { forgetDelivered, remembersDelivered } from './recovery/state.ts';
import { isSynchronized } from './state.ts';
import type { Tcb } from './tcb.ts';

/**
 * When `rest` is due, for a connection on which no timer runs; `Infinity` when there is nothing to forget, or something is
 * outstanding. An idle connection costs a quarter less memory from then on.
 */
export function restsAtMs(tcb: Tcb): number {
  const { snd, out, liveness } = tcb;
  if (snd.una !== snd.nxt || !isSynchronized(tcb.state) || !remembersRounds(tcb)) return Infinity;
  // `sentAtMs` is Infinity before the first.
  const sentAtMs = out.sentAtMs === Infinity ? 0 : out.sentAtMs;
  return Math.max(liveness.heardAtMs, sentAtMs, 0) + REST_AFTER_MS;
}

/**
 * What comes next begins rounds of its own: slow start after an idle time (RFC 9293 §3.8.2), the round trips of
 * auto-tuning, RACK's latest delivery, and whether the two ends talk in turns. What lasts longer, as that the path
 * reorders, stays.
 */
export function rest(tcb: Tcb): void {
  tcb.tune = null;
  tcb.delayedAck = NOTHING_CAME;
  if (remembersSmall(tcb)) forgetSmall(tcb);
  if (remembersDelivered(tcb.recovery)) forgetDelivered(tcb.recovery);
  tcb.congestion.onRest?.();
}

function remembersRounds(tcb: Tcb): boolean {
  return (
    tcb.tune !== null || tcb.delayedAck !== NOTHING_CAME || remembersSmall(tcb) || remembersDelivered(tcb.recovery)
  );
}
