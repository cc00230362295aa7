/** Pacing: segments leave at a rate, not in bursts; asked for by the congestion control or by the user. */

import { PACING_LATE_MS, PACING_QUANTUM_MS } from '../limits.ts';
import type { Tcb } from '../tcb.ts';
import { ownTimers } from '../timers.ts';

/** How fast `tcb` may send, in bytes per millisecond; `Infinity` when nothing paces it. */
export function pacingRate(tcb: Tcb): number {
  const { pace, congestion, rtt } = tcb;
  let rate = congestion.pacingBytesPerMs;
  if (rate === Infinity && pace.enabled && rtt.srttMs > 0) {
    // Like Linux: twice cwnd a round trip in slow start, so that it may double; 1.2 times later.
    const gain = congestion.cwndBytes * 2 < congestion.ssthreshBytes ? 2 : 1.2;
    rate = (gain * congestion.cwndBytes) / rtt.srttMs;
  }
  return Math.min(rate, pace.maxBytesPerMs);
}

/** Most payload that may leave at once: about a millisecond's worth, at least two segments. */
export function burstBytesMax(tcb: Tcb): number {
  const rate = pacingRate(tcb);
  return rate === Infinity ? Infinity : Math.max(rate * PACING_QUANTUM_MS, 2 * tcb.snd.mssBytes);
}

/** Whether the next segment must wait; its time is then in the timers. */
export function mustWait(tcb: Tcb, nowMs: number): boolean {
  const { pace } = tcb;
  if (nowMs >= pace.nextMs) return false;
  ownTimers(tcb).paceAtMs = pace.nextMs;
  return true;
}

/** A segment left. A caller whose timer came late may catch up on a little of it. */
export function paceSent(tcb: Tcb, nowMs: number, bytes: number): void {
  const rate = pacingRate(tcb);
  if (tcb.timers.paceAtMs !== Infinity) ownTimers(tcb).paceAtMs = Infinity;
  if (rate === Infinity) return;
  ownPace(tcb).nextMs = Math.max(tcb.pace.nextMs, nowMs - PACING_LATE_MS) + bytes / rate;
}

/** What leaves next does not wait for its turn. */
export function forgivePace(tcb: Tcb, nowMs: number): void {
  if (tcb.pace.nextMs > nowMs) ownPace(tcb).nextMs = nowMs;
}

/** The user limits the pace, which switches pacing on as Linux does; `Infinity` takes the limit away. */
export function setMaxPace(tcb: Tcb, nowMs: number, bytesPerMs: number): void {
  if (bytesPerMs === tcb.pace.maxBytesPerMs) return;
  const pace = ownPace(tcb);
  pace.maxBytesPerMs = bytesPerMs;
  pace.enabled ||= bytesPerMs < Infinity;
  // What the last limit would still have to wait for is not owed to this one.
  forgivePace(tcb, nowMs);
}

/** What the pace of one connection is held by. */
export interface PaceState {
  /** Also paced when its congestion control does not ask for it (`tcp_pacing`, `SO_MAX_PACING_RATE`). */
  enabled: boolean;
  /** `SO_MAX_PACING_RATE`, in bytes per millisecond. */
  maxBytesPerMs: number;
  /** When the next segment may leave. */
  nextMs: number;
}

function createPaceState(enabled: boolean): PaceState {
  return { enabled, maxBytesPerMs: Infinity, nextMs: -Infinity };
}

/** Those of all connections that were never held by a pace. */
const NOT_PACED: Readonly<PaceState> = createPaceState(false);
const NOT_PACED_YET: Readonly<PaceState> = createPaceState(true);

/** Without a limit of the user. */
export function paceOfFresh(enabled: boolean): Readonly<PaceState> {
  return enabled ? NOT_PACED_YET : NOT_PACED;
}

/** To be written: that of this connection alone. */
function ownPace(tcb: Tcb): PaceState {
  const { pace } = tcb;
  if (pace === NOT_PACED || pace === NOT_PACED_YET) tcb.pace = createPaceState(pace.enabled);
  return tcb.pace;
}
