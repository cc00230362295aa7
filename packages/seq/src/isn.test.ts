/** Initial sequence numbers: ISN = M + F(connection, key) (RFC 6528 §3; RFC 9293 §3.4.1). */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { initialSequenceNumber } from './isn.ts';
import { diff, toUint32 } from './seq.ts';
import { sipKey } from './siphash.ts';

const KEY = sipKey(Uint8Array.from({ length: 16 }, (_, i) => i));

/** Addresses and ports as three words. */
function connection(local: number, remote: number, localPort: number, remotePort: number): Int32Array {
  return Int32Array.of(local, remote, (localPort << 16) | remotePort);
}

const HERE = connection(0x0a4d0002, 0x0a4d0001, 80, 43_210);
const words = fc.int32Array({ minLength: 3, maxLength: 3 });
const timeMs = fc.double({ min: 0, max: 4e12, noNaN: true });

test('RFC 9293 §3.4.1 [MUST-8]: the clock part ticks once per 4 microseconds', () => {
  const isn = (nowMs: number) => initialSequenceNumber(KEY, HERE, 3, nowMs);
  expect(diff(isn(1000.004), isn(1000))).toBe(1);
  expect(diff(isn(1000.0039), isn(1000))).toBe(0);
  expect(diff(isn(1001), isn(1000))).toBe(250);
  expect(diff(isn(61_000), isn(1000))).toBe(60 * 250_000);
});

test('RFC 9293 §3.4.1: the clock part goes round the whole space in about 4.77 hours', () => {
  const roundMs = 2 ** 32 / 250;
  holds(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (nowMs) => {
      const a = initialSequenceNumber(KEY, HERE, 3, nowMs);
      const b = initialSequenceNumber(KEY, HERE, 3, nowMs + roundMs);
      // 2^32 / 250 is no whole number of milliseconds, so the last bit of a double may cost a tick.
      expect(Math.abs(diff(a, b))).toBeLessThanOrEqual(1);
    }),
  );
});

test('RFC 6528 §3: the same connection moves with the clock alone, whatever its secret part is', () => {
  holds(
    fc.property(words, timeMs, fc.integer({ min: 0, max: 100_000 }), (id, nowMs, laterMs) => {
      const start = Math.floor(nowMs);
      const before = initialSequenceNumber(KEY, id, 3, start);
      expect(diff(initialSequenceNumber(KEY, id, 3, start + laterMs), before)).toBe(laterMs * 250);
    }),
  );
});

test('RFC 6528 §3, RFC 9293 §3.4.1 [SHLD-1]: each connection has its own number space', () => {
  const others = [
    connection(0x0a4d0003, 0x0a4d0001, 80, 43_210),
    connection(0x0a4d0002, 0x0a4d0004, 80, 43_210),
    connection(0x0a4d0002, 0x0a4d0001, 81, 43_210),
    connection(0x0a4d0002, 0x0a4d0001, 80, 43_211),
  ];
  const numbers = [HERE, ...others].map((id) => toUint32(initialSequenceNumber(KEY, id, 3, 5000)));
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('RFC 6528 §3, RFC 9293 §3.4.1 [MUST-9]: each bit of the secret key counts', () => {
  const numbers = new Set([initialSequenceNumber(KEY, HERE, 3, 5000)]);
  for (let bit = 0; bit < 128; bit++) {
    const secret = Uint8Array.from({ length: 16 }, (_, i) => (i === bit >> 3 ? i ^ (1 << (bit & 7)) : i));
    numbers.add(initialSequenceNumber(sipKey(secret), HERE, 3, 5000));
  }
  expect(numbers.size).toBe(129);
});

test('numbers of neighbouring ports spread over the whole space', () => {
  const buckets = new Set<number>();
  for (let port = 0; port < 256; port++) {
    const isn = initialSequenceNumber(KEY, connection(1, 2, 80, 32_768 + port), 3, 5000);
    buckets.add(toUint32(isn) >>> 28);
  }
  expect(buckets.size).toBe(16);
});
