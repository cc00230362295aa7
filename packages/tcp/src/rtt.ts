/** Round-trip time and the retransmission time-out (RFC 6298). */

import { add, ge, type Seq, seq, toInt32 } from '@tcpstack/seq/seq';
import { INITIAL_RTO_MS, MAX_RTO_MS, MIN_RTO_MS } from './limits.ts';
import { facts } from './recovery/facts.ts';
import type { Tcb } from './tcb.ts';

/** Round-trip time (RFC 6298). */
export interface RttState {
  /** Smoothed; -1 before the first measurement. */
  srttMs: number;
  varMs: number;
  /** Without back-off. */
  baseRtoMs: number;
  /** Time-outs since the last measurement; RTO = baseRtoMs * 2^backoff. */
  backoff: number;
  /** Time-outs since the peer last acknowledged something new. */
  tries: number;
  /** The least of the last five minutes; -1 before the first (RFC 8985 §6.2). */
  minMs: number;
  minAtMs: number;
  /** The SYN being timed ends here, and was sent at `timedAtMs`; -1 when none is. */
  timedEnd: Seq;
  timedAtMs: number;
  /** When something was last held for lost: an echo of an older timestamp may be of the first copy. */
  resentAtMs: number;
}

/** Nothing was measured. */
export function createRttState(): RttState {
  return {
    srttMs: -1,
    varMs: 0,
    baseRtoMs: INITIAL_RTO_MS,
    backoff: 0,
    tries: 0,
    minMs: -1,
    minAtMs: 0,
    timedEnd: seq(0),
    timedAtMs: -1,
    resentAtMs: -Infinity,
  };
}

/** Our timestamp clock ticks once a millisecond (RFC 7323 §5.4 allows 1 ms to 1 s). */
export function timestampNow(tcb: Tcb, nowMs: number): Seq {
  return add(seq(tcb.ts.offset), Math.floor(nowMs % 0x1_0000_0000));
}

/** Feeds one measurement in milliseconds. */
export function takeRttSample(tcb: Tcb, nowMs: number, sampleMs: number): void {
  const { rtt } = tcb;
  const r = Math.max(sampleMs, 0);
  if (rtt.minMs < 0 || r <= rtt.minMs || nowMs - rtt.minAtMs > tcb.shared.minRttWindowMs) {
    rtt.minMs = r;
    rtt.minAtMs = nowMs;
  }
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
  const { baseRtoMs, backoff } = tcb.rtt;
  return backoff === 0 ? baseRtoMs : Math.min(baseRtoMs * 2 ** backoff, MAX_RTO_MS);
}

/** Begins to time the SYN, which ends at `end`. */
export function timeSyn(tcb: Tcb, nowMs: number, end: Seq): void {
  if (tcb.rtt.timedAtMs >= 0) return;
  tcb.rtt.timedEnd = end;
  tcb.rtt.timedAtMs = nowMs;
}

/** Karn: "RTT samples MUST NOT be made using segments that were retransmitted" — RFC 6298 §3 [MUST-18]. */
export function stopTiming(tcb: Tcb, nowMs: number): void {
  tcb.rtt.timedAtMs = -1;
  tcb.rtt.resentAtMs = nowMs;
}

/** The SYN was acknowledged by `ack`: measures by the SYN itself, or by the echoed timestamp when it was resent. */
export function measureHandshake(tcb: Tcb, nowMs: number, ack: Seq, hasTimestamps: boolean, tsEcr: Seq): void {
  const { rtt } = tcb;
  if (rtt.timedAtMs >= 0) {
    if (!ge(ack, rtt.timedEnd)) return;
    takeRttSample(tcb, nowMs, nowMs - rtt.timedAtMs);
    rtt.timedAtMs = -1;
    return;
  }
  measureByEcho(tcb, nowMs, echoedAtMs(tcb, nowMs, hasTimestamps, tsEcr));
}

/**
 * What this ACK delivered tells the round trip: by the first segment that was sent once, which includes the peer's
 * delay of its ACK; else by the echo, which tells retransmissions apart (RFC 7323 §4.1). The sample for the congestion
 * control is of the last such segment.
 */
export function measureDelivered(tcb: Tcb, nowMs: number): void {
  const { firstSentMs, lastSentMs, sackedSentMs, resentAcked, sample, echoMs } = facts;
  // What left before something was last held for lost may have waited for that: its ACK would measure our own time-outs.
  const freshMs = tcb.recovery.mode === 'open' ? -Infinity : tcb.rtt.resentAtMs;
  if (firstSentMs >= freshMs && firstSentMs >= 0 && !resentAcked) {
    takeRttSample(tcb, nowMs, nowMs - firstSentMs);
    sample.rttMs = nowMs - lastSentMs;
  } else if (sackedSentMs >= 0 && sackedSentMs >= freshMs) {
    takeRttSample(tcb, nowMs, nowMs - sackedSentMs);
    sample.rttMs = nowMs - sackedSentMs;
  } else if (sample.ackedBytes > 0) {
    measureByEcho(tcb, nowMs, echoMs);
  }
}

function measureByEcho(tcb: Tcb, nowMs: number, echoMs: number): void {
  const elapsedMs = Math.floor(nowMs) - echoMs;
  // A peer whose ACK was lost echoes the first copy when it answers the second: taken as a round trip, our own
  // time-outs would be measured, and each make the next one longer.
  const isOfFirstCopy = echoMs < Math.floor(tcb.rtt.resentAtMs);
  if (elapsedMs >= 0 && elapsedMs < MAX_RTO_MS && !isOfFirstCopy) takeRttSample(tcb, nowMs, elapsedMs);
}

/** When the segment left whose timestamp is echoed, in whole milliseconds of our clock; Infinity without an echo. */
export function echoedAtMs(tcb: Tcb, nowMs: number, hasTimestamps: boolean, tsEcr: Seq): number {
  if (!tcb.ts.enabled || !hasTimestamps || toInt32(tsEcr) === 0) return Infinity;
  return Math.floor(nowMs) - ((toInt32(timestampNow(tcb, nowMs)) - toInt32(tsEcr)) | 0);
}
