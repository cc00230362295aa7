/** What the user asked of one connection: how long it waits for its peer, and how much it offers and takes. */

import type { Tcb } from './tcb.ts';

/** Part of the TCB. 0 leaves a number to what the Host has set for all. */
export interface Wishes {
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
  /** The window that we offer is never larger. */
  windowBytes: number;
  /** So many bytes that wait for their first sending are enough. */
  notSentBytes: number;
  /** Packets do not forbid routers to split them. */
  routersMaySplit: boolean;
  /**
   * What becomes of the word of a router that a packet was too big: 'act', smaller segments at once; 'learn', with the next
   * one that is sent; 'ignore'.
   */
  tooBig: 'act' | 'learn' | 'ignore';
}

/** That of every connection whose user asked for nothing: keep-alives "MUST default to off" — RFC 9293 §3.8.4 [MUST-25]. */
export const NOTHING_ASKED: Readonly<Wishes> = {
  keepAlive: false,
  keepIdleMs: 0,
  keepIntervalMs: 0,
  keepProbes: 0,
  synRetries: 0,
  userTimeoutMs: 0,
  windowBytes: Infinity,
  notSentBytes: 0,
  routersMaySplit: false,
  tooBig: 'act',
};

/** To be written: that of this connection alone. */
export function ownWishes(tcb: Tcb): Wishes {
  if (tcb.wishes === NOTHING_ASKED) tcb.wishes = { ...NOTHING_ASKED };
  return tcb.wishes;
}

/** What holds for this connection. */
export function keepIdleMs({ wishes, shared }: Tcb): number {
  return wishes.keepIdleMs || shared.keepIdleMs;
}

export function keepIntervalMs({ wishes, shared }: Tcb): number {
  return wishes.keepIntervalMs || shared.keepIntervalMs;
}

export function keepProbes({ wishes, shared }: Tcb): number {
  return wishes.keepProbes || shared.keepProbes;
}

/** Unanswered SYNs of ours that are sent again. */
export function synRetriesMax({ wishes, shared }: Tcb): number {
  return wishes.synRetries || shared.synRetries;
}
