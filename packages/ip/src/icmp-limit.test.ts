/** How many errors leave: for the whole host, and for each that gets them. */

import { IpAddress } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { HASH } from '../test/hash.ts';
import { IcmpLimit } from './icmp-limit.ts';

const FREE = { icmpErrorsPerSecond: 1_000_000, icmpErrorsBurst: 1_000_000, icmpErrorMs: 1000 };
const SHARED = { icmpErrorsPerSecond: 1000, icmpErrorsBurst: 50, icmpErrorMs: 0 };

function host(n: number): IpAddress {
  return new IpAddress(0, 0, 0xffff, n);
}

/** How many of `count` errors may go, one after the other at one time. */
function allowed(limit: IcmpLimit, nowMs: number, count: number, to = host(1)): number {
  return Array.from({ length: count }, () => limit.allows(nowMs, to)).filter(Boolean).length;
}

test('one host gets 6 at once and then one a second, whatever others get (Linux: icmp_ratelimit)', () => {
  const limit = new IcmpLimit(HASH, FREE);
  expect(allowed(limit, 0, 100)).toBe(6);
  expect(allowed(limit, 0, 100, host(2))).toBe(6);
  expect(allowed(limit, 999, 100)).toBe(0);
  expect(allowed(limit, 1000, 100)).toBe(1);
  expect(allowed(limit, 3500, 100)).toBe(2);
  expect(allowed(limit, 4000, 100)).toBe(1);
  expect(allowed(limit, 1e6, 100)).toBe(6);
});

test.each([
  [128, 1000],
  [97, 1000],
  [96, 500],
  [64, 250],
  [0, 62.5],
])('over IPv6, behind a route of %i bits, one error each %d ms (Linux: icmpv6_xrlim_allow)', (prefixBits, ms) => {
  const limit = new IcmpLimit(HASH, FREE);
  const to = new IpAddress(0xfd00_0000 | 0, 0, 0, 1);
  const burst = (nowMs: number) => Array.from({ length: 9 }, () => limit.allows(nowMs, to, prefixBits)).filter(Boolean);
  expect([0, ms - 1, ms, 3 * ms, 99 * ms].map((nowMs) => burst(nowMs).length)).toEqual([6, 0, 1, 2, 6]);
});

test('over IPv4 the route does not matter', () => {
  const limit = new IcmpLimit(HASH, FREE);
  expect(Array.from({ length: 9 }, () => limit.allows(0, host(1), 96)).filter(Boolean)).toHaveLength(6);
  expect([limit.allows(999, host(1), 96), limit.allows(1000, host(1), 96)]).toEqual([false, true]);
});

test('the whole host sends about 50 at once, and about 1000 a second (Linux: icmp_msgs_burst, icmp_msgs_per_sec)', () => {
  const limit = new IcmpLimit(HASH, SHARED);
  const first = allowed(limit, 0, 1000);
  expect(first).toBeGreaterThan(35);
  expect(first).toBeLessThan(75);
  expect(allowed(limit, 19, 1000)).toBe(0);
  let sent = 0;
  for (let ms = 20; ms <= 10_020; ms += 20) sent += allowed(limit, ms, 100);
  expect(sent).toBeGreaterThan(9000);
  expect(sent).toBeLessThan(11_500);
});

test('nobody can count the rest: how many go is not the same each time', () => {
  const limit = new IcmpLimit(HASH, SHARED);
  const bursts = Array.from({ length: 20 }, (_, i) => allowed(limit, i * 1000, 200));
  expect(new Set(bursts).size).toBeGreaterThan(3);
});

test('an error that one host may not get costs the others nothing', () => {
  const limit = new IcmpLimit(HASH, { ...SHARED, icmpErrorMs: 1000 });
  expect(allowed(limit, 0, 1000)).toBe(6);
  expect(allowed(limit, 0, 6, host(2))).toBe(6);
});

test('1024 hosts are remembered, then the first is forgotten', () => {
  const limit = new IcmpLimit(HASH, FREE);
  expect(allowed(limit, 0, 6)).toBe(6);
  for (let n = 2; n <= 1024; n++) expect(limit.allows(0, host(n))).toBe(true);
  expect([limit.hosts, allowed(limit, 0, 6)]).toEqual([1024, 0]);
  limit.allows(0, host(1025));
  expect([limit.hosts, allowed(limit, 0, 6)]).toEqual([1024, 6]);
});
