/** Reno: slow start and congestion avoidance (RFC 5681), counting bytes. */

import { INITIAL_CWND_SEGMENTS, MAX_CWND_BYTES } from '../limits.ts';
import type { AckSample } from './ack-sample.ts';
import type { CongestionController } from './controller.ts';

class Reno implements CongestionController {
  readonly name = 'reno';
  readonly ownsRecovery = false;
  readonly pacingBytesPerMs = Infinity;
  cwndBytes: number;
  ssthreshBytes = MAX_CWND_BYTES;
  #mssBytes: number;
  #ackedInRound = 0;

  constructor(mssBytes: number) {
    this.#mssBytes = mssBytes;
    this.cwndBytes = INITIAL_CWND_SEGMENTS * mssBytes;
  }

  onSent(): void {}

  onAck({ mode, ackedBytes, priorFlightBytes }: AckSample): void {
    if (mode === 'recovery') return;
    // A window that was not filled says nothing about the path (RFC 7661 §4.3, in spirit).
    if (mode === 'open' && priorFlightBytes * 2 < this.cwndBytes) return;
    let acked = ackedBytes;
    if (this.cwndBytes < this.ssthreshBytes) {
      // Deviation: RFC 5681 §3.1 caps this at one SMSS an ACK; like Linux we count all bytes, because one
      // ACK may answer a super-segment.
      const grown = Math.min(acked, this.ssthreshBytes - this.cwndBytes);
      this.cwndBytes += grown;
      acked -= grown;
    }
    // "increment cwnd by at most one SMSS when a full cwnd has been acknowledged" (RFC 5681 §3.1, RFC 3465)
    if (acked > 0) {
      this.#ackedInRound += acked;
      if (this.#ackedInRound >= this.cwndBytes) {
        this.#ackedInRound -= this.cwndBytes;
        this.cwndBytes += this.#mssBytes;
      }
    }
    if (this.cwndBytes > MAX_CWND_BYTES) this.cwndBytes = MAX_CWND_BYTES;
  }

  onLoss(_nowMs: number, flightBytes: number): void {
    // ssthresh = max (FlightSize / 2, 2*SMSS) — RFC 5681 equation 4
    this.ssthreshBytes = Math.max(flightBytes / 2, 2 * this.#mssBytes);
    this.cwndBytes = this.ssthreshBytes;
    this.#ackedInRound = 0;
  }

  onRto(_nowMs: number, flightBytes: number, first: boolean): void {
    // "the value of ssthresh is held constant" when the same segment times out again — RFC 5681 §3.1
    if (first) this.ssthreshBytes = Math.max(flightBytes / 2, 2 * this.#mssBytes);
    this.cwndBytes = this.#mssBytes;
    this.#ackedInRound = 0;
  }

  onRecoveryExit(_nowMs: number, flightBytes: number): void {
    // A burst must not follow: RFC 6582 §3.2 step 3 (1).
    this.cwndBytes = Math.min(this.ssthreshBytes, Math.max(flightBytes, this.#mssBytes) + this.#mssBytes);
  }

  onCongestionMark(nowMs: number, flightBytes: number): void {
    this.onLoss(nowMs, flightBytes);
  }

  onUndo(): void {}

  onIdle(): void {}

  onMss(mssBytes: number): void {
    if (this.cwndBytes === INITIAL_CWND_SEGMENTS * this.#mssBytes) this.cwndBytes = INITIAL_CWND_SEGMENTS * mssBytes;
    this.#mssBytes = mssBytes;
  }
}

/** A Reno controller for a connection with this effective send MSS. */
export function createReno(mssBytes: number): CongestionController {
  return new Reno(mssBytes);
}
