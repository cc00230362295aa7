/** Reno: slow start and congestion avoidance (RFC 5681; RFC 9293 §3.8.2 [MUST-19]), counting bytes. */

import type { AckSample } from './ack-sample.ts';
import type { CongestionController } from './controller.ts';
import { LossBased } from './loss-based.ts';

class Reno extends LossBased {
  readonly name = 'reno';
  #ackedInRound = 0;

  protected growOn(_sample: AckSample, ackedBytes: number): void {
    let acked = ackedBytes;
    if (this.cwndBytes < this.ssthreshBytes) {
      // Deviation: RFC 5681 §3.1 caps this at one SMSS an ACK; like Linux we count all bytes, because one
      // ACK may answer a super-segment.
      const grown = Math.min(acked, this.ssthreshBytes - this.cwndBytes);
      this.grow(grown);
      acked -= grown;
    }
    // "increment cwnd by at most one SMSS when a full cwnd has been acknowledged" (RFC 5681 §3.1, RFC 3465)
    if (acked > 0) {
      this.#ackedInRound += acked;
      if (this.#ackedInRound >= this.cwndBytes) {
        this.#ackedInRound -= this.cwndBytes;
        this.grow(this.mssBytes);
      }
    }
  }

  protected standStill(): void {}

  protected reducedBytes(flightBytes: number): number {
    this.#ackedInRound = 0;
    // ssthresh = max (FlightSize / 2, 2*SMSS) — RFC 5681 equation 4
    return flightBytes / 2;
  }
}

/** A Reno controller for a connection with this effective send MSS. */
export function createReno(mssBytes: number): CongestionController {
  return new Reno(mssBytes);
}
