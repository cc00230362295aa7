/**
 * Finding out by ourselves what a path carries, where no router says so (RFC 4821, RFC 8899): a black hole makes segments
 * small, and then single larger ones, probes, find the limit by halving. As Linux's `tcp_mtu_probing`.
 */

import { diff, ge, type Seq, seq } from '@tcpstack/seq/seq';
import { BLACK_HOLE_RETRIES, DUP_ACK_THRESHOLD, MTU_PROBE_CWND_SEGMENTS } from './limits.ts';
import { optionOverheadBytes, segmentLimitBytes, syncMss } from './mss.ts';
import type { Tcb } from './tcb.ts';

/** The search. Sizes are those of `MssState`: payload as if there were no options. */
export interface MtuProbeState {
  isOn: boolean;
  /** This size is known to pass, or hoped to; `Infinity` while nobody probes. */
  lowBytes: number;
  /** Larger ones do not pass, as far as we know. */
  highBytes: number;
  /** Size of the probe that is outstanding, 0 for none; its sequence numbers. */
  sizeBytes: number;
  first: Seq;
  end: Seq;
  /** When the search began anew, or found something out. */
  searchedAtMs: number;
}

function createMtuProbeState(): MtuProbeState {
  return { isOn: false, lowBytes: Infinity, highBytes: 0, sizeBytes: 0, first: seq(0), end: seq(0), searchedAtMs: 0 };
}

/** That of every connection that never searched. */
export const NOT_PROBING: Readonly<MtuProbeState> = createMtuProbeState();

/** To be written: that of this connection alone. */
function ownProbe(tcb: Tcb): MtuProbeState {
  if (tcb.mtuProbe === NOT_PROBING) tcb.mtuProbe = createMtuProbeState();
  return tcb.mtuProbe;
}

/** The connection opens: `mtuProbing` 2 begins small and searches at once. */
export function openProbing(tcb: Tcb, nowMs: number): void {
  if (tcb.shared.mtuProbing === 2) begin(tcb, nowMs);
}

function begin(tcb: Tcb, nowMs: number): void {
  const mtuProbe = ownProbe(tcb);
  mtuProbe.isOn = true;
  mtuProbe.highBytes = segmentLimitBytes(tcb);
  mtuProbe.searchedAtMs = nowMs;
  setLow(tcb, Math.min(tcb.shared.mtuProbeBaseBytes, mtuProbe.highBytes));
}

function setLow(tcb: Tcb, bytes: number): void {
  ownProbe(tcb).lowBytes = bytes;
  syncMss(tcb);
}

/**
 * The retransmission timer ran out. Where whole segments are lost again and again and no router complains, the path may
 * be a black hole for segments of this size (RFC 4821 §7.7).
 */
export function suspectBlackHole(tcb: Tcb, nowMs: number): void {
  const { mtuProbe, snd, shared, rtt } = tcb;
  if (mtuProbe.sizeBytes > 0) {
    if (mtuProbe.first === snd.una) fail(tcb, nowMs);
    ownProbe(tcb).sizeBytes = 0;
  }
  if (shared.mtuProbing === 0 || rtt.tries < BLACK_HOLE_RETRIES) return;
  const lostBytes = Math.min(diff(snd.nxt, snd.una), snd.mssBytes) + optionOverheadBytes(tcb);
  if (lostBytes <= shared.mtuProbeFloorBytes) return;
  shared.counters.blackHoles++;
  if (!mtuProbe.isOn) begin(tcb, nowMs);
  if (lostBytes <= tcb.mtuProbe.lowBytes) setLow(tcb, Math.max(lostBytes >> 1, shared.mtuProbeFloorBytes));
}

/**
 * Payload of a probe that should leave next, 0 for none. Its loss must not be taken for congestion, nor missed: nothing
 * else is amiss, and enough follows it (RFC 4821 §7.4).
 */
export function nextProbeBytes(tcb: Tcb, unsentBytes: number, windowRoomBytes: number): number {
  const { mtuProbe, recovery, snd, congestion } = tcb;
  if (!mtuProbe.isOn || mtuProbe.sizeBytes > 0 || recovery.mode !== 'open' || recovery.dupAcks > 0) return 0;
  if (recovery.sackedBytes > 0 || recovery.lostBytes > 0) return 0;
  const size = nextSizeBytes(tcb);
  if (size === 0 || congestion.cwndBytes < MTU_PROBE_CWND_SEGMENTS * snd.mssBytes) return 0;
  const payload = size - optionOverheadBytes(tcb);
  const needed = payload + (DUP_ACK_THRESHOLD + 1) * snd.mssBytes;
  return Math.min(unsentBytes, windowRoomBytes) < needed ? 0 : payload;
}

function nextSizeBytes(tcb: Tcb): number {
  const { lowBytes, highBytes } = tcb.mtuProbe;
  const most = Math.min(highBytes, segmentLimitBytes(tcb));
  return most - lowBytes < tcb.shared.mtuProbeThresholdBytes ? 0 : (lowBytes + most + 1) >> 1;
}

/** A probe of this payload left. */
export function noteProbe(tcb: Tcb, first: Seq, end: Seq): void {
  const mtuProbe = ownProbe(tcb);
  mtuProbe.sizeBytes = diff(end, first) + optionOverheadBytes(tcb);
  mtuProbe.first = first;
  mtuProbe.end = end;
  tcb.shared.counters.mtuProbes++;
}

/** SND.UNA moved, while we search. */
export function probeOnAck(tcb: Tcb, nowMs: number): void {
  const { snd } = tcb;
  const mtuProbe = ownProbe(tcb);
  if (mtuProbe.sizeBytes > 0 && ge(snd.una, mtuProbe.end)) {
    const passed = mtuProbe.sizeBytes;
    mtuProbe.sizeBytes = 0;
    mtuProbe.searchedAtMs = nowMs;
    setLow(tcb, passed);
  }
  // Paths change: after a while what failed is tried again (RFC 8899 §5.1.1, PMTU_RAISE_TIMER).
  if (nowMs - mtuProbe.searchedAtMs >= tcb.shared.mtuProbeIntervalMs) {
    mtuProbe.highBytes = segmentLimitBytes(tcb);
    mtuProbe.searchedAtMs = nowMs;
  }
}

/**
 * So much was lost. If it was the probe alone, where that ends; `null` otherwise. A lost probe says that it was too
 * large, and nothing of congestion (RFC 4821 §7.4).
 */
export function takeLostProbe(tcb: Tcb, nowMs: number, lostBytes: number): Seq | null {
  const { mtuProbe, snd } = tcb;
  if (mtuProbe.sizeBytes === 0) return null;
  const isLost = mtuProbe.first === snd.una;
  if (isLost) fail(tcb, nowMs);
  // Otherwise the probe is not the first that was lost, and whatever comes of it says nothing.
  ownProbe(tcb).sizeBytes = 0;
  return isLost && lostBytes <= diff(mtuProbe.end, mtuProbe.first) ? mtuProbe.end : null;
}

function fail(tcb: Tcb, nowMs: number): void {
  const mtuProbe = ownProbe(tcb);
  mtuProbe.highBytes = mtuProbe.sizeBytes - 1;
  mtuProbe.searchedAtMs = nowMs;
  tcb.shared.counters.mtuProbesLost++;
}

/** The size into which the link splits the segment that was just written; 0 when it is one, as a probe is. */
export function splitBytes(tcb: Tcb, payloadBytes: number): number {
  const { mtuProbe, snd } = tcb;
  // What a SYN carries is no more than one segment.
  if (payloadBytes <= snd.mssBytes || tcb.state === 'SYN-SENT') return 0;
  const isProbe = mtuProbe.end === snd.nxt && payloadBytes + optionOverheadBytes(tcb) === mtuProbe.sizeBytes;
  return isProbe ? 0 : snd.mssBytes;
}
