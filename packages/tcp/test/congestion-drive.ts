/** A connection as a congestion control sees it: events in an order that a connection can have. */

import * as fc from 'fast-check';
import { createAckSample } from '../src/congestion/ack-sample.ts';
import type { CongestionController } from '../src/congestion/controller.ts';

/** One event; what is not legal just now becomes an ACK. */
export interface Step {
  readonly what: 'ack' | 'loss' | 'rto' | 'mark' | 'exit' | 'undo' | 'idle' | 'mss';
  readonly bytes: number;
  readonly ms: number;
  readonly limited: boolean;
}

/** Any events, ACKs more often than others. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom<Step['what'][]>(
      'ack',
      'ack',
      'ack',
      'ack',
      'ack',
      'ack',
      'loss',
      'rto',
      'mark',
      'exit',
      'undo',
      'idle',
      'mss',
    ),
    bytes: fc.oneof(fc.nat(100_000), fc.constantFrom(1, 1 << 24)),
    ms: fc.oneof(fc.nat(300), fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 20_000)),
    limited: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** Drives one control. */
export class Drive {
  readonly cc: CongestionController;
  mssBytes: number;
  nowMs = 0;
  readonly #sample = createAckSample();
  #mode: 'open' | 'recovery' | 'loss' = 'open';
  #unaOffset = 0;
  #delivered = 0;
  #point = 0;

  constructor(cc: CongestionController, mssBytes: number) {
    this.cc = cc;
    this.mssBytes = mssBytes;
    cc.onMss(mssBytes);
  }

  /** A window's worth in flight, as far as a test cares. */
  get flightBytes(): number {
    return Math.min(this.cc.cwndBytes, 1 << 26);
  }

  /** All of one flight is sent, and so many bytes of it are acknowledged after `ms`. */
  ack(bytes: number, ms: number, limited: boolean, lostBytes = 0): void {
    const { cc, nowMs } = this;
    const flight = Math.max(this.flightBytes, bytes);
    cc.onSent(nowMs, bytes, Math.max(0, flight - bytes), !limited);
    this.nowMs += ms;
    this.#unaOffset += bytes;
    this.#delivered += bytes;
    if (this.#mode === 'loss' && this.#unaOffset >= this.#point) this.#mode = 'open';
    const s = this.#sample;
    s.nowMs = this.nowMs;
    s.mode = this.#mode;
    s.ackedBytes = bytes;
    s.deliveredBytes = bytes;
    s.lostBytes = lostBytes;
    s.priorFlightBytes = flight;
    s.flightBytes = flight - bytes;
    s.unaOffset = this.#unaOffset;
    s.nxtOffset = this.#unaOffset + flight - bytes;
    s.rttMs = ms;
    s.srttMs = ms;
    s.isCwndLimited = limited;
    s.totalDeliveredBytes = this.#delivered;
    // The flight before this one was all delivered within the round trip.
    s.priorDeliveredBytes = Math.max(0, this.#delivered - flight);
    s.rateDeliveredBytes = ms > 0 ? this.#delivered - s.priorDeliveredBytes : 0;
    s.rateIntervalMs = ms;
    s.isRateAppLimited = !limited;
    s.txInFlightBytes = flight;
    s.lostSinceSentBytes = lostBytes;
    cc.onAck(s);
  }

  loss(): void {
    this.#mode = 'recovery';
    this.#point = this.#unaOffset + this.flightBytes;
    this.cc.onLoss(this.nowMs, this.flightBytes);
  }

  rto(): void {
    const first = this.#mode !== 'loss';
    const flight = this.flightBytes;
    this.#mode = 'loss';
    this.#point = this.#unaOffset + flight;
    this.cc.onRto(this.nowMs, flight, first);
  }

  undo(): void {
    this.#mode = 'open';
    this.cc.onUndo(this.nowMs);
  }

  /** Recovery, if any, ends. */
  settle(): void {
    if (this.#mode === 'recovery') this.cc.onRecoveryExit(this.nowMs, this.flightBytes);
    this.#mode = 'open';
  }

  take({ what, bytes, ms, limited }: Step): void {
    const isOpen = this.#mode === 'open';
    this.nowMs += ms;
    if (what === 'loss' && isOpen) this.loss();
    else if (what === 'rto') this.rto();
    else if (what === 'mark' && isOpen) this.cc.onCongestionMark(this.nowMs, this.flightBytes);
    else if (what === 'exit') this.settle();
    else if (what === 'undo') this.undo();
    else if (what === 'idle' && isOpen) this.cc.onIdle(this.nowMs, ms, 200);
    else if (what === 'mss') this.changeMss(100 + (bytes % 9000));
    else this.ack(bytes, ms, limited, limited ? bytes % 1000 : 0);
  }

  changeMss(mssBytes: number): void {
    this.mssBytes = mssBytes;
    this.cc.onMss(mssBytes);
  }
}
