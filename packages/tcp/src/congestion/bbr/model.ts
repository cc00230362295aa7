/** BBR's model of the path: rate, least round trip, what fits, and what losses say (draft-ietf-ccwg-bbr §5.5). */

import {
  BBR_BETA,
  BBR_EXTRA_ACKED_ROUNDS,
  BBR_HEADROOM,
  BBR_LOSS_THRESH,
  BBR_MAX_BW_BYTES_PER_MS,
  BBR_MIN_PIPE_SEGMENTS,
} from '../../limits.ts';
import type { AckSample } from '../ack-sample.ts';
import { type Bbr, startRound } from './state.ts';

/** What this ACK measured: RS of the draft. */
export function takeSample(b: Bbr, s: AckSample): void {
  b.delivered = s.totalDeliveredBytes;
  const rate = s.rateIntervalMs > 0 ? s.rateDeliveredBytes / s.rateIntervalMs : 0;
  b.deliveryRate = Math.min(rate, BBR_MAX_BW_BYTES_PER_MS);
  b.isAppLimited = s.isRateAppLimited || s.priorDeliveredBytes <= b.appLimitedUntil;
}

/** MinPipeCwnd */
export function minPipeBytes(b: Bbr): number {
  return BBR_MIN_PIPE_SEGMENTS * b.mssBytes;
}

/** BBR.bdp at this rate */
export function bdpBytes(b: Bbr, bw: number): number {
  return b.minRttMs === Infinity ? b.initialCwndBytes : bw * b.minRttMs;
}

/** QuantizationBudget: enough for what hosts hand on at once, of which there are three on the way (§5.5.8.1). */
export function quantized(b: Bbr, inflight: number): number {
  const budget = Math.max(inflight, 3 * b.sendQuantumBytes, minPipeBytes(b));
  return b.state === 'ProbeBW_UP' ? budget + 2 * b.mssBytes : budget;
}

/** Inflight(bw, gain) */
export function inflightBytes(b: Bbr, bw: number, gain: number): number {
  return quantized(b, gain * bdpBytes(b, bw));
}

/** TargetInflight: "Our estimated BDP, unless congestion cut C.cwnd." */
export function targetInflight(b: Bbr): number {
  return Math.min(bdpBytes(b, b.bw), b.cwndBytes);
}

/** InflightWithHeadroom: leaves room for other flows below what is known to fit. */
export function inflightWithHeadroom(b: Bbr): number {
  if (b.inflightLongterm === Infinity) return Infinity;
  const headroom = Math.max(b.mssBytes, BBR_HEADROOM * b.inflightLongterm);
  return Math.max(b.inflightLongterm - headroom, minPipeBytes(b));
}

/** IsInflightTooHigh */
export function isInflightTooHigh(s: AckSample): boolean {
  return s.lostSinceSentBytes > s.txInFlightBytes * BBR_LOSS_THRESH;
}

/** UpdateLatestDeliverySignals */
export function updateLatestDeliverySignals(b: Bbr, s: AckSample): void {
  b.isLossRoundStart = false;
  b.bwLatest = Math.max(b.bwLatest, b.deliveryRate);
  b.inflightLatest = Math.max(b.inflightLatest, s.rateDeliveredBytes);
  if (s.priorDeliveredBytes >= b.lossRoundDelivered) {
    b.lossRoundDelivered = b.delivered;
    b.isLossRoundStart = true;
  }
}

/** AdvanceLatestDeliverySignals */
export function advanceLatestDeliverySignals(b: Bbr, s: AckSample): void {
  if (!b.isLossRoundStart) return;
  b.bwLatest = b.deliveryRate;
  b.inflightLatest = s.rateDeliveredBytes;
}

/** ResetCongestionSignals */
export function resetCongestionSignals(b: Bbr): void {
  b.isLossInRound = false;
  b.bwLatest = 0;
  b.inflightLatest = 0;
}

/** ResetShortTermModel */
export function resetShortTermModel(b: Bbr): void {
  b.bwShortterm = Infinity;
  b.inflightShortterm = Infinity;
}

/** ResetFullBW */
export function resetFullBw(b: Bbr, baseline: number): void {
  b.fullBw = baseline;
  b.fullBwCount = 0;
  b.isFullBwNow = false;
}

/** UpdateCongestionSignals */
export function updateCongestionSignals(b: Bbr, s: AckSample): void {
  updateRound(b, s);
  updateMaxBw(b);
  if (!b.isLossRoundStart) return;
  // AdaptLowerBoundsFromCongestion: once a round, and not while the probe itself may have caused it.
  const isProbing = b.state === 'Startup' || b.state === 'ProbeBW_REFILL' || b.state === 'ProbeBW_UP';
  if (b.isLossInRound && !isProbing) lowerShortTermModel(b);
  b.isLossInRound = false;
}

/** InitLowerBounds and LossLowerBounds */
function lowerShortTermModel(b: Bbr): void {
  if (b.bwShortterm === Infinity) b.bwShortterm = b.maxBw;
  if (b.inflightShortterm === Infinity) b.inflightShortterm = b.cwndBytes;
  b.bwShortterm = Math.max(b.bwLatest, BBR_BETA * b.bwShortterm);
  b.inflightShortterm = Math.max(b.inflightLatest, BBR_BETA * b.inflightShortterm);
}

/** UpdateRound (§5.5.1) */
function updateRound(b: Bbr, s: AckSample): void {
  b.isRoundStart = s.priorDeliveredBytes >= b.nextRoundDelivered;
  if (!b.isRoundStart) return;
  startRound(b);
  b.roundCount++;
  b.roundsSinceProbeUp++;
}

/** UpdateMaxBw (§5.5.5): of a filter over two probing cycles, one value for each is all that counts. */
function updateMaxBw(b: Bbr): void {
  if (b.deliveryRate <= 0 || (b.isAppLimited && b.deliveryRate < b.maxBw)) return;
  b.cycleBw = Math.max(b.cycleBw, b.deliveryRate);
  b.maxBw = Math.max(b.priorCycleBw, b.cycleBw);
}

/** AdvanceMaxBwFilter (§5.5.6); a cycle without a sample does not count. */
export function advanceMaxBwFilter(b: Bbr): void {
  if (b.cycleBw === 0) return;
  b.priorCycleBw = b.cycleBw;
  b.cycleBw = 0;
  b.maxBw = b.priorCycleBw;
}

/** BoundBWForModel */
export function boundBwForModel(b: Bbr): void {
  b.bw = Math.min(b.maxBw, b.bwShortterm);
}

/** UpdateACKAggregation (§5.5.9): how much more came at once than the rate explains. */
export function updateAckAggregation(b: Bbr, s: AckSample): void {
  let expected = b.bw * (s.nowMs - b.extraAckedStartMs);
  if (b.extraAckedDelivered <= expected) {
    b.extraAckedDelivered = 0;
    b.extraAckedStartMs = s.nowMs;
    expected = 0;
  }
  b.extraAckedDelivered += s.deliveredBytes;
  const extra = Math.min(b.extraAckedDelivered - expected, b.cwndBytes);
  b.extraAcked = b.extraAckedFilter.update(extra, b.roundCount, b.isFullBwReached ? BBR_EXTRA_ACKED_ROUNDS : 1);
}
