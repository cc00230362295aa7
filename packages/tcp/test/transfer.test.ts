/** Properties: two connections over a bad network always end with both streams whole. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONGESTION_NAMES } from '../src/congestion/registry.ts';
import { DELAYED_ACK_MS } from '../src/limits.ts';
import type { Weather } from './link.ts';
import { type End, type EndOptions, runPair } from './pair.ts';
import { ends, weathers } from './worlds.ts';

const fine: Weather = { lossChance: 0, doubleChance: 0, delayMs: 5, jitterMs: 0, mergeChance: 0 };

const end: EndOptions = {
  iss: 0xffff_f000,
  mssBytes: 1460,
  superSegmentPayloadBytes: 0,
  sendBufferBytes: 65_536,
  receiveBufferBytes: 65_536,
  sack: true,
  timestamps: true,
  scaling: true,
  noDelay: false,
  totalBytes: 100_000,
  readEveryMs: 0,
  readBytesMax: 0,
};

function expectWhole(a: End, b: End): void {
  expect([a.tcb.error, b.tcb.error]).toEqual(['', '']);
  expect(b.delivered, 'from a to b').toBe(a.options.totalBytes);
  expect(a.delivered, 'from b to a').toBe(b.options.totalBytes);
  expect([a.tcb.state, b.tcb.state]).toEqual(['CLOSED', 'CLOSED']);
  expect([a.pool.stats().lent, b.pool.stats().lent], 'all memory came back').toEqual([0, 0]);
}

/** No transfer of these sizes takes longer over the worst network of `worlds`. */
const LIMIT_MS = 2 * 3600 * 1000;

/** Round trips that windows and buffers cost at least, one direction. */
function rounds(from: EndOptions, to: EndOptions): number {
  return from.totalBytes / Math.min(from.sendBufferBytes, to.receiveBufferBytes);
}

/** Time that the slow reader takes for a stream. */
function readingMs(from: EndOptions, to: EndOptions): number {
  return to.readEveryMs === 0
    ? 0
    : (from.totalBytes / Math.min(to.readBytesMax, to.receiveBufferBytes) + 1) * to.readEveryMs;
}

describe('a transfer both ways (RFC 9293 §3.8)', () => {
  test('over a perfect link ends without one retransmission', () => {
    const { a, b } = runPair(fine, 1, end, end, 100_000);
    expectWhole(a, b);
    expect(a.tcb.retransmits + b.tcb.retransmits).toBe(0);
  });

  test('over any network, with any options and buffers, ends with both streams whole', () => {
    fc.assert(
      fc.property(weathers, fc.nat(), ends, ends, (weather, seed, a, b) => {
        const result = runPair(weather, seed, a, b, LIMIT_MS);
        expectWhole(result.a, result.b);
      }),
      { numRuns: 500 },
    );
  }, 120_000);

  test.each(CONGESTION_NAMES)(
    'under %s, the same [MAY-18]',
    (congestion) => {
      fc.assert(
        fc.property(weathers, fc.nat(), ends, ends, (weather, seed, a, b) => {
          const result = runPair(weather, seed, { ...a, congestion }, { ...b, congestion }, LIMIT_MS);
          expectWhole(result.a, result.b);
        }),
        { numRuns: 100 },
      );
    },
    60_000,
  );

  test('opened from both sides at once, the same (§3.5) [MUST-10]', () => {
    fc.assert(
      fc.property(weathers, fc.nat(), ends, ends, (weather, seed, a, b) => {
        const result = runPair(weather, seed, a, b, LIMIT_MS, true);
        expectWhole(result.a, result.b);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('over a network that loses nothing and keeps the order: nothing is sent twice, and no window stalls', () => {
    const calm = weathers.map((weather) => ({ ...weather, lossChance: 0, doubleChance: 0, jitterMs: 0 }));
    fc.assert(
      fc.property(calm, fc.nat(), ends, ends, (weather, seed, a, b) => {
        const result = runPair(weather, seed, a, b, LIMIT_MS);
        expectWhole(result.a, result.b);
        expect(result.a.tcb.retransmits + result.b.tcb.retransmits).toBe(0);
        const transferMs = result.nowMs - result.a.shared.timeWaitMs - Math.max(readingMs(a, b), readingMs(b, a));
        const roundMs = 2 * weather.delayMs + DELAYED_ACK_MS + 1;
        expect(transferMs / roundMs).toBeLessThan(4 * (Math.max(rounds(a, b), rounds(b, a)) + 5));
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('the same transfer over other numbers', () => {
  test('takes the same time and the same segments wherever the sequence numbers wrap (§3.4)', () => {
    const run = (aIss: number, bIss: number, weather: Weather, seed: number, a: EndOptions, b: EndOptions) => {
      const result = runPair(weather, seed, { ...a, iss: aIss }, { ...b, iss: bIss }, LIMIT_MS);
      const of = (side: End) => [side.delivered, side.tcb.retransmits, side.shared.counters];
      return { nowMs: result.nowMs, turns: result.turns, a: of(result.a), b: of(result.b) };
    };
    fc.assert(
      fc.property(weathers, fc.nat(), ends, ends, (weather, seed, a, b) => {
        const far = run(1_000_000, 2_000_000, weather, seed, a, b);
        expect(run(a.iss, b.iss, weather, seed, a, b)).toEqual(far);
        expect(run(0xffff_ffff - 700, 0x7fff_ffff - 700, weather, seed, a, b)).toEqual(far);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
