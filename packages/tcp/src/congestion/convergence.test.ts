/** Controls alone on a path of one bottleneck: they find its rate, and what queue they make there. */

import { describe, expect, test } from 'vitest';
import { randomFrom } from '../../test/link.ts';
import { goodput, Path } from '../../test/path.ts';
import { createCongestion } from './registry.ts';

const MSS = 1448;

/** Rate in bytes a millisecond, round trip, buffer in bandwidth-delay products. */
const PATHS: readonly (readonly [string, number, number, number, number])[] = [
  ['10 Mbit/s, 40 ms, buffer of 2 BDP', 1250, 40, 2, 20_000],
  ['100 Mbit/s, 10 ms, buffer of 1 BDP', 12_500, 10, 1, 6000],
  ['1 Mbit/s, 100 ms, buffer of 1.5 BDP', 125, 100, 1.5, 30_000],
];

function path(name: 'reno' | 'cubic' | 'bbr', rate: number, rttMs: number, buffer: number, lossChance = 0): Path {
  return new Path(createCongestion(name, MSS, 11), {
    rateBytesPerMs: rate,
    baseRttMs: rttMs,
    bufferBytes: buffer * rate * rttMs,
    durationMs: Infinity,
    mssBytes: MSS,
    lossChance,
    random: randomFrom(3),
  });
}

describe.each(PATHS)('on %s', (_title, rate, rttMs, buffer, durationMs) => {
  test.each(['reno', 'cubic', 'bbr'] as const)('%s uses more than 90 %% of the rate [MUST-19]', (name) => {
    const flow = path(name, rate, rttMs, buffer);
    const { share } = goodput(flow, durationMs / 2, durationMs);
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(1.001);
    expect(flow.lostBytes / flow.deliveredBytes).toBeLessThan(0.02);
  });

  test('bbr keeps its queue below 1.25 BDP at its longest, and next to nothing for half of the time [MAY-18]', () => {
    const flow = path('bbr', rate, rttMs, buffer);
    expect(goodput(flow, durationMs / 2, durationMs).queueBytes).toBeLessThan(1.25 * rate * rttMs);
    const queues: number[] = [];
    for (let i = 0; i < 500; i++) queues.push(flow.run(durationMs + i * rttMs).queueBytes);
    queues.sort((a, b) => a - b);
    expect(queues[250]).toBeLessThan(0.1 * rate * rttMs + 3 * MSS);
  });
});

describe('what tells them apart', () => {
  test('with a deep buffer the others fill it, bbr does not [MAY-18]', () => {
    const bdp = 1250 * 40;
    const queue = (name: 'reno' | 'cubic' | 'bbr'): number =>
      goodput(path(name, 1250, 40, 8), 10_000, 40_000).queueBytes;
    expect(queue('reno')).toBeGreaterThan(7 * bdp);
    expect(queue('cubic')).toBeGreaterThan(7 * bdp);
    expect(queue('bbr')).toBeLessThan(1.25 * bdp);
  });

  test('with a shallow buffer cubic does better than reno, which needs a BDP; bbr loses less than 1 % [MAY-18]', () => {
    const [reno, cubic, bbr] = (['reno', 'cubic', 'bbr'] as const).map((name) => path(name, 1250, 40, 0.25)) as [
      Path,
      Path,
      Path,
    ];
    const [renoShare, cubicShare, bbrShare] = [reno, cubic, bbr].map((flow) => goodput(flow, 10_000, 40_000).share) as [
      number,
      number,
      number,
    ];
    expect(cubicShare).toBeGreaterThan(renoShare);
    expect(bbrShare).toBeGreaterThan(0.95);
    expect(bbr.lostBytes / bbr.deliveredBytes).toBeLessThan(0.01);
  });

  test('1 % of random loss leaves bbr most of the rate, and the others little of it [MAY-18]', () => {
    const share = (name: 'reno' | 'cubic' | 'bbr'): number =>
      goodput(path(name, 12_500, 40, 1, 0.01), 5000, 20_000).share;
    // Between probes it yields to each round of losses by as much as was lost (draft-ietf-ccwg-bbr §5.3.3.8).
    expect(share('bbr')).toBeGreaterThan(0.75);
    expect(share('reno')).toBeLessThan(0.1);
    expect(share('cubic')).toBeLessThan(0.15);
  });

  test('on a long fat path cubic is back at its window long before reno (RFC 9438 §1) [MAY-18]', () => {
    const delivered = (name: 'reno' | 'cubic'): number => {
      const flow = path(name, 12_500, 100, 0.5).run(5000);
      flow.cc.onCongestionMark(flow.nowMs, flow.flightBytes);
      flow.cc.cwndBytes = Math.min(flow.cc.cwndBytes, 400 * MSS);
      return goodput(flow, 5000, 20_000).share;
    };
    expect(delivered('cubic')).toBeGreaterThan(delivered('reno'));
  });

  test('HyStart++ leaves slow start before a deep buffer overflows (RFC 9406 §4.2) [MAY-18]', () => {
    const losses = (name: 'reno' | 'cubic'): number => path(name, 12_500, 40, 12).run(3000).lostBytes;
    expect(losses('reno')).toBeGreaterThan(100 * MSS);
    expect(losses('cubic')).toBe(0);
  });
});
