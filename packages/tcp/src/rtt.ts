/** Round-trip time and the retransmission time-out (RFC 6298). */

import { add, ge, type Seq, seq, toInt32 } from '@tcpstack/seq/seq';
import { MAX_RTO_MS, MIN_RTO_MS } from './limits.ts';
import type { Tcb } from './tcb.ts';

/** Our timestamp clock ticks once a millisecond (RFC 7323 §5.4 allows 1 ms to 1 s). */
export function timestampNow(tcb: Tcb, nowMs: number): Seq {
  return add(seq(tcb.ts.offset), Math.floor(nowMs % 0x1_0000_0000));
}

/** Feeds one measurement in milliseconds. */
export function takeRttSample(tcb: Tcb, sampleMs: number): void {
  const { rtt } = tcb;
  const r = Math.max(sampleMs, 0);
  if (rtt.srttMs < 0) {
    // SRTT <- R, RTTVAR <- R/2 — RFC 6298 (2.2)
    rtt.srttMs = r;
    rtt.varMs = r / 2;
  } else {
    // RTTVAR <- (1 - beta) * RTTVAR + beta * |SRTT - R'|, then SRTT <- (1 - alpha) * SRTT + alpha * R' — (2.3)
    rtt.varMs += (Math.abs(rtt.srttMs - r) - rtt.varMs) / 4;
    rtt.srttMs += (r - rtt.srttMs) / 8;
  }
  // Only a measurement ends the back-off: an ACK of what was sent twice says nothing about the path (5.7; Karn).
  rtt.backoff = 0;
  // Like Linux, the floor is on the variance term: RTO = SRTT + max(G, 4 * RTTVAR, 200 ms).
  rtt.baseRtoMs = Math.min(rtt.srttMs + Math.max(4 * rtt.varMs, MIN_RTO_MS), MAX_RTO_MS);
}

/**
 * The time-out with back-off applied: "A TCP endpoint MUST implement ... exponential backoff of RTO" — RFC 9293 §3.8.2
 * [MUST-19].
 */
export function rtoMs(tcb: Tcb): number {
  return Math.min(tcb.rtt.baseRtoMs * 2 ** tcb.rtt.backoff, MAX_RTO_MS);
}

/** Begins to time the segment that ends at `end`, when none is being timed. */
export function timeSegment(tcb: Tcb, nowMs: number, end: Seq): void {
  if (tcb.rtt.timedAtMs >= 0) return;
  tcb.rtt.timedEnd = end;
  tcb.rtt.timedAtMs = nowMs;
}

/** Karn: "RTT samples MUST NOT be made using segments that were retransmitted" — RFC 6298 §3 [MUST-18]. */
export function stopTiming(tcb: Tcb, nowMs: number): void {
  tcb.rtt.timedAtMs = -1;
  tcb.rtt.resentAtMs = nowMs;
}

/**
 * An ACK moved SND.UNA to `ack`: measures by the timed segment, which has the clock's full resolution, or
 * by the echoed timestamp, which tells retransmissions apart (RFC 7323 §4.1).
 */
export function measureOnAck(tcb: Tcb, nowMs: number, ack: Seq, hasTimestamps: boolean, tsEcr: Seq): void {
  const { rtt } = tcb;
  if (rtt.timedAtMs >= 0) {
    if (!ge(ack, rtt.timedEnd)) return;
    takeRttSample(tcb, nowMs - rtt.timedAtMs);
    rtt.timedAtMs = -1;
  } else if (tcb.ts.enabled && hasTimestamps && toInt32(tsEcr) !== 0) {
    const elapsed = (toInt32(timestampNow(tcb, nowMs)) - toInt32(tsEcr)) | 0;
    // A peer whose ACK was lost echoes the first copy when it answers the second: taken as a round trip, our own
    // time-outs would be measured, and each make the next one longer.
    const isOfFirstCopy = Math.floor(nowMs) - elapsed < Math.floor(rtt.resentAtMs);
    if (elapsed >= 0 && elapsed < MAX_RTO_MS && !isOfFirstCopy) takeRttSample(tcb, elapsed);
  }
}
