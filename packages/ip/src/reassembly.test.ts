/** Fragments of both families: put together, refused, given up, and never more of them than there is room for. */

import { IpAddress, ipv4Address, setAddress } from '@tcpstack/wire/ip-address';
import { checkIpv4 } from '@tcpstack/wire/ipv4';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asPacket, type FragmentFields, fragment4, fragment6 } from '../test/fragments.ts';
import { holds } from '../test/holds.ts';
import { OURS, PEER } from '../test/packets.ts';
import { FRAGMENTS_MAX } from './datagram.ts';
import {
  type FragmentVerdict,
  IPV4_REASSEMBLY_MS,
  IPV6_REASSEMBLY_MS,
  REASSEMBLY_MEMORY_MAX_BYTES,
  Reassembly,
} from './reassembly.ts';
import { DATAGRAMS_PER_SOURCE_MAX, REASSEMBLY_SOURCE_PART } from './waiting-datagrams.ts';

const HASH = {
  of: ({ w0, w1, w2, w3 }: Readonly<IpAddress>): number => (Math.imul(w0 ^ w1 ^ w2, 31) + w3) | 0,
};

function counted(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => first + i * 7 + (i >> 8));
}

/** Gives one packet; of IPv6, one with its fragment header first. */
function give(to: Reassembly, bytes: Uint8Array, nowMs = 0, isChainWhole = true): FragmentVerdict {
  const packet = asPacket(bytes);
  return packet.version === 4 ? to.takeIpv4(nowMs, packet) : to.takeIpv6(nowMs, packet, 40, 6, isChainWhole);
}

function wholeOf(to: Reassembly): Uint8Array {
  return to.whole;
}

type Build = (fields: FragmentFields) => Uint8Array;
const FAMILIES: readonly (readonly [string, Build, number])[] = [
  ['IPv4', fragment4, 20],
  ['IPv6', fragment6, 40],
];

describe.each(FAMILIES)('%s', (name, build, dataAt) => {
  test('RFC 791 §3.2, RFC 8200 §4.5: fragments in any order, some twice, are the packet that was cut', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
    holds(
      fc.property(fc.integer({ min: 9, max: 400 }), cuts, fc.array(fc.nat(1000), { minLength: 30 }), (n, at, order) => {
        const data = counted(n);
        const edges = [0, ...at.map((unit) => unit * 8).filter((edge) => edge < n), n].sort((a, b) => a - b);
        if (edges.length === 2) edges.splice(1, 0, 8);
        const parts = edges.slice(1).map((end, i) => ({ from: edges[i] as number, end, more: end < n }));
        // Every one once, and a few of them once more before the last.
        const shuffled = parts.map((part, i) => ({ part, key: order[i] ?? i })).sort((a, b) => a.key - b.key);
        const given = shuffled.flatMap(({ part }, i) => (i % 3 === 1 ? [part, part] : [part]));
        const last = given[given.length - 1];
        const to = new Reassembly(HASH);
        const verdicts = given.map(({ from, end, more }) =>
          give(to, build({ data: data.subarray(from, end), from, more })),
        );
        expect(verdicts.filter((verdict) => verdict === 'whole')).toHaveLength(1);
        expect(wholeOf(to).subarray(dataAt)).toEqual(data);
        // A repetition of the last one begins anew.
        expect(to.size).toBe(given[given.length - 2] === last ? 1 : 0);
      }),
      { numRuns: 100 },
    );
  });

  test('an exact duplicate is ignored, and the others are kept', () => {
    const to = new Reassembly(HASH);
    const first = build({ data: counted(16), from: 0, more: true });
    give(to, first);
    expect([give(to, first), to.counters.fragmentDuplicates, to.size]).toEqual(['held', 1, 1]);
    expect(give(to, build({ data: counted(3), from: 16, more: false }))).toBe('whole');
  });

  test.each([
    ['the end of another', 8, 16],
    ['the beginning of another', 24, 16],
    ['all of another', 8, 40],
    ['a part of another', 16, 8],
    ['another, with other bytes', 16, 16],
  ])('RFC 5722 §4: one that covers %s ends the datagram, and nobody is told', (_, from, length) => {
    const to = new Reassembly(HASH);
    give(to, build({ data: counted(16), from: 16, more: true }));
    expect(give(to, build({ data: counted(length, 99), from, more: true }))).toBe('held');
    expect([to.counters.fragmentOverlaps, to.size, to.memoryBytes]).toEqual([1, 0, 0]);
  });

  test.each([
    [
      'data behind the end',
      [
        [16, 8, false],
        [24, 8, true],
      ],
    ],
    [
      'an end before data',
      [
        [32, 8, true],
        [16, 8, false],
      ],
    ],
    [
      'two ends',
      [
        [16, 8, false],
        [32, 8, false],
      ],
    ],
  ] as const)('%s: the datagram is given up', (_, parts) => {
    const to = new Reassembly(HASH);
    for (const [from, length, more] of parts) give(to, build({ data: counted(length), from, more }));
    expect([to.counters.fragmentsBad, to.size, to.memoryBytes]).toEqual([1, 0, 0]);
  });

  test('another identification is another datagram', () => {
    const to = new Reassembly(HASH);
    give(to, build({ data: counted(8), from: 0, more: true, id: 1 }));
    expect(give(to, build({ data: counted(8), from: 8, more: false, id: 2 }))).toBe('held');
    expect(to.size).toBe(2);
    expect(give(to, build({ data: counted(8), from: 8, more: false, id: 1 }))).toBe('whole');
  });

  test('a fragment without data is dropped', () => {
    const to = new Reassembly(HASH);
    give(to, build({ data: counted(0), from: 8, more: true }));
    give(to, build({ data: counted(0), from: 8, more: false }));
    expect([to.counters.fragmentsBad, to.size]).toEqual([2, 0]);
  });

  test.each([
    ['no mark, where none may be', [0, 0], 0],
    ['a mark on one of those that may have one', [2, 3], 3],
    ['ECT(0) and ECT(1)', [2, 1], 2],
    ['a mark on all', [3, 3], 3],
    ['a mark where others may have none', [0, 3], -1],
    ['ECT and not ECT', [0, 2], -1],
  ] as const)('RFC 3168 §5.3: %s', (_, [a, b], ecn) => {
    const to = new Reassembly(HASH);
    give(to, build({ data: counted(8), from: 0, more: true, tosByte: 0xa0 | a }));
    const verdict = give(to, build({ data: counted(8), from: 8, more: false, tosByte: 0xa0 | b }));
    expect([verdict, to.counters.fragmentEcnMixed]).toEqual(ecn < 0 ? ['held', 1] : ['whole', 0]);
    if (ecn >= 0) expect(asPacket(wholeOf(to)).tosByte).toBe(0xa0 | ecn);
    expect(to.size).toBe(0);
  });

  describe('time', () => {
    const lifeMs = name === 'IPv4' ? IPV4_REASSEMBLY_MS : IPV6_REASSEMBLY_MS;

    test('it ends so long after the first that came, whatever comes later, and the first fragment is given back', () => {
      const to = new Reassembly(HASH);
      expect(to.nextDeadlineMs()).toBe(Infinity);
      const first = build({ data: counted(16), from: 0, more: true });
      give(to, build({ data: counted(8), from: 16, more: true }), 100);
      give(to, first, 5000);
      expect(to.nextDeadlineMs()).toBe(100 + lifeMs);
      expect(to.expire(99 + lifeMs)).toBeNull();
      const given = to.expire(100 + lifeMs);
      expect(given?.bytes.slice(given.at, given.end)).toEqual(first);
      expect(given).toMatchObject({ interfaceIndex: 1, version: name === 'IPv4' ? 4 : 6 });
      expect([given?.source, given?.destination]).toEqual([asPacket(first).source, asPacket(first).destination]);
      expect(given?.protocol).toBe(name === 'IPv4' ? 1 : 58);
      expect(to.expire(1e6)).toBeNull();
      expect([to.size, to.memoryBytes, to.counters.reassemblyTimeouts]).toEqual([0, 0, 1]);
    });

    test('RFC 792: without the first fragment nobody is told', () => {
      const to = new Reassembly(HASH);
      give(to, build({ data: counted(8), from: 16, more: true, id: 1 }), 0);
      give(to, build({ data: counted(8), from: 0, more: true, id: 2 }), 1);
      expect(to.expire(lifeMs + 1)?.end).toBe(name === 'IPv4' ? 28 : 56);
      expect([to.expire(lifeMs + 1), to.counters.reassemblyTimeouts]).toEqual([null, 2]);
    });
  });

  test(`${FRAGMENTS_MAX} fragments are kept, and one more ends the datagram`, () => {
    const to = new Reassembly(HASH);
    for (let i = 1; i <= FRAGMENTS_MAX; i++) give(to, build({ data: counted(8), from: 8 * i, more: true }));
    expect(to.size).toBe(1);
    give(to, build({ data: counted(8), from: 8 * (FRAGMENTS_MAX + 1), more: true }));
    expect([to.counters.fragmentsTooMany, to.size, to.memoryBytes]).toEqual([1, 0, 0]);
  });
});

describe('IPv4', () => {
  test('the whole has the header of the first, its options too, with the length and the checksum of the whole', () => {
    const plain = fragment4({ data: counted(8), from: 0, more: true });
    const first = new Uint8Array([...plain.subarray(0, 20), 1, 1, 1, 0, ...plain.subarray(20)]);
    first[0] = 0x46;
    first[3] = first.length;
    const to = new Reassembly(HASH);
    give(to, fragment4({ data: counted(5), from: 8, more: false }));
    expect(give(to, first)).toBe('whole');
    const whole = wholeOf(to);
    expect(checkIpv4(whole, 0, whole.length)).toBeNull();
    expect([whole.length, whole[0], whole[3], whole[6], whole[7]]).toEqual([37, 0x46, 37, 0, 0]);
    expect(whole.subarray(24)).toEqual(new Uint8Array([...counted(8), ...counted(5)]));
  });

  test('protocols are told apart (RFC 791 §3.2), and what does not fill 8 bytes is cut off, as Linux does it', () => {
    const to = new Reassembly(HASH);
    give(to, fragment4({ data: counted(11), from: 0, more: true }));
    expect(give(to, fragment4({ data: counted(4), from: 8, more: false, protocol: 17 }))).toBe('held');
    expect(give(to, fragment4({ data: counted(4), from: 8, more: false }))).toBe('whole');
    expect(to.whole.length).toBe(32);
  });

  test('65,535 bytes are a packet, one more is none ("ping of death")', () => {
    const to = new Reassembly(HASH);
    give(to, fragment4({ data: counted(65_504), from: 0, more: true }));
    give(to, fragment4({ data: counted(12), from: 65_504, more: false }));
    expect([to.counters.fragmentsTooFar, to.size]).toEqual([1, 1]);
    expect(give(to, fragment4({ data: counted(11), from: 65_504, more: false }))).toBe('whole');
    expect(to.whole.length).toBe(65_535);
    expect(checkIpv4(to.whole, 0, to.whole.length)).toBeNull();
  });

  test('the options of the first can make the whole too long, when it comes last', () => {
    const plain = fragment4({ data: counted(8), from: 0, more: true });
    const first = new Uint8Array([...plain.subarray(0, 20), 1, 1, 1, 0, ...plain.subarray(20)]);
    first[0] = 0x46;
    first[3] = first.length;
    const to = new Reassembly(HASH);
    give(to, fragment4({ data: counted(65_504 - 8), from: 8, more: true }));
    give(to, fragment4({ data: counted(11), from: 65_504, more: false }));
    expect([give(to, first), to.counters.fragmentsTooFar, to.size]).toEqual(['held', 1, 0]);
  });
});

describe('IPv6', () => {
  test('RFC 8200 §4.5: the fragment header is gone, and what named it names what it named', () => {
    const to = new Reassembly(HASH);
    give(to, fragment6({ data: counted(8), from: 0, more: true, protocol: 17 }));
    // "The Next Header values in the Fragment headers of different fragments ... may differ": the first counts.
    expect(give(to, fragment6({ data: counted(5), from: 8, more: false, protocol: 6 }))).toBe('whole');
    const whole = wholeOf(to);
    expect([whole.length, whole[5], whole[6]]).toEqual([53, 13, 17]);
  });

  test('RFC 8200 §4.5: headers before the fragment header stay', () => {
    const between = Uint8Array.of(44, 0, 1, 4, 0, 0, 0, 0);
    const behindOptions = (fields: FragmentFields): Uint8Array => {
      const plain = fragment6(fields);
      const bytes = new Uint8Array([...plain.subarray(0, 40), ...between, ...plain.subarray(40)]);
      bytes[5] = bytes.length - 40;
      bytes[6] = 60;
      return bytes;
    };
    const to = new Reassembly(HASH);
    to.takeIpv6(0, asPacket(behindOptions({ data: counted(8), from: 0, more: true })), 48, 40, true);
    to.takeIpv6(0, asPacket(behindOptions({ data: counted(3), from: 8, more: false })), 48, 40, true);
    expect([...wholeOf(to).subarray(40)]).toEqual([58, 0, 1, 4, 0, 0, 0, 0, ...counted(8), ...counted(3)]);
  });

  test('RFC 8200 §4.5: a length that is no multiple of 8 is told, with the place of the payload length', () => {
    const to = new Reassembly(HASH);
    expect(give(to, fragment6({ data: counted(9), from: 0, more: true }))).toBe('problem');
    expect([to.problemCode, to.pointer, to.counters.fragmentsBad, to.size]).toEqual([0, 4, 1, 0]);
  });

  test('RFC 8200 §4.5: more than 65,535 bytes are told, with the place of the fragment offset', () => {
    const to = new Reassembly(HASH);
    expect(give(to, fragment6({ data: counted(8), from: 65_528, more: true }))).toBe('problem');
    expect([to.problemCode, to.pointer, to.counters.fragmentsTooFar, to.size]).toEqual([0, 42, 1, 0]);
    expect(give(to, fragment6({ data: counted(7), from: 65_528, more: false }))).toBe('held');
    expect(to.size).toBe(1);
  });

  test('RFC 8200 §4.5, RFC 7112 §5: a first fragment without all headers is told, code 3', () => {
    const to = new Reassembly(HASH);
    expect(give(to, fragment6({ data: counted(8), from: 0, more: true }), 0, false)).toBe('problem');
    expect([to.problemCode, to.pointer, to.size]).toEqual([3, 0, 0]);
    expect(give(to, fragment6({ data: counted(8), from: 8, more: true }), 0, false)).toBe('held');
  });

  test('to an address of the link, interfaces are told apart', () => {
    const to = new Reassembly(HASH);
    for (const [first, kept] of [
      [0xfd00_0000, 0],
      [0xfe80_0000, 2],
      [0xff02_0000, 4],
    ] as const) {
      for (const [interfaceIndex, from] of [
        [1, 0],
        [2, 8],
      ] as const) {
        const packet = asPacket(fragment6({ data: counted(8), from, more: from === 0 }), interfaceIndex);
        packet.destination.w0 = first | 0;
        to.takeIpv6(0, packet, 40, 6, true);
      }
      expect(to.size).toBe(kept);
    }
  });
});

describe('bounds', () => {
  test('of one source 64 datagrams wait; then its oldest goes, and no other source notices', () => {
    const to = new Reassembly(HASH);
    give(to, fragment4({ data: counted(8), from: 0, more: true, id: 0 }, PEER + 1));
    for (let id = 0; id <= DATAGRAMS_PER_SOURCE_MAX; id++) {
      give(to, fragment4({ data: counted(8), from: 0, more: true, id }));
    }
    expect([to.size, to.counters.reassemblyEvictions]).toEqual([DATAGRAMS_PER_SOURCE_MAX + 1, 1]);
    expect(give(to, fragment4({ data: counted(8), from: 8, more: false, id: 1 }))).toBe('whole');
    expect(give(to, fragment4({ data: counted(8), from: 8, more: false, id: 0 }, PEER + 1))).toBe('whole');
    expect(give(to, fragment4({ data: counted(8), from: 8, more: false, id: 0 }))).toBe('held');
  });

  test('one source takes a quarter of the memory, its newest datagram always among it', () => {
    const to = new Reassembly(HASH);
    for (let id = 0; id < 40; id++) {
      give(to, fragment6({ data: counted(60_000), from: 0, more: true, id }));
      expect(to.memoryBytes).toBeLessThanOrEqual(REASSEMBLY_MEMORY_MAX_BYTES * REASSEMBLY_SOURCE_PART);
    }
    expect(to.size).toBe(17);
    expect(give(to, fragment6({ data: counted(1), from: 60_000, more: false, id: 39 }))).toBe('whole');
  });

  test('a datagram that grows does not push itself out while its source has others', () => {
    const to = new Reassembly(HASH);
    give(to, fragment4({ data: counted(10_000), from: 0, more: true, id: 0 }));
    for (let id = 1; id <= 17; id++) give(to, fragment4({ data: counted(60_000), from: 0, more: true, id }));
    expect([to.size, to.counters.reassemblyEvictions]).toEqual([18, 0]);
    give(to, fragment4({ data: counted(8000), from: 10_000, more: true, id: 0 }));
    expect([to.size, to.counters.reassemblyEvictions]).toEqual([17, 1]);
    expect(give(to, fragment4({ data: counted(1), from: 18_000, more: false, id: 0 }))).toBe('whole');
  });

  test('a flood of halves from everywhere stays below 4 MiB, and the oldest of both families go first', () => {
    const to = new Reassembly(HASH);
    give(to, fragment6({ data: counted(8), from: 0, more: true }), 0);
    give(to, fragment4({ data: counted(8), from: 0, more: true }, 1), 1);
    for (let i = 0; i < 12_000; i++) {
      give(to, fragment4({ data: counted(8), from: 0, more: true, id: 1 }, 0x0b00_0000 + i), 2 + i / 1000);
    }
    expect(to.memoryBytes).toBeLessThanOrEqual(REASSEMBLY_MEMORY_MAX_BYTES);
    expect(to.memoryBytes).toBeGreaterThan(REASSEMBLY_MEMORY_MAX_BYTES - 2000);
    expect(to.size + to.counters.reassemblyEvictions).toBe(12_002);
    expect(to.nextDeadlineMs()).toBeGreaterThan(IPV4_REASSEMBLY_MS + 2);
    // An honest datagram passes meanwhile.
    give(to, fragment6({ data: counted(8), from: 0, more: true, id: 5 }), 20);
    expect(give(to, fragment6({ data: counted(8), from: 8, more: false, id: 5 }), 20)).toBe('whole');
    for (let left = to.expire(1e9); left !== null; left = to.expire(1e9)) expect(left.end).toBe(28);
    expect([to.size, to.sources, to.memoryBytes, to.nextDeadlineMs()]).toEqual([0, 0, 0, Infinity]);
  });

  test('its bounds can be set', () => {
    const to = new Reassembly(HASH, { reassemblyMs: 5, reassemblyIpv6Ms: 7, reassemblyMemoryBytes: 8000 });
    give(to, fragment4({ data: counted(8), from: 0, more: true }), 0);
    expect(to.nextDeadlineMs()).toBe(5);
    give(to, fragment6({ data: counted(8), from: 0, more: true }), 1);
    give(to, fragment6({ data: counted(8), from: 0, more: true, id: 8 }), 3);
    expect([to.expire(5)?.version, to.nextDeadlineMs(), to.size]).toEqual([4, 8, 2]);
    give(to, fragment6({ data: counted(8), from: 0, more: true, id: 9 }), 5);
    expect([to.nextDeadlineMs(), to.size, to.counters.reassemblyEvictions]).toEqual([10, 2, 1]);
  });

  test('what was put together stays as it is when the next one comes', () => {
    const to = new Reassembly(HASH);
    const pair = (id: number, byte: number): void => {
      give(to, fragment4({ data: new Uint8Array(8).fill(byte), from: 0, more: true, id }));
      give(to, fragment4({ data: new Uint8Array(8).fill(byte), from: 8, more: false, id }));
    };
    pair(1, 0xaa);
    const kept = to.whole;
    pair(2, 0xbb);
    expect([kept[20], kept[35], to.whole[20]]).toEqual([0xaa, 0xaa, 0xbb]);
  });

  test('sources that meet in one hash are told apart', () => {
    const to = new Reassembly({ of: () => 1 });
    give(to, fragment4({ data: counted(8), from: 0, more: true }, ipv4Address(1).w3));
    expect(give(to, fragment4({ data: counted(8), from: 8, more: false }))).toBe('held');
    give(to, fragment6({ data: counted(8), from: 0, more: true }));
    expect(give(to, fragment6({ data: counted(8), from: 8, more: false }, new IpAddress(1)))).toBe('held');
    expect(to.size).toBe(4);
    const mapped = asPacket(fragment6({ data: counted(8), from: 8, more: false, protocol: 1 }));
    setAddress(mapped.source, ipv4Address(PEER));
    setAddress(mapped.destination, ipv4Address(OURS));
    give(to, fragment4({ data: counted(8), from: 0, more: true, protocol: 0 }));
    expect(to.takeIpv6(0, mapped, 40, 6, true)).toBe('held');
  });

  test('whatever fragments come, the memory that is counted is that of what waits, and it all comes back', () => {
    const part = fc.record({
      six: fc.boolean(),
      id: fc.nat(3),
      unit: fc.nat(6),
      length: fc.nat(30),
      more: fc.boolean(),
      ms: fc.nat(20_000),
    });
    holds(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const to = new Reassembly(HASH);
        let nowMs = 0;
        for (const { six, id, unit, length, more, ms } of parts) {
          nowMs += ms;
          while (to.expire(nowMs) !== null);
          give(to, (six ? fragment6 : fragment4)({ data: counted(length), from: unit * 8, more, id }), nowMs);
          expect(to.memoryBytes === 0).toBe(to.size === 0);
          expect(to.nextDeadlineMs()).toBeGreaterThan(nowMs);
        }
        while (to.expire(nowMs + IPV6_REASSEMBLY_MS) !== null);
        expect([to.size, to.memoryBytes]).toEqual([0, 0]);
      }),
    );
  });
});
