/** Events that the kernel has a counter for, and so do we. */

/** Counters by name; they only grow. */
export interface EventCounters {
  /** ACKs that left because their delay was over. */
  delayedAcks: number;
  /** Of `fastRecoveries`: those that duplicate ACKs began, without SACK. */
  renoRecoveries: number;
  /** Retransmissions of a recovery that no time-out began. */
  fastRetransmits: number;
  /** SYNs and SYN-ACKs that were sent again. */
  synRetransmits: number;
  /** Segments that arrived after some that were sent later. */
  reorderings: number;
  /** Times at which the peer seemed to take back what it had sacked. */
  sackRenegings: number;
  /** Time-outs that F-RTO found needless. */
  spuriousTimeouts: number;
  /** Reductions of cwnd that were taken back: after a time-out, by D-SACKs, at the end of a recovery, and before it. */
  lossUndos: number;
  dsackUndos: number;
  fullUndos: number;
  partialUndos: number;
  /** D-SACKs that we owed: for bytes below RCV.NXT, and for some that were held out of order. */
  dsacksOldSent: number;
  dsacksHeldSent: number;
  /** Of `dsacksReceived`: those of bytes that were not acknowledged yet. */
  dsacksHeldReceived: number;
  /** Segments with SYN for a synchronized connection. */
  synChallenges: number;
  /** Resets in the window that were not for RCV.NXT. */
  resetChallenges: number;
  /** Segments without SYN in SYN-SENT, and resets there that acknowledge nothing. */
  synSentDrops: number;
  /** Segments with text, or a FIN, after the FIN of their sender. */
  textAfterFin: number;
  /** Connections given up because nobody answered; those that are half-open are not counted. */
  abortsOnTimeout: number;
  /** Connections that ended before they were open, without those of listeners that nobody has accepted. */
  attemptFails: number;
  /** Connections of listeners that a reset of the peer ended before they were open. */
  embryonicResetsReceived: number;
  /** Connections that ended from ESTABLISHED or CLOSE-WAIT. */
  establishedResets: number;
  /** Connections whose TIME-WAIT ran out. */
  timeWaitsExpired: number;
}

/** All at zero, in one order. */
export function createEventCounters(): EventCounters {
  return {
    delayedAcks: 0,
    renoRecoveries: 0,
    fastRetransmits: 0,
    synRetransmits: 0,
    reorderings: 0,
    sackRenegings: 0,
    spuriousTimeouts: 0,
    lossUndos: 0,
    dsackUndos: 0,
    fullUndos: 0,
    partialUndos: 0,
    dsacksOldSent: 0,
    dsacksHeldSent: 0,
    dsacksHeldReceived: 0,
    synChallenges: 0,
    resetChallenges: 0,
    synSentDrops: 0,
    textAfterFin: 0,
    abortsOnTimeout: 0,
    attemptFails: 0,
    embryonicResetsReceived: 0,
    establishedResets: 0,
    timeWaitsExpired: 0,
  };
}
