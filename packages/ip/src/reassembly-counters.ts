/** What became of fragments, by name. */

/** Counters by name; they only grow. */
export interface ReassemblyCounters {
  /** Linux's `ReasmReqds`. */
  fragmentsReceived: number;
  /** Linux's `ReasmOKs`. */
  datagramsReassembled: number;
  reassemblyTimeouts: number;
  /** Datagrams given up since others needed the memory. */
  reassemblyEvictions: number;
  /** Fragments without data, with a length that nothing can follow, or that contradict the end of their datagram. */
  fragmentsBad: number;
  /** Fragments of datagrams that would be longer than a packet can be. */
  fragmentsTooFar: number;
  fragmentsTooMany: number;
  fragmentDuplicates: number;
  fragmentOverlaps: number;
  /** Datagrams of which some fragments could carry congestion marks and some could not. */
  fragmentEcnMixed: number;
}

/** All at zero, in one order. */
export function createReassemblyCounters(): ReassemblyCounters {
  return {
    fragmentsReceived: 0,
    datagramsReassembled: 0,
    reassemblyTimeouts: 0,
    reassemblyEvictions: 0,
    fragmentsBad: 0,
    fragmentsTooFar: 0,
    fragmentsTooMany: 0,
    fragmentDuplicates: 0,
    fragmentOverlaps: 0,
    fragmentEcnMixed: 0,
  };
}
