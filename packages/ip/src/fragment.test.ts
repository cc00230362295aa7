/** Packets cut to the size of their way: what each fragment says, and that together they are the packet again. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { decodePacket } from '@tcpstack/wire/decode';
import { IPV4_DF, writeIpv4 } from '@tcpstack/wire/ipv4';
import { writeIpv6 } from '@tcpstack/wire/ipv6';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asPacket, OURS6, PEER6 } from '../test/fragments.ts';
import { HASH } from '../test/hash.ts';
import { holds } from '../test/holds.ts';
import { OURS, PEER } from '../test/packets.ts';
import { fragmentInto } from './fragment.ts';
import { Reassembly } from './reassembly.ts';

function packet4(length: number, word = 0): Uint8Array {
  const bytes = Uint8Array.from({ length: 20 + length }, (_, i) => i * 7 + (i >> 8));
  writeIpv4(bytes, 0, bytes.length, 17, PEER, OURS, 77, word, 61, 0xb8);
  return bytes;
}

function packet6(length: number): Uint8Array {
  const bytes = Uint8Array.from({ length: 40 + length }, (_, i) => i * 7 + (i >> 8));
  writeIpv6(bytes, 0, bytes.length, 17, PEER6, OURS6, 61, 0xb8, 0x12345);
  return bytes;
}

function batchOf(arenaBytes = 256 * 1024, capacityPackets = 2000): PacketBatch {
  return new PacketBatch({ arenaBytes, capacityPackets });
}

function packetsOf(batch: PacketBatch): Uint8Array[] {
  return Array.from({ length: batch.count }, (_, i) =>
    batch.arena.slice(batch.offsetAt(i), batch.offsetAt(i) + batch.lengthAt(i)),
  );
}

describe.each([
  ['IPv4', packet4, 68],
  ['IPv6', packet6, 1280],
] as const)('%s', (name, build, leastMtu) => {
  test('RFC 791 §3.2, RFC 8200 §4.5: fragments fit the way, all but the last are multiples of 8, and make the packet again', () => {
    holds(
      fc.property(fc.integer({ min: leastMtu, max: 9000 }), fc.nat(60_000), fc.boolean(), (mtu, extra, backwards) => {
        const whole = build(Math.min(mtu + 1 + extra, 65_515));
        const batch = batchOf();
        expect(fragmentInto(batch, whole, 0, whole.length, mtu, 0x0102_0304)).toBe(true);
        const parts = packetsOf(batch);
        const to = new Reassembly(HASH);
        const verdicts = (backwards ? parts.toReversed() : parts).map((bytes) => {
          expect(bytes.length).toBeLessThanOrEqual(mtu);
          expect(decodePacket(bytes).fault?.layer).not.toBe(name === 'IPv4' ? 'ipv4' : 'ipv6');
          const packet = asPacket(bytes);
          return name === 'IPv4' ? to.takeIpv4(0, packet) : to.takeIpv6(0, packet, 40, 6, true);
        });
        expect(verdicts.filter((verdict) => verdict === 'whole')).toHaveLength(1);
        expect(verdicts[verdicts.length - 1]).toBe('whole');
        expect(to.whole).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  test('no fragment where not all of them have room: of bytes, of packets', () => {
    const whole = build(6100);
    const bytes = batchOf(5000);
    expect([fragmentInto(bytes, whole, 0, whole.length, 1280, 1), bytes.count]).toEqual([false, 0]);
    const few = batchOf(100_000, 4);
    expect([fragmentInto(few, whole, 0, whole.length, 1280, 1), few.count]).toEqual([false, 0]);
    const enough = batchOf(100_000, 5);
    expect([fragmentInto(enough, whole, 0, whole.length, 1280, 1), enough.count]).toEqual([true, 5]);
  });

  test('a way that carries no 8 bytes of data carries none', () => {
    const whole = build(100);
    const batch = batchOf();
    for (const mtu of [8, name === 'IPv4' ? 27 : 55]) {
      expect([fragmentInto(batch, whole, 0, whole.length, mtu, 1), batch.count]).toEqual([false, 0]);
    }
    expect(fragmentInto(batch, whole, 0, whole.length, name === 'IPv4' ? 28 : 56, 1)).toBe(true);
  });
});

test('RFC 791 §3.2: the header of every fragment is that of the packet, but for length, flags, offset and checksum', () => {
  const batch = batchOf();
  const arena = new Uint8Array([9, 9, 9, ...packet4(3000), 9, 9]);
  expect(fragmentInto(batch, arena, 3, arena.length - 2, 1500, 0)).toBe(true);
  const headers = packetsOf(batch).map((bytes) => decodePacket(bytes).ipv4);
  const same = { ttl: 61, tos: 0xb8, protocol: 17, identification: 77, dontFragment: false, checksumValid: true };
  expect(headers).toMatchObject([
    { ...same, totalLengthBytes: 1500, fragmentOffsetBytes: 0, moreFragments: true },
    { ...same, totalLengthBytes: 1500, fragmentOffsetBytes: 1480, moreFragments: true },
    { ...same, totalLengthBytes: 60, fragmentOffsetBytes: 2960, moreFragments: false },
  ]);
});

test('RFC 8200 §4.5: the fragment header names what the packet carries, the same identification, offset and M', () => {
  const batch = batchOf();
  const whole = packet6(3000);
  expect(fragmentInto(batch, whole, 0, whole.length, 1500, 0xdead_beef | 0)).toBe(true);
  const headers = packetsOf(batch).map((bytes) => decodePacket(bytes).ipv6);
  const same = { nextHeader: 44, protocol: 17, hopLimit: 61, trafficClass: 0xb8, flowLabel: 0x12345 };
  expect(headers).toMatchObject([
    { ...same, totalLengthBytes: 1496, fragment: { offsetBytes: 0, moreFragments: true } },
    { ...same, totalLengthBytes: 1496, fragment: { offsetBytes: 1448, moreFragments: true } },
    { ...same, totalLengthBytes: 152, fragment: { offsetBytes: 2896, moreFragments: false } },
  ]);
  expect(headers.map((header) => header?.fragment?.identification)).toEqual(Array(3).fill(0xdead_beef));
});

test('RFC 791 §3.2: what must not be cut is not cut', () => {
  const batch = batchOf();
  const whole = packet4(3000, IPV4_DF);
  expect([fragmentInto(batch, whole, 0, whole.length, 1500, 0), batch.count]).toEqual([false, 0]);
});

test('RFC 791 §3.1: options that are not to be copied stand in the first fragment only', () => {
  const plain = packet4(100);
  // A record route (7), which is not copied, a no-operation, and a source route (131), which is.
  const options = [7, 7, 4, 0, 0, 0, 0, 1, 131, 3, 4, 0];
  const whole = new Uint8Array([...plain.subarray(0, 20), ...options, ...plain.subarray(20)]);
  whole[0] = 0x48;
  whole[3] = whole.length;
  const batch = batchOf();
  expect(fragmentInto(batch, whole, 0, whole.length, 96, 0)).toBe(true);
  const parts = packetsOf(batch).map((bytes) => [...bytes.subarray(20, 32)]);
  expect(parts).toEqual([options, [1, 1, 1, 1, 1, 1, 1, 1, 131, 3, 4, 0]]);
  for (const bytes of packetsOf(batch)) expect(decodePacket(bytes).ipv4?.checksumValid).toBe(true);
});
