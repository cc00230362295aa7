/** SYN cookies as numbers: what is put in comes out, and nothing else does. */

import { seq, toInt32 } from '@tcpstack/seq/seq';
import { sipKey } from '@tcpstack/seq/siphash';
import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import {
  COOKIE_PERIOD_MS,
  type CookieOptions,
  cookiePeriod,
  readStamp,
  SynCookies,
  stampOptions,
} from './syn-cookie.ts';

const cookies = new SynCookies(sipKey(new Uint8Array(16).fill(7)));

function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

const FAMILIES = [
  ['IPv4', address('10.0.0.1'), address('192.0.2.9'), [48, 536, 1220, 1300, 1400, 1440, 1460, 8960]],
  ['IPv6', address('fd00::1'), address('2001:db8::9'), [48, 536, 1220, 1280, 1380, 1420, 1440, 8940]],
] as const;

describe.each(FAMILIES)('a cookie for %s', (_name, local, remote, table) => {
  test('tells the largest MSS of eight that is not more than what the SYN said', () => {
    holds(
      fc.property(fc.integer(), fc.nat(65_535), fc.nat(1e9), fc.nat(65_535), (irs, mss, nowMs, port) => {
        const iss = cookies.make(cookiePeriod(nowMs), local, 80, remote, port, seq(irs), mss);
        const found = cookies.check(cookiePeriod(nowMs), local, 80, remote, port, seq(irs), iss);
        expect(found).toBe(Math.max(48, ...table.filter((one) => one <= mss)));
      }),
    );
  });

  test('is good in its period of a minute and in the next, and not after', () => {
    for (const madeAt of [0, 1, COOKIE_PERIOD_MS - 1, 255 * COOKIE_PERIOD_MS, 1e12]) {
      const period = Math.floor(madeAt / COOKIE_PERIOD_MS);
      const iss = cookies.make(cookiePeriod(madeAt), local, 80, remote, 99, seq(5), 1440);
      const at = (ms: number): number => cookies.check(cookiePeriod(ms), local, 80, remote, 99, seq(5), iss);
      expect([at(madeAt), at((period + 2) * COOKIE_PERIOD_MS - 1)]).toEqual([1440, 1440]);
      for (let later = 2; later < 256; later++) expect(at((period + later) * COOKIE_PERIOD_MS)).toBe(-1);
    }
  });

  test('is good for its own addresses, ports and initial number only, and under its own key', () => {
    const iss = cookies.make(0, local, 80, remote, 99, seq(5), 1440);
    const other = new SynCookies(sipKey(new Uint8Array(16).fill(8)));
    const stranger = address(remote.w0 === 0 ? '192.0.2.8' : '2001:db8::8');
    expect(cookies.check(0, local, 80, remote, 99, seq(5), iss)).toBe(1440);
    expect(cookies.check(0, local, 81, remote, 99, seq(5), iss)).toBe(-1);
    expect(cookies.check(0, local, 80, remote, 98, seq(5), iss)).toBe(-1);
    expect(cookies.check(0, local, 80, stranger, 99, seq(5), iss)).toBe(-1);
    expect(cookies.check(0, remote, 80, local, 99, seq(5), iss)).toBe(-1);
    expect(cookies.check(0, local, 80, remote, 99, seq(5000), iss)).toBe(-1);
    expect(other.check(0, local, 80, remote, 99, seq(5), iss)).toBe(-1);
  });

  test('cannot be guessed: of 100,000 numbers none is one', () => {
    let good = 0;
    for (let i = 0; i < 100_000; i++) {
      if (cookies.check(0, local, 80, remote, 99, seq(5), seq(Math.imul(i, 0x9e37_79b1))) >= 0) good++;
    }
    expect(good).toBe(0);
  });
});

describe('options in a timestamp', () => {
  const options = fc.record<CookieOptions>({
    windowScale: fc.integer({ min: -1, max: 14 }),
    sackPermitted: fc.boolean(),
    ecn: fc.boolean(),
  });

  test('come back as they were', () => {
    holds(
      fc.property(fc.integer(), options, (clock, said) => {
        const back: CookieOptions = { windowScale: 0, sackPermitted: false, ecn: false };
        readStamp(stampOptions(seq(clock), said), back);
        expect(back).toEqual(said);
      }),
    );
  });

  test('make the timestamp earlier by less than 128 ms, never later', () => {
    holds(
      fc.property(fc.integer(), options, (clock, said) => {
        const early = (clock - toInt32(stampOptions(seq(clock), said))) | 0;
        expect(early).toBeGreaterThanOrEqual(0);
        expect(early).toBeLessThan(128);
      }),
    );
  });
});
