/** Properties of a sender, seen from outside: never beyond the window, never below what was acknowledged. */

import { FIN } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Script } from './script.ts';
import { ack, type Fields } from './segments.ts';
import { established } from './states.ts';

type Step =
  | { readonly kind: 'ack'; readonly part: number; readonly win: number; readonly sack: boolean }
  | { readonly kind: 'old' | 'beyond'; readonly by: number; readonly win: number }
  | { readonly kind: 'write'; readonly bytes: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'close' };

const windows = fc.oneof(fc.constantFrom(0, 0, 1, 999, 1000, 65_535), fc.nat(20_000));

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('ack' as const),
      part: fc.constantFrom(0, 0.2, 0.5, 1),
      win: windows,
      sack: fc.boolean(),
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      kind: fc.constantFrom('old' as const, 'beyond' as const),
      by: fc.integer({ min: 1, max: 3000 }),
      win: windows,
    }),
    weight: 2,
  },
  { arbitrary: fc.nat(9000).map((bytes) => ({ kind: 'write' as const, bytes })), weight: 4 },
  { arbitrary: fc.constantFrom(1, 50, 300, 3000).map((ms) => ({ kind: 'wait' as const, ms })), weight: 3 },
  { arbitrary: fc.constant({ kind: 'close' as const }), weight: 1 },
);

/** The peer's view: what it acknowledged and offered, and what came. All numbers count from our ISS. */
class Peer {
  readonly #t: Script;
  /** SND.UNA as the peer knows it. */
  #acked = 1;
  /** Right edge of the window that holds, by SND.WL1 and SND.WL2. */
  #edge: number;
  /** The update that holds acknowledged this. */
  #edgeAck = 1;
  /** One past the highest number that came, with and without probes. */
  #highest = 1;
  #highestInWindow = 1;

  constructor(t: Script, win: number) {
    this.#t = t;
    this.#edge = 1 + win;
    this.look();
  }

  take(step: Step): void {
    const t = this.#t;
    if (step.kind === 'write') {
      if (!t.tcb.finQueued && t.tcb.state === 'ESTABLISHED') t.write(step.bytes);
    } else if (step.kind === 'wait') t.wait(t.nowMs + step.ms);
    else if (step.kind === 'close') t.close();
    else if (step.kind === 'ack') {
      const number = this.#acked + Math.floor((this.#highest - this.#acked) * step.part);
      const left = number + 500;
      this.#say(number, step.win, step.sack && left < this.#highest ? { sack: [[left, this.#highest]] } : {});
    } else this.#say(step.kind === 'old' ? this.#acked - step.by : this.#highest + step.by, step.win, {});
    this.look();
  }

  #say(number: number, win: number, options: Fields): void {
    // "If SND.UNA =< SEG.ACK =< SND.NXT, the send window should be updated": all segments of ours have one SEG.SEQ.
    if (number >= this.#acked && number <= this.#highest) {
      if (number >= this.#edgeAck) {
        this.#edge = number + win;
        this.#edgeAck = number;
      }
      this.#acked = number;
    }
    this.#t.inject(this.#t.nowMs, ack({ seq: 1, ack: number, win, ...options }));
  }

  look(): void {
    for (const { seq, len, flags } of this.#t.take()) {
      const fin = (flags & FIN) !== 0 ? 1 : 0;
      const end = seq + len + fin;
      this.#highest = Math.max(this.#highest, end);
      if (len + fin === 0) continue;
      expect(seq, 'SND.UNA never moves back: nothing below it is sent').toBeGreaterThanOrEqual(this.#acked);
      if (end <= this.#highestInWindow) continue;
      // "The transmitting host ... must regularly transmit at least one octet of new data": a probe of a closed window.
      const isProbe = seq === this.#acked && len + fin <= 2 && this.#edge <= seq + 1;
      if (isProbe) continue;
      expect(end, 'nothing new is sent outside the offered window').toBeLessThanOrEqual(this.#edge);
      this.#highestInWindow = end;
    }
  }
}

describe('a sender, whatever its peer acknowledges and offers (RFC 9293 §3.8.6, §3.10.7.4) [MUST-34] [SHLD-15]', () => {
  test.each([
    ['segment by segment', 0],
    ['with super-segments', 12_000],
  ])(
    'stays inside the window and above SND.UNA, %s',
    (_name, superSegmentPayloadBytes) => {
      const setups = fc.record({ win: windows, sackOk: fc.boolean(), noDelay: fc.boolean() });
      fc.assert(
        fc.property(setups, fc.array(steps, { maxLength: 50 }), ({ win, sackOk, noDelay }, list) => {
          const t = established({ peer: { mss: 1000, win, sackOk }, superSegmentPayloadBytes, noDelay, loose: true });
          const peer = new Peer(t, win);
          for (const step of list) peer.take(step);
        }),
        { numRuns: 500 },
      );
    },
    60_000,
  );
});
