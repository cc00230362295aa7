/** BBR's least round trip, and ProbeRTT, which drains the queue to find it anew (draft-ietf-ccwg-bbr §5.3.4). */

import { BBR_MIN_RTT_FILTER_MS, BBR_PROBE_RTT_CWND_GAIN, BBR_PROBE_RTT_MS } from '../../limits.ts';
import type { AckSample } from '../ack-sample.ts';
import { restoreCwnd, saveCwnd } from './control.ts';
import { startProbeBwDown } from './machine.ts';
import { bdpBytes, minPipeBytes, resetShortTermModel } from './model.ts';
import { type Bbr, enter, startRound } from './state.ts';

/** UpdateMinRTT */
export function updateMinRtt(b: Bbr, { nowMs, rttMs }: AckSample): void {
  b.isMinRttExpired = nowMs > b.minRttStampMs + BBR_MIN_RTT_FILTER_MS;
  // "immediately before the stale BBR.min_rtt estimate is replaced": the next sample may be of a full queue.
  if (b.isMinRttExpired && b.state !== 'ProbeRTT')
    b.probeRttCwndBytes = Math.max(BBR_PROBE_RTT_CWND_GAIN * bdpBytes(b, b.bw), minPipeBytes(b));
  if (rttMs >= 0 && (rttMs < b.minRttMs || b.isMinRttExpired)) {
    b.minRttMs = rttMs;
    b.minRttStampMs = nowMs;
  }
}

/** CheckProbeRTT */
export function checkProbeRtt(b: Bbr, s: AckSample): void {
  if (b.state !== 'ProbeRTT' && b.isMinRttExpired && !b.isIdleRestart) {
    // Before the state changes: what cwnd is now is what it shall be afterwards.
    saveCwnd(b);
    enter(b, 'ProbeRTT');
    b.probeRttDoneStampMs = 0;
    b.ackPhase = 'PROBE_STOPPING';
    startRound(b);
  }
  if (b.state === 'ProbeRTT') handleProbeRtt(b, s);
  if (s.rateDeliveredBytes > 0) b.isIdleRestart = false;
}

function handleProbeRtt(b: Bbr, s: AckSample): void {
  // MarkConnectionAppLimited: the low rates of this state say nothing about the path.
  b.appLimitedUntil = b.delivered + s.flightBytes;
  if (b.probeRttDoneStampMs === 0) {
    if (s.flightBytes > b.probeRttCwndBytes) return;
    b.probeRttDoneStampMs = s.nowMs + BBR_PROBE_RTT_MS;
    b.isProbeRttRoundDone = false;
    startRound(b);
    return;
  }
  if (b.isRoundStart) b.isProbeRttRoundDone = true;
  if (b.isProbeRttRoundDone) checkProbeRttDone(b, s.nowMs);
}

/** CheckProbeRTTDone and ExitProbeRTT */
export function checkProbeRttDone(b: Bbr, nowMs: number): void {
  if (b.probeRttDoneStampMs === 0 || nowMs <= b.probeRttDoneStampMs) return;
  b.minRttStampMs = nowMs;
  restoreCwnd(b);
  resetShortTermModel(b);
  if (b.isFullBwReached) {
    startProbeBwDown(b, nowMs);
    // The queue is drained already.
    enter(b, 'ProbeBW_CRUISE');
  } else {
    enter(b, 'Startup');
  }
}
