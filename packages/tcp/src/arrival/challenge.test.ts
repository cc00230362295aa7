/** Challenge ACKs: one connection's share, and all connections' of a Host. */

import { sipKey } from '@tcpstack/seq/siphash';
import { describe, expect, test } from 'vitest';
import { at, until } from '../../test/script.ts';
import { ack, syn } from '../../test/segments.ts';
import { established } from '../../test/states.ts';
import { ChallengeBudget } from './challenge-budget.ts';

const KEY = sipKey(new Uint8Array(16).fill(7));

/** How many are granted at this moment. */
function grantedAt(budget: ChallengeBudget, nowMs: number): number {
  let granted = 0;
  while (granted < 10_000 && budget.take(nowMs)) granted++;
  return granted;
}

describe('challenge ACKs are throttled (RFC 5961 §7)', () => {
  test('one connection sends one in 500 ms', () => {
    const t = established();
    t.inject(at(0), syn({ seq: 1 }));
    t.expect(at(0), ack({ ack: 1 }));
    t.inject(at(499), syn({ seq: 1 }));
    t.expectSilence(until(499));
    t.inject(at(500), syn({ seq: 1 }));
    t.expect(at(500), ack({ ack: 1 }));
  });

  test('a Host sends a bounded number in a second, which no stranger can know', () => {
    const budget = new ChallengeBudget(KEY, 100);
    const seconds = Array.from({ length: 50 }, (_, i) => grantedAt(budget, i * 1000));
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...seconds)).toBeLessThan(150);
    expect(new Set(seconds).size).toBeGreaterThan(20);
    const other = new ChallengeBudget(sipKey(new Uint8Array(16).fill(8)), 100);
    expect(grantedAt(other, 0)).not.toBe(seconds[0]);
  });

  test('what is left of a second is all that there is until it ends', () => {
    const budget = new ChallengeBudget(KEY, 100);
    expect(grantedAt(budget, 10)).toBeGreaterThan(0);
    expect(budget.take(1009)).toBe(false);
    expect(budget.take(1010)).toBe(true);
  });

  test('no limit is no limit', () => {
    expect(grantedAt(new ChallengeBudget(KEY, Infinity), 0)).toBe(10_000);
  });

  test('when the budget is used up nothing is sent, and the connection may challenge as soon as there is one', () => {
    const t = established({ challengesPerSecond: 1 });
    expect(grantedAt(t.tcb.shared.challenges, 0)).toBeGreaterThan(0);
    t.inject(at(0), syn({ seq: 1 }));
    t.expectSilence(until(999));
    expect(t.counters.challengesSuppressed).toBe(1);
    t.inject(at(1000), syn({ seq: 1 }));
    t.expect(at(1000), ack({ ack: 1 }));
  });
});
