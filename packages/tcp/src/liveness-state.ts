/** What a connection remembers of whether its peer still answers, and for how long it goes on trying. */

import { KEEP_ALIVE_IDLE_MS, KEEP_ALIVE_INTERVAL_MS, KEEP_ALIVE_PROBES } from './limits.ts';

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
    heardAtMs: -Infinity,
  };
}
