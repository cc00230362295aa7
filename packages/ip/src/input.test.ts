/** Which packets are for us, and under which name the others are counted. */

import { parseIpv4 } from '@tcpstack/wire/address';
import { ipv4Address } from '@tcpstack/wire/ip-address';
import { IPV4_DF, IPV4_MF, writeIpv4 } from '@tcpstack/wire/ipv4';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { OURS, PEER, packet, received, taken } from '../test/packets.ts';
import { createIpCounters, type IpCounters } from './counters.ts';

/** The protocol that goes on, or that none does, and the counters that moved. */
function judge(bytes: Uint8Array, at = 0, end = bytes.length): [number | 'drop', Partial<IpCounters>] {
  const counters = createIpCounters();
  const verdict = received(bytes, at, end, counters);
  return [verdict?.protocol ?? 'drop', Object.fromEntries(Object.entries(counters).filter(([, value]) => value > 0))];
}

/** `bytes` with one byte replaced. */
function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

function address(text: string): number {
  const value = parseIpv4(text);
  if (value === null) throw new Error(text);
  return value;
}

describe('what goes on', () => {
  test('TCP and ICMP to our address', () => {
    expect(judge(packet({ protocol: 6 }))).toEqual([6, { received: 1, delivered: 1 }]);
    expect(judge(packet({ protocol: 1 }))).toEqual([1, { received: 1, delivered: 1 }]);
  });

  test('wherever in the array it lies, with options in its header, and with link padding behind it', () => {
    const plain = packet({ payloadBytes: 4 });
    const padded = new Uint8Array(60);
    padded.set(plain, 9);
    expect(judge(padded, 9, 55)).toEqual([6, { received: 1, delivered: 1 }]);
    expect(taken(padded, 9, 55)).toMatchObject({ at: 9, transportAt: 29, end: 9 + 24, hasOptions: false });
    // Four bytes of options: NOP, NOP, NOP, end.
    const withOptions = new Uint8Array(28);
    writeIpv4(withOptions, 0, 28, 6, PEER, OURS, 1, IPV4_DF, 64, 0);
    withOptions.set([1, 1, 1, 0], 20);
    withOptions[0] = 0x46;
    // One more word of header, and the sum of the options: 0x0100 + 0x0101 + 0x0100.
    const sum = 0xffff - (((withOptions[10] as number) << 8) | (withOptions[11] as number)) + 0x0100 + 0x0101 + 0x0100;
    const field = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
    withOptions[10] = field >> 8;
    withOptions[11] = field & 0xff;
    expect(judge(withOptions)).toEqual([6, { received: 1, delivered: 1 }]);
    expect(taken(withOptions)).toMatchObject({ transportAt: 24, end: 28, hasOptions: true });
  });
});

test('what the record says of the packet', () => {
  const bytes = packet({ protocol: 6, payloadBytes: 30, tosByte: 0xb9 });
  expect(taken(bytes)).toEqual({
    version: 4,
    bytes,
    at: 0,
    end: 50,
    transportAt: 20,
    protocol: 6,
    source: ipv4Address(PEER),
    destination: ipv4Address(OURS),
    ttlHops: 64,
    tosByte: 0xb9,
    interfaceIndex: 1,
    hasOptions: false,
    isToMany: false,
  });
});

describe('RFC 1122 §3.2.1: what is silently discarded, each under its name', () => {
  const good = packet();

  test('shorter than a header', () => {
    expect(judge(good.subarray(0, 19))).toEqual(['drop', { received: 1, shortPackets: 1 }]);
    expect(judge(new Uint8Array(0))).toEqual(['drop', { received: 1, shortPackets: 1 }]);
  });

  test('another version [§3.2.1.1]', () => {
    expect(judge(changed(good, 0, 0x55))).toEqual(['drop', { received: 1, notIp: 1 }]);
  });

  test('a header or a total length that cannot be', () => {
    expect(judge(changed(good, 0, 0x44))).toEqual(['drop', { received: 1, badHeaders: 1 }]);
    expect(judge(changed(good, 0, 0x4f))).toEqual(['drop', { received: 1, badHeaders: 1 }]);
    expect(judge(changed(good, 3, 19))).toEqual(['drop', { received: 1, badHeaders: 1 }]);
    expect(judge(good, 0, 39)).toEqual(['drop', { received: 1, badHeaders: 1 }]);
  });

  test('a wrong header checksum [§3.2.1.2]: any one bit of the header', () => {
    for (let bit = 8 * 4; bit < 8 * 20; bit++) {
      const bad = changed(good, bit >> 3, (good[bit >> 3] as number) ^ (1 << (bit & 7)));
      expect(judge(bad)).toEqual(['drop', { received: 1, badHeaderChecksums: 1 }]);
    }
  });

  test.each(['10.77.0.1', '10.77.0.255', '255.255.255.255', '224.0.0.1', '0.0.0.0'])(
    'a destination that is not ours, broadcast and multicast too (§3.2.1.3; RFC 9293 §3.9.2.3) [MUST-57]: %s',
    (destination) => {
      expect(judge(packet({ destination: address(destination) }))).toEqual(['drop', { received: 1, notForUs: 1 }]);
    },
  );

  test.each([
    ...['0.0.0.0', '0.1.2.3', '224.0.0.1', '239.255.255.255', '240.0.0.1'],
    ...['255.255.255.255', '10.77.0.2', '10.77.0.255'],
  ])('a source that no host may use, or our own (§3.2.1.3; RFC 9293 §3.9.2.3) [MUST-63]: %s', (source) => {
    expect(judge(packet({ source: address(source) }))).toEqual(['drop', { received: 1, badSources: 1 }]);
  });

  test.each([
    ['255.255.255.255', 17, 'delivered'],
    ['10.77.0.255', 17, 'badSources'],
    ['224.0.0.1', 17, 'badSources'],
    ['10.77.0.2', 17, 'badSources'],
  ])(
    'from 0.0.0.0, who is learning his address (§3.2.1.3 (a)), may come what is for everybody: to %s',
    (to, protocol, what) => {
      const bytes = packet({ protocol, source: 0, destination: address(to) });
      expect(judge(bytes)[1]).toEqual({ received: 1, [what]: 1 });
    },
  );

  test.each(['1.0.0.0', '126.255.255.255', '128.0.0.1', '223.255.255.255', '192.168.0.1'])(
    'a source next to those is good: %s',
    (source) => {
      expect(judge(packet({ source: address(source) }))[0]).toBe(6);
    },
  );

  test('RFC 1122 §3.2.1.3 (g): loopback addresses that come in over a link', () => {
    for (const text of ['127.0.0.1', '127.255.255.255']) {
      expect(judge(packet({ source: address(text) }))).toEqual(['drop', { received: 1, martians: 1 }]);
      expect(judge(packet({ destination: address(text) }))).toEqual(['drop', { received: 1, martians: 1 }]);
    }
  });

  test('fragments that are alone wait, the first as well as later ones; "don\'t fragment" makes none', () => {
    for (const fragment of [IPV4_MF, IPV4_MF | 185, 185, 1]) {
      expect(judge(packet({ fragment }))).toEqual(['drop', { received: 1, fragmentsHeld: 1 }]);
    }
    for (const fragment of [0, IPV4_DF]) expect(judge(packet({ fragment }))[0]).toBe(6);
  });

  test('a protocol that nobody here speaks', () => {
    for (const protocol of [0, 2, 41, 58, 132, 255]) {
      expect(judge(packet({ protocol }))).toEqual(['drop', { received: 1, unknownProtocols: 1 }]);
    }
  });
});

test('any bytes: no throw, and received is delivered and the drops', () => {
  const counters = createIpCounters();
  const edit = fc.tuple(fc.nat(23), fc.nat(255));
  holds(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(edit, { maxLength: 2 }),
      fc.boolean(),
      (noise, edits, real) => {
        const bytes = real ? packet({ payloadBytes: noise.length }) : noise;
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
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
