/** The cookies that a client keeps: by server, bounded, and not shown where that does harm. */

import { ipv4Address } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { FastOpenCache } from './fast-open-cache.ts';

const cookie = (n: number): Uint8Array => new Uint8Array(8).fill(n);

test('keeps 1024 servers, and forgets the one asked for longest ago', () => {
  const cache = new FastOpenCache();
  for (let i = 0; i < 1024; i++) cache.learn(0, ipv4Address(i + 1), cookie(i), 1460, false);
  expect(cache.find(ipv4Address(1))?.cookie).toEqual(cookie(0));
  cache.learn(0, ipv4Address(5000), cookie(9), 1460, false);
  expect(cache.size).toBe(1024);
  expect(cache.find(ipv4Address(1))).not.toBeNull();
  expect(cache.find(ipv4Address(2))).toBeNull();
});

test('keeps a cookie that the next SYN-ACK does not repeat, and takes a new one', () => {
  const cache = new FastOpenCache();
  const server = ipv4Address(7);
  cache.learn(0, server, cookie(1), 1460, false);
  cache.learn(0, server, null, 1400, false);
  expect(cache.find(server)).toMatchObject({ cookie: cookie(1), mssBytes: 1400 });
  cache.learn(0, server, cookie(2), 1400, false);
  expect(cache.find(server)?.cookie).toEqual(cookie(2));
});

test('pauses from the second loss in a row on, for twice as long each time, until something gets through', () => {
  const cache = new FastOpenCache();
  const server = ipv4Address(7);
  const isPaused = (nowMs: number): boolean => cache.isPaused(nowMs, cache.find(server) ?? expect.fail('is known'));
  cache.learn(0, server, cookie(1), 1460, true);
  expect(isPaused(0)).toBe(false);
  cache.learn(0, server, null, 1460, true);
  expect([isPaused(0), isPaused(239_999), isPaused(240_000)]).toEqual([true, true, false]);
  cache.learn(0, server, null, 1460, true);
  expect([isPaused(479_999), isPaused(480_000)]).toEqual([true, false]);
  cache.learn(0, server, null, 1460, false);
  expect(isPaused(0)).toBe(false);
});
