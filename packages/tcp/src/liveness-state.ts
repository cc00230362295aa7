/** What a connection remembers of whether its peer still answers, and for how long it goes on trying. */

/** Part of the TCB; what the user asked for about it is in `wishes`. */
export interface LivenessState {
  /** Probes sent since the peer was last heard. */
  keepProbesUnanswered: number;
  /** A probe leaves with the next output. */
  keepProbeDue: boolean;
  /** When the peer last took something new, or when the first of what is outstanding was sent, if that was later. */
  unansweredSinceMs: number;
  /** Since when the window keeps us from sending; `Infinity` when it does not. */
  windowClosedSinceMs: number;
  /** When the last segment of the peer came. */
  heardAtMs: number;
  /** Segments that came. */
  segmentsIn: number;
}

/** That of a fresh connection. */
export function createLiveness(): LivenessState {
  return {
    keepProbesUnanswered: 0,
    keepProbeDue: false,
    unansweredSinceMs: 0,
    windowClosedSinceMs: Infinity,
    heardAtMs: -Infinity,
    segmentsIn: 0,
  };
}
