/** What a connection remembers of whether its peer still answers, and for how long it goes on trying. */

import { KEEP_ALIVE_IDLE_MS, KEEP_ALIVE_INTERVAL_MS, KEEP_ALIVE_PROBES, SYN_RETRIES } from './limits.ts';

/** Part of the TCB. Its owner sets what the user chose; the engine the rest. */
export interface LivenessState {
  /** The user wants keep-alives [MUST-24]; see `keep-alive`. */
  keepAlive: boolean;
  /** Silence before the first probe [MUST-27]. */
  keepIdleMs: number;
  /** Time between probes that nobody answers. */
  keepIntervalMs: number;
  /** Probes that nobody answered, after which the connection ends. */
  keepProbesMax: number;
  /** Probes sent since the peer was last heard. */
  keepProbesUnanswered: number;
  /** A probe leaves with the next output. */
  keepProbeDue: boolean;
  /** Longest that data may wait for the peer; 0 leaves that to the count of retransmissions [MUST-21]. */
  userTimeoutMs: number;
  /** Unanswered SYNs of ours that are sent again. */
  synRetriesMax: number;
  /** When the peer last took something new, or when the first of what is outstanding was sent, if that was later. */
  unansweredSinceMs: number;
  /** Since when the window keeps us from sending; `Infinity` when it does not. */
  windowClosedSinceMs: number;
  /** When the last segment of the peer came. */
  heardAtMs: number;
}

/** That of a fresh connection: keep-alives "MUST default to off" — RFC 9293 §3.8.4 [MUST-25]. */
export function createLiveness(): LivenessState {
  return {
    keepAlive: false,
    keepIdleMs: KEEP_ALIVE_IDLE_MS,
    keepIntervalMs: KEEP_ALIVE_INTERVAL_MS,
    keepProbesMax: KEEP_ALIVE_PROBES,
    keepProbesUnanswered: 0,
    keepProbeDue: false,
    userTimeoutMs: 0,
    synRetriesMax: SYN_RETRIES,
    unansweredSinceMs: 0,
    windowClosedSinceMs: Infinity,
    heardAtMs: -Infinity,
  };
}
