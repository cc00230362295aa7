/** SO_KEEPALIVE and its three numbers, which belong together (RFC 9293 §3.8.4). */

import { armKeepAlive, ownWishes } from '@tcpstack/tcp/connection';
import type { Tcb } from '@tcpstack/tcp/tcb';
import type { OptionValues } from '../../option-values.ts';

/** Linux's `MAX_TCP_KEEPIDLE` and `MAX_TCP_KEEPINTVL`. */
export const KEEP_SECONDS_MAX = 32_767;
/** Linux's `MAX_TCP_KEEPCNT`. */
export const KEEP_PROBES_MAX = 127;

/** The times count from when the peer was last heard, also when they are set later. */
export function applyKeepAlive(tcb: Tcb, values: OptionValues, _isOpen: boolean, nowMs: number): void {
  const { keepAlive, keepIdleSeconds, keepIntervalSeconds, keepProbes } = values;
  const asksNothing = !keepAlive && keepIdleSeconds + keepIntervalSeconds + keepProbes === 0;
  if (asksNothing && !tcb.wishes.keepAlive) return;
  const wishes = ownWishes(tcb);
  wishes.keepAlive = keepAlive;
  wishes.keepIdleMs = keepIdleSeconds * 1000;
  wishes.keepIntervalMs = keepIntervalSeconds * 1000;
  wishes.keepProbes = keepProbes;
  armKeepAlive(tcb, nowMs);
}
