/** What is learnt of a path, what is not believed, and when it is forgotten. */

import { type IpAddress, ipv4Address, parseAddress } from '@tcpstack/wire/ip-address';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { PATH_MTU_EXPIRES_MS, PATH_MTU_MIN_BYTES, PATHS_MAX, PathMtuCache } from './path-mtu.ts';

const [A, B] = [ipv4Address(0x0a000001), ipv4Address(0x0a000002)];

/** The cache as seen from one link. */
function overLink(linkMtuBytes: number) {
  const cache = new PathMtuCache();
  return {
    get size() {
      return cache.size;
    },
    get generation() {
      return cache.generation;
    },
    mtuBytes: (nowMs: number, to: IpAddress) => cache.mtuBytes(nowMs, to, linkMtuBytes),
    expiresAtMs: (nowMs: number, to: IpAddress) => cache.expiresAtMs(nowMs, to),
    learn: (nowMs: number, to: IpAddress, mtuBytes: number, packetBytes: number) =>
      cache.learn(nowMs, to, linkMtuBytes, mtuBytes, packetBytes),
  };
}

test('of a path that nobody complained about the link decides', () => {
  const cache = overLink(1500);
  expect([cache.mtuBytes(0, A), cache.expiresAtMs(0, A), cache.size]).toEqual([1500, Infinity, 0]);
});

test('the next-hop MTU of a message holds for its destination alone, for 10 minutes (RFC 1191 §6.3)', () => {
  const cache = overLink(1500);
  expect(cache.learn(7, A, 1400, 1500)).toBe(true);
  expect([cache.mtuBytes(8, A), cache.mtuBytes(8, B), cache.generation]).toEqual([1400, 1500, 1]);
  expect(cache.expiresAtMs(8, A)).toBe(7 + PATH_MTU_EXPIRES_MS);
  expect(cache.mtuBytes(6 + PATH_MTU_EXPIRES_MS, A)).toBe(1400);
  expect(cache.mtuBytes(7 + PATH_MTU_EXPIRES_MS, A)).toBe(1500);
  expect(cache.size).toBe(0);
});

test('no message raises an estimate (RFC 1191 §3)', () => {
  const cache = overLink(1500);
  cache.learn(0, A, 1000, 1500);
  for (const mtu of [1000, 1001, 1499]) expect(cache.learn(1, A, mtu, 1500)).toBe(false);
  expect(cache.learn(1, A, 999, 1500)).toBe(true);
  expect(cache.mtuBytes(1, A)).toBe(999);
});

test.each([
  [1500, 1492],
  [1492, 1006],
  [9000, 8166],
  [65_535, 32_000],
  [1006, 552],
  [600, 552],
])('a router that does not say: the plateau below %i is %i (RFC 1191 §5, §7.1)', (packetBytes, mtu) => {
  const cache = overLink(65_535);
  expect(cache.learn(0, A, 0, packetBytes)).toBe(true);
  expect(cache.mtuBytes(0, A)).toBe(mtu);
});

describe('what is not believed', () => {
  test('a limit that the packet was within (RFC 5927 §7.2)', () => {
    const cache = overLink(1500);
    for (const mtu of [700, 701, 65_535]) expect(cache.learn(0, A, mtu, 700)).toBe(false);
    expect(cache.learn(0, A, 0, 500)).toBe(false);
    expect(cache.size).toBe(0);
  });

  test('less than 552 is taken for 552, as in Linux', () => {
    const cache = overLink(1500);
    expect(cache.learn(0, A, 68, 1500)).toBe(true);
    expect(cache.mtuBytes(0, A)).toBe(PATH_MTU_MIN_BYTES);
    // And where the link itself carries less, nothing is to be learnt.
    expect(overLink(500).learn(0, A, 68, 500)).toBe(false);
  });
});

test('IPv6 destinations are told apart by all of their words', () => {
  const cache = overLink(1500);
  const texts = ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1', '2001:db9::1', '::a00:1'];
  const all = [...texts.map((text) => parseAddress(text)), A].filter((address) => address !== null);
  all.forEach((address, i) => {
    expect(cache.learn(0, address, 1400 - i, 1500)).toBe(true);
  });
  expect(all.map((address) => cache.mtuBytes(0, address))).toEqual([1400, 1399, 1398, 1397, 1396, 1395]);
});

test('IPv6: nothing below 1280 is believed, and a message that says no size says nothing — RFC 8201 §4', () => {
  const cache = overLink(1500);
  const to = parseAddress('2001:db8::1') as IpAddress;
  for (const mtu of [0, 68, 552, 1279]) expect(cache.learn(0, to, mtu, 1500)).toBe(false);
  expect(cache.size).toBe(0);
  expect(cache.learn(0, to, 1280, 1500)).toBe(true);
  expect(cache.mtuBytes(0, to)).toBe(1280);
});

test('an estimate is never more than the link carries, and whoever asked asks again when something changed', () => {
  const cache = new PathMtuCache();
  cache.learn(0, A, 9000, 4000, 9000);
  expect([cache.mtuBytes(0, A, 9000), cache.mtuBytes(0, A, 1500)]).toEqual([4000, 1500]);
  const { generation } = cache;
  cache.invalidate();
  expect(cache.generation).toBe(generation + 1);
});

test('1024 destinations are remembered; then the first is forgotten', () => {
  const cache = overLink(1500);
  for (let i = 0; i <= PATHS_MAX; i++) cache.learn(0, ipv4Address(i), 1400, 1500);
  expect(cache.size).toBe(PATHS_MAX);
  expect([0, 1, PATHS_MAX].map((i) => cache.mtuBytes(0, ipv4Address(i)))).toEqual([1500, 1400, 1400]);
});

test('any messages at any time: between 552 and the link, never up before it expires, never more than 1024', () => {
  const message = fc.tuple(fc.nat(400_000), fc.nat(3), fc.nat(65_535), fc.nat(65_535));
  holds(
    fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
      const cache = overLink(1500);
      let nowMs = 0;
      for (const [ms, last, mtu, packetBytes] of messages) {
        const destination = ipv4Address(last);
        nowMs += ms;
        const before = cache.mtuBytes(nowMs, destination);
        const learnt = cache.learn(nowMs, destination, mtu, packetBytes);
        const after = cache.mtuBytes(nowMs, destination);
        expect(learnt ? after < before : after === before).toBe(true);
        expect(after).toBeGreaterThanOrEqual(PATH_MTU_MIN_BYTES);
        expect(after).toBeLessThanOrEqual(1500);
        expect(cache.expiresAtMs(nowMs, destination)).toBeGreaterThan(nowMs);
      }
    }),
  );
});
