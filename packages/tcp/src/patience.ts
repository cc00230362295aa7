/** What the user asked of one connection about how long it waits for its peer: keep-alives, and when to give up. */

import type { Tcb } from './tcb.ts';

/** Part of the TCB. 0 leaves a number to what the Host has set for all. */
export interface Patience {
  /** The user wants keep-alives [MUST-24]; see `keep-alive`. */
  keepAlive: boolean;
  /** Silence before the first probe [MUST-27]. */
  keepIdleMs: number;
  /** Time between probes that nobody answers. */
  keepIntervalMs: number;
  /** Probes that nobody answered, after which the connection ends. */
  keepProbes: number;
  /** Unanswered SYNs of ours that are sent again. */
  synRetries: number;
  /** Longest that data may wait for the peer; 0 leaves that to the count of retransmissions [MUST-21]. */
  userTimeoutMs: number;
}

/** That of every connection whose user asked for nothing: keep-alives "MUST default to off" — RFC 9293 §3.8.4 [MUST-25]. */
export const NOTHING_ASKED: Readonly<Patience> = {
  keepAlive: false,
  keepIdleMs: 0,
  keepIntervalMs: 0,
  keepProbes: 0,
  synRetries: 0,
  userTimeoutMs: 0,
};

/** To be written: that of this connection alone. */
export function ownPatience(tcb: Tcb): Patience {
  if (tcb.patience === NOTHING_ASKED) tcb.patience = { ...NOTHING_ASKED };
  return tcb.patience;
}

/** What holds for this connection. */
export function keepIdleMs({ patience, shared }: Tcb): number {
  return patience.keepIdleMs || shared.keepIdleMs;
}

export function keepIntervalMs({ patience, shared }: Tcb): number {
  return patience.keepIntervalMs || shared.keepIntervalMs;
}

export function keepProbes({ patience, shared }: Tcb): number {
  return patience.keepProbes || shared.keepProbes;
}

/** Unanswered SYNs of ours that are sent again. */
export function synRetriesMax({ patience, shared }: Tcb): number {
  return patience.synRetries || shared.synRetries;
}
