/** IPv6 packets on the way in: which go on, what the record says of them, and the names of the others. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { address } from '../test/address.ts';
import { holds } from '../test/holds.ts';
import { OURS6, PEER6, packet6, received, taken } from '../test/packets.ts';
import { createIpCounters, type IpCounters } from './counters.ts';

const TCP = 6;
const TWENTY = new Uint8Array(20).fill(0xdd);
const ROUTING = 43;
const DESTINATION_OPTIONS = 60;

/** The protocol that goes on, or that none does, and the counters that moved. */
function judge(bytes: Uint8Array, interfaceIndex = 1): [number | 'drop', Partial<IpCounters>] {
  const counters = createIpCounters();
  const verdict = received(bytes, 0, bytes.length, counters, interfaceIndex);
  return [verdict?.protocol ?? 'drop', Object.fromEntries(Object.entries(counters).filter(([, value]) => value > 0))];
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe('what goes on', () => {
  test('TCP and ICMPv6 to our address; ICMP of IPv4 is a protocol that nobody here speaks', () => {
    expect(judge(packet6(TCP, TWENTY))).toEqual([6, { received: 1, delivered: 1 }]);
    expect(judge(packet6(58, TWENTY))).toEqual([58, { received: 1, delivered: 1 }]);
    expect(judge(packet6(1, TWENTY))).toEqual(['drop', { received: 1, unknownProtocols: 1 }]);
  });

  test('what the record says of it; link padding is cut off', () => {
    const padded = new Uint8Array(100);
    padded.set(changed(packet6(TCP, TWENTY), 1, 0x50), 9);
    padded[9] = 0x6b;
    expect(taken(padded, 9, 90)).toMatchObject({
      version: 6,
      at: 9,
      end: 9 + 60,
      transportAt: 9 + 40,
      protocol: TCP,
      source: PEER6,
      destination: OURS6,
      ttlHops: 64,
      tosByte: 0xb5,
      interfaceIndex: 1,
      hasOptions: false,
    });
  });

  test('behind extension headers that are understood (RFC 8200 §4.1)', () => {
    const bytes = packet6(DESTINATION_OPTIONS, Uint8Array.of(TCP, 0, 1, 4, 0, 0, 0, 0, ...TWENTY));
    expect(judge(bytes)).toEqual([6, { received: 1, delivered: 1 }]);
    expect(taken(bytes)).toMatchObject({ protocol: TCP, transportAt: 48, hasOptions: true });
  });

  test('over the loopback, from ourselves and from ::1', () => {
    expect(judge(packet6(TCP, TWENTY, OURS6, OURS6), 0)[0]).toBe(TCP);
    expect(judge(packet6(TCP, TWENTY, address('::1'), address('::1')), 0)[0]).toBe(TCP);
  });
});

describe('what is silently discarded, each under its name', () => {
  test('shorter than a header, or than it says', () => {
    expect(judge(packet6(TCP, TWENTY).subarray(0, 39))).toEqual(['drop', { received: 1, shortPackets: 1 }]);
    expect(judge(packet6(TCP, TWENTY).subarray(0, 59))).toEqual(['drop', { received: 1, badHeaders: 1 }]);
  });

  test.each(['fd00::3', 'fd00::1', 'ff02::1', '::', 'fe80::1'])('a destination that is not ours: %s', (to) => {
    expect(judge(packet6(TCP, TWENTY, address('fd00::9'), address(to)))).toEqual([
      'drop',
      { received: 1, notForUs: 1 },
    ]);
  });

  test.each(['::', 'ff02::1', 'fd00::2'])('a source that no peer has (RFC 4291 §2.5.2, §2.7) [MUST-63]: %s', (from) => {
    expect(judge(packet6(TCP, TWENTY, address(from)))).toEqual(['drop', { received: 1, badSources: 1 }]);
  });

  test('a mapped address at either end: it would pass for a peer of IPv4, or for our own address of it', () => {
    const mapped = address('::ffff:10.77.0.2');
    expect(judge(packet6(TCP, TWENTY, address('::ffff:10.77.0.1')))[1]).toEqual({ received: 1, badSources: 1 });
    expect(judge(packet6(TCP, TWENTY, PEER6, mapped))[1]).toEqual({ received: 1, badSources: 1 });
  });

  test('a loopback address that a link brings (RFC 4291 §2.5.3)', () => {
    for (const bytes of [packet6(TCP, TWENTY, address('::1')), packet6(TCP, TWENTY, PEER6, address('::1'))]) {
      expect(judge(bytes)).toEqual(['drop', { received: 1, martians: 1 }]);
    }
  });

  test('a routing header with segments left (RFC 5095 §3), and options that cannot be', () => {
    const routed = packet6(ROUTING, Uint8Array.of(TCP, 0, 0, 1, 0, 0, 0, 0, ...TWENTY));
    expect(judge(routed)).toEqual(['drop', { received: 1, sourceRoutesDropped: 1 }]);
    const broken = packet6(DESTINATION_OPTIONS, Uint8Array.of(TCP, 0, 5, 9, 0, 0, 0, 0, ...TWENTY));
    expect(judge(broken)).toEqual(['drop', { received: 1, badOptions: 1 }]);
  });
});

test('any bytes: no throw, and received is delivered and the drops', () => {
  const counters = createIpCounters();
  const edit = fc.tuple(fc.nat(47), fc.nat(255));
  holds(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(edit, { maxLength: 3 }),
      fc.boolean(),
      (noise, edits, real) => {
        const bytes = real ? packet6(TCP, noise) : noise;
        if (!real && bytes.length > 0) bytes[0] = 0x60;
        for (const [at, value] of edits) if (at > 0 && at < bytes.length) bytes[at] = value;
        const before = { ...counters };
        const passed = received(bytes, 0, bytes.length, counters);
        const moved = (Object.keys(counters) as (keyof IpCounters)[]).filter((key) => counters[key] !== before[key]);
        expect(moved).toHaveLength(2);
        expect(moved).toContain('received');
        expect(moved.includes('delivered')).toBe(passed !== null);
        if (passed !== null) expect(passed.end).toBeLessThanOrEqual(bytes.length);
      },
    ),
    { numRuns: 2000 },
  );
});
