/** What the TCP engine counted: every dropped segment has its reason here. */

import { createEventCounters, type EventCounters } from './event-counters.ts';

/** Counters of one engine, by name; every dropped segment is counted under its reason. */
export interface TcpCounters extends EventCounters {
  unacceptableSegments: number;
  unacceptableAcks: number;
  pawsDrops: number;
  challengeAcks: number;
  /** Challenge ACKs that the Host's budget did not allow. */
  challengesSuppressed: number;
  reassemblyOverflows: number;
  duplicateDataSegments: number;
  outOfOrderSegments: number;
  beyondWindowDrops: number;
  noAckDrops: number;
  /** SYNs sent again that came too soon to be answered again. */
  synAcksSkipped: number;
  dataAfterClose: number;
  retransmittedSegments: number;
  fastRecoveries: number;
  timeouts: number;
  tailProbes: number;
  tailProbeRecoveries: number;
  spuriousRecoveries: number;
  dsacksReceived: number;
  windowProbes: number;
  /** Urgent pointers that were news. */
  urgentPointers: number;
  keepAliveProbes: number;
  resetsReceived: number;
  /** Resets that TIME-WAIT ignored. */
  timeWaitResets: number;
  /** Segments that arrived with a mark of congestion. */
  ceSegments: number;
  /** Echoes of marks that made a window smaller. */
  congestionEchoes: number;
  /** ICMP errors about segments that are not outstanding, or never were. */
  icmpOutOfWindow: number;
  errorReportsDropped: number;
  /** Paths on which whole segments seemed to vanish, and larger segments sent to find out what passes. */
  blackHoles: number;
  mtuProbes: number;
  mtuProbesLost: number;
}

/** A fresh set of counters. */
export function createTcpCounters(): TcpCounters {
  return {
    unacceptableSegments: 0,
    unacceptableAcks: 0,
    pawsDrops: 0,
    challengeAcks: 0,
    challengesSuppressed: 0,
    reassemblyOverflows: 0,
    duplicateDataSegments: 0,
    outOfOrderSegments: 0,
    beyondWindowDrops: 0,
    noAckDrops: 0,
    synAcksSkipped: 0,
    dataAfterClose: 0,
    retransmittedSegments: 0,
    fastRecoveries: 0,
    timeouts: 0,
    tailProbes: 0,
    tailProbeRecoveries: 0,
    spuriousRecoveries: 0,
    dsacksReceived: 0,
    windowProbes: 0,
    urgentPointers: 0,
    keepAliveProbes: 0,
    resetsReceived: 0,
    timeWaitResets: 0,
    ceSegments: 0,
    congestionEchoes: 0,
    icmpOutOfWindow: 0,
    errorReportsDropped: 0,
    blackHoles: 0,
    mtuProbes: 0,
    mtuProbesLost: 0,
    ...createEventCounters(),
  };
}
