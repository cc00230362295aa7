/** Proportional rate reduction: cwnd glides to ssthresh, one ACK at a time (RFC 6937). */

import type { Tcb } from '../tcb.ts';
import { facts } from './facts.ts';
import { flightBytes } from './marks.ts';

/** Recovery begins with this much in flight. */
export function beginPrr(tcb: Tcb, priorFlightBytes: number): void {
  const { recovery, snd } = tcb;
  recovery.recoverFsBytes = Math.max(priorFlightBytes, snd.mssBytes);
  recovery.prrDeliveredBytes = 0;
  recovery.prrOutBytes = 0;
}

/** On every ACK during recovery: how much may leave, as a cwnd. */
export function reduceOnAck(tcb: Tcb, duplicate: boolean): void {
  const { recovery, snd, congestion } = tcb;
  const { sample } = facts;
  const deliveredBytes = recovery.sackEnabled ? sample.deliveredBytes : byDuplicates(tcb, duplicate);
  recovery.prrDeliveredBytes += deliveredBytes;
  if (congestion.ownsRecovery) return;
  const pipe = flightBytes(tcb);
  const { ssthreshBytes } = congestion;
  let sendBytes: number;
  if (pipe > ssthreshBytes) {
    // "Proportional Rate Reduction": sndcnt = CEIL(prr_delivered * ssthresh / RecoverFS) - prr_out
    const share = Math.ceil((recovery.prrDeliveredBytes * ssthreshBytes) / recovery.recoverFsBytes);
    sendBytes = share - recovery.prrOutBytes;
  } else {
    // Slow start reduction bound while the recovery makes progress, conservative when it still finds losses
    // (RFC 6937 §3; Linux's choice between PRR-SSRB and PRR-CRB).
    let limit = recovery.prrDeliveredBytes - recovery.prrOutBytes;
    if (sample.ackedBytes > 0 && sample.lostBytes === 0) limit = Math.max(limit, deliveredBytes) + snd.mssBytes;
    sendBytes = Math.min(ssthreshBytes - pipe, Math.max(limit, deliveredBytes));
  }
  // The first retransmission leaves whatever the sums say, and so does that of a partial ACK (RFC 6582 §3.2 step 3).
  const isPartialAck = !recovery.sackEnabled && sample.ackedBytes > 0;
  const least = recovery.prrOutBytes === 0 || isPartialAck ? snd.mssBytes : 0;
  congestion.cwndBytes = Math.max(pipe + Math.max(sendBytes, least), snd.mssBytes);
}

/**
 * DeliveredData without SACK: "a duplicate ACK ... one SMSS"; a cumulative ACK is for what the duplicates before it did
 * not tell already (RFC 6937 §2).
 */
function byDuplicates(tcb: Tcb, duplicate: boolean): number {
  if (duplicate) return tcb.snd.mssBytes;
  return Math.max(0, facts.sample.ackedBytes - facts.creditedBytes);
}
