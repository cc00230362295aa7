/** What BBR sets: the pace, the amount that is handed on at once, and cwnd (draft-ietf-ccwg-bbr §5.6). */

import {
  BBR_PACING_MARGIN,
  BBR_SEND_QUANTUM_MAX_BYTES,
  BBR_STARTUP_PACING_GAIN,
  INITIAL_CWND_SEGMENTS,
  MAX_CWND_BYTES,
} from '../../limits.ts';
import type { AckSample } from '../ack-sample.ts';
import { bdpBytes, inflightWithHeadroom, minPipeBytes, quantized } from './model.ts';
import { type Bbr, isInProbeBw } from './state.ts';

/** A millisecond: what the draft takes for a round trip that is not known (§5.6.2). */
const NOMINAL_RTT_MS = 1;

/** InitPacingRate, once a round trip was measured. */
export function initPacingRate(b: Bbr, srttMs: number): void {
  b.hasSeenRtt ||= srttMs >= 0;
  b.pacingBytesPerMs = (BBR_STARTUP_PACING_GAIN * b.initialCwndBytes) / (srttMs > 0 ? srttMs : NOMINAL_RTT_MS);
}

/** SetPacingRateWithGain: in Startup it only rises, so that slow samples of a slow user do not hold it back. */
export function setPacingRate(b: Bbr, gain: number): void {
  const rate = gain * b.bw * (1 - BBR_PACING_MARGIN);
  if (rate > 0 && (b.isFullBwReached || rate > b.pacingBytesPerMs)) b.pacingBytesPerMs = rate;
}

/** SetSendQuantum: what is sent within a millisecond. */
export function setSendQuantum(b: Bbr): void {
  b.sendQuantumBytes = Math.max(Math.min(b.pacingBytesPerMs, BBR_SEND_QUANTUM_MAX_BYTES), 2 * b.mssBytes);
}

/** SetCwnd (§5.6.4.6) */
export function setCwnd(b: Bbr, s: AckSample): void {
  b.maxInflight = quantized(b, b.cwndGain * bdpBytes(b, b.bw) + b.extraAcked);
  let cwnd = b.cwndBytes;
  if (b.isFullBwReached) cwnd = Math.min(cwnd + s.deliveredBytes, b.maxInflight);
  else if (cwnd < b.maxInflight || b.delivered < b.initialCwndBytes) cwnd += s.deliveredBytes;
  cwnd = Math.max(cwnd, minPipeBytes(b));
  if (b.state === 'ProbeRTT') cwnd = Math.min(cwnd, b.probeRttCwndBytes);
  b.cwndBytes = Math.min(Math.floor(Math.min(cwnd, capForModel(b))), MAX_CWND_BYTES);
}

/** BoundCwndForModel: what losses said to be too much. */
function capForModel(b: Bbr): number {
  let cap = Infinity;
  if (b.state === 'ProbeRTT' || b.state === 'ProbeBW_CRUISE') cap = inflightWithHeadroom(b);
  else if (isInProbeBw(b)) cap = b.inflightLongterm;
  return Math.max(Math.min(cap, b.inflightShortterm), minPipeBytes(b));
}

/** SaveCwnd: the last one that neither recovery nor ProbeRTT has touched. */
export function saveCwnd(b: Bbr): void {
  const isUntouched = !b.isInRecovery && b.state !== 'ProbeRTT';
  b.priorCwndBytes = isUntouched ? b.cwndBytes : Math.max(b.priorCwndBytes, b.cwndBytes);
}

/** RestoreCwnd */
export function restoreCwnd(b: Bbr): void {
  b.cwndBytes = Math.max(b.cwndBytes, b.priorCwndBytes);
}

/** Another control had got to this cwnd: Startup goes on from there, as if it were the initial one (§5.6.2). */
export function adoptCwnd(b: Bbr, cwndBytes: number, srttMs: number): void {
  b.cwndBytes = Math.max(cwndBytes, minPipeBytes(b));
  b.initialCwndBytes = b.cwndBytes;
  initPacingRate(b, srttMs);
}

/** The MSS is known, or another one. */
export function setMss(b: Bbr, mssBytes: number): void {
  b.mssBytes = mssBytes;
  b.initialCwndBytes = INITIAL_CWND_SEGMENTS * mssBytes;
  if (!b.hasBegun) {
    b.cwndBytes = b.initialCwndBytes;
    b.probeRttCwndBytes = b.initialCwndBytes;
    initPacingRate(b, -1);
  }
  b.cwndBytes = Math.max(b.cwndBytes, mssBytes);
  b.probeRttCwndBytes = Math.max(b.probeRttCwndBytes, minPipeBytes(b));
  setSendQuantum(b);
}
