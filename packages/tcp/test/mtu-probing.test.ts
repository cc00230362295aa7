/** Black holes: paths on which large segments vanish without a word (RFC 4821, RFC 8899). */

import { diff } from '@tcpstack/seq/seq';
import { ACK } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Weather } from './link.ts';
import { type EndOptions, runPair } from './pair.ts';
import { at, type Script } from './script.ts';
import { ack } from './segments.ts';
import { established } from './states.ts';
import { ends } from './worlds.ts';

const CALM: Weather = { lossChance: 0, doubleChance: 0, delayMs: 10, jitterMs: 0, mergeChance: 0 };
const END: EndOptions = {
  iss: 1,
  mssBytes: 1460,
  superSegmentPayloadBytes: 0,
  sendBufferBytes: 256 * 1024,
  receiveBufferBytes: 256 * 1024,
  sack: true,
  timestamps: true,
  scaling: true,
  noDelay: false,
  totalBytes: 1,
  readEveryMs: 0,
  readBytesMax: 0,
  mtuProbing: 1,
};
const HOUR_MS = 3_600_000;

/** The acknowledgment number of everything sent so far. */
const sentUpTo = ({ tcb: { snd } }: Script): number => snd.unaOffset + 1 + diff(snd.nxt, snd.una);

const transfer = (weather: Partial<Weather>, options: Partial<EndOptions>) =>
  runPair({ ...CALM, ...weather }, 7, { ...END, totalBytes: 2_000_000, ...options }, END, HOUR_MS).a;

describe('mtuProbing 1: once segments vanish', () => {
  test.each([
    ['plain', {}],
    ['with super-segments', { superSegmentPayloadBytes: 60_000 }],
    ['without SACK and timestamps', { sack: false, timestamps: false }],
  ])('a black hole of 1300 bytes is passed: small segments first, then as large as go through: %s', (_, options) => {
    const { tcb, shared } = transfer({ largestBytes: 1300 }, options);
    expect(shared.counters.blackHoles).toBe(1);
    expect(shared.counters.mtuProbesLost).toBeGreaterThan(0);
    // Within the threshold of 8 bytes of the most that passes; a header has 20 bytes, and options 12.
    expect(tcb.mtuProbe.lowBytes).toBeLessThanOrEqual(1300 - 20);
    expect(tcb.mtuProbe.lowBytes).toBeGreaterThan(1300 - 20 - 8);
  });

  test('the loss of a probe is no congestion: no fast recovery, no time-out but those of the black hole', () => {
    const { shared, tcb } = transfer({ largestBytes: 1300 }, {});
    expect(shared.counters.fastRecoveries).toBe(0);
    expect(shared.counters.timeouts).toBe(3);
    expect(tcb.state).toBe('CLOSED');
  });

  test('a narrower one takes one time-out more, and what every host takes passes', () => {
    const { shared, tcb } = transfer({ largestBytes: 600 }, { totalBytes: 200_000 });
    expect(shared.counters.blackHoles).toBe(2);
    expect(tcb.snd.mssBytes).toBeLessThanOrEqual(600 - 32);
    expect(tcb.snd.mssBytes).toBeGreaterThan(536 - 13);
  });

  test('without a black hole nothing is probed, and no segment is smaller', () => {
    const { shared, tcb } = transfer({ lossChance: 0.01 }, {});
    expect(shared.counters).toMatchObject({ blackHoles: 0, mtuProbes: 0 });
    expect(tcb.snd.mssBytes).toBe(1448);
  });

  test('segments as small as can be are not suspected for their size', () => {
    const t = established({ mtuProbing: 1, loose: true });
    t.write(40);
    t.wait(at(60_000));
    expect(t.counters.timeouts).toBeGreaterThan(4);
    expect(t.counters.blackHoles).toBe(0);
    expect(t.tcb.snd.mssBytes).toBe(1460);
  });

  test('the third time-out of a whole segment makes it 1024 bytes, the next one 536', () => {
    const t = established({ mtuProbing: 1, loose: true });
    t.write(20_000);
    t.ignore();
    const resent = (): number[] => t.take().map(({ len }) => len);
    const seen: number[] = [];
    for (let ms = 0; ms < 40_000; ms += 50) seen.push(...resent(), ...(t.wait(ms), resent()));
    expect(seen.slice(0, 6)).toEqual([1460, 1460, 1024, 536, 536, 536]);
    // No smaller, however long it lasts: loss without end looks the same.
    t.wait(at(300_000));
    expect(t.tcb.snd.mssBytes).toBe(536);
  });

  test('a first probe leaves once the window has eleven segments and enough to follow it; its ACK makes it the size', () => {
    const t = established({ mtuProbing: 1, loose: true });
    t.write(1_000_000);
    for (let ms = 0; ms < 60_000 && t.counters.blackHoles === 0; ms += 50) t.wait(ms);
    expect(t.counters.blackHoles).toBe(1);
    t.ignore();
    let acked = 1;
    while (t.counters.mtuProbes === 0) {
      acked += 2 * 1024;
      t.inject(t.nowMs + 10, ack({ seq: 1, ack: Math.min(acked, t.tcb.snd.unaOffset + 1 + t.tcb.snd.mssBytes * 4) }));
      acked = t.tcb.snd.unaOffset + 1;
      expect(t.nowMs).toBeLessThan(100_000);
    }
    const probe = t.outbox.find(({ len }) => len > 1024);
    expect(probe).toMatchObject({ len: (1024 + 1460) / 2, flags: ACK });
    expect(t.tcb.congestion.cwndBytes).toBeGreaterThanOrEqual(11 * 1024);
    expect(t.tcb.snd.mssBytes).toBe(1024);
    const { seq = 0, len = 0 } = probe ?? {};
    t.inject(t.nowMs + 10, ack({ seq: 1, ack: seq + len }));
    expect(t.tcb.snd.mssBytes).toBe(1242);
  });
});

test('mtuProbing 0 never does', () => {
  const t = established({ mtuProbing: 0, loose: true });
  t.write(20_000);
  t.wait(at(60_000));
  expect(t.counters.blackHoles).toBe(0);
  expect(t.tcb.snd.mssBytes).toBe(1460);
});

test('mtuProbing 2 begins with 1024 bytes and searches at once', () => {
  const { shared, tcb } = transfer({ largestBytes: 1300 }, { mtuProbing: 2 });
  expect(shared.counters.timeouts).toBe(0);
  expect(shared.counters.blackHoles).toBe(0);
  expect(tcb.mtuProbe.lowBytes).toBeGreaterThan(1300 - 20 - 8);
  expect(transfer({}, { mtuProbing: 2 }).tcb.mtuProbe.lowBytes).toBeGreaterThan(1460 - 8);
});

test('any black hole, any ends, any loss: the transfer ends with all its bytes', () => {
  const weather = fc.record({
    lossChance: fc.constantFrom(0, 0, 0.01, 0.05),
    doubleChance: fc.constantFrom(0, 0.05),
    delayMs: fc.constantFrom(1, 20),
    jitterMs: fc.constantFrom(0, 3),
    mergeChance: fc.constantFrom(0, 0.5),
    largestBytes: fc.integer({ min: 560, max: 1500 }),
  });
  const probing = fc.constantFrom(1 as const, 2 as const);
  fc.assert(
    fc.property(weather, ends, ends, probing, fc.nat(), (sky, a, b, mtuProbing, seed) => {
      const [first, second] = [
        { ...a, mtuProbing },
        { ...b, mtuProbing },
      ];
      const { a: left, b: right } = runPair(sky, seed, first, second, 24 * HOUR_MS);
      expect([right.delivered, left.delivered]).toEqual([a.totalBytes, b.totalBytes]);
    }),
    { numRuns: 40 },
  );
});

test('without ECN a loss does not make every later super-segment a single segment', () => {
  const t = established({ superSegmentPayloadBytes: 60_000, peer: { mss: 1460, sackOk: true, scale: 7 }, loose: true });
  t.write(400_000);
  t.wait(at(2000));
  expect(t.counters.timeouts).toBeGreaterThan(0);
  for (let i = 0; i < 4; i++) t.inject(t.nowMs + 10, ack({ seq: 1, ack: sentUpTo(t) }));
  t.ignore();
  t.inject(t.nowMs + 10, ack({ seq: 1, ack: sentUpTo(t) }));
  expect(Math.max(...t.take().map(({ len }) => len))).toBeGreaterThan(1460);
});
