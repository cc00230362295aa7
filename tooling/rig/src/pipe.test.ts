/** What a bad network does with each packet, in virtual time. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { checkIpv4, tos, writeIpv4 } from '@tcpstack/wire/ipv4';
import { describe, expect, test } from 'vitest';
import { Pipe } from './pipe.ts';
import type { Way } from './way.ts';

const PACKET_BYTES = 1000;
const NUMBER_AT = 20;
/** Takes one packet at a time, so that each is seen when it is due. */
const batch = new PacketBatch({ capacityPackets: 1, arenaBytes: 4096 });

/** A packet that knows its number. */
function packet(number: number, tosByte = 0): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES);
  writeIpv4(bytes, 0, PACKET_BYTES, 6, 1, 2, 0, 0, 64, tosByte);
  new DataView(bytes.buffer).setUint32(NUMBER_AT, number);
  return bytes;
}

/** What comes out until `endMs`: the number of each packet, and when it was due. */
function drain(pipe: Pipe, endMs: number): { number: number; atMs: number; bytes: Uint8Array }[] {
  const out: { number: number; atMs: number; bytes: Uint8Array }[] = [];
  for (let atMs = pipe.nextDueMs; atMs <= endMs && atMs < Infinity; atMs = pipe.nextDueMs) {
    pipe.moveDue(atMs, batch);
    const at = batch.offsetAt(0);
    const bytes = batch.arena.slice(at, at + batch.lengthAt(0));
    out.push({ number: new DataView(bytes.buffer).getUint32(NUMBER_AT), atMs, bytes });
    batch.clear();
  }
  return out;
}

/** All that comes out of `count` packets, one a millisecond. */
function through(way: Way, count: number, tosByte = 0): ReturnType<typeof drain> {
  const pipe = new Pipe(way);
  const out: ReturnType<typeof drain> = [];
  for (let i = 0; i < count; i++) {
    out.push(...drain(pipe, i));
    pipe.add(i, packet(i, tosByte), 0, PACKET_BYTES);
  }
  return [...out, ...drain(pipe, Infinity)];
}

const numbers = (out: ReturnType<typeof drain>): number[] => out.map(({ number }) => number);

describe('a pipe', () => {
  test('that is perfect gives every packet at once and unchanged', () => {
    const out = through({ seed: 1 }, 100);
    expect(out.map(({ number, atMs }) => [number, atMs])).toEqual(Array.from({ length: 100 }, (_, i) => [i, i]));
    expect(out[7]?.bytes).toEqual(packet(7));
  });

  test('delays', () => {
    expect(through({ seed: 1, delayMs: 25.5 }, 3).map(({ atMs }) => atMs)).toEqual([25.5, 26.5, 27.5]);
  });

  test('passes no more than its rate, and drops what its queue does not hold', () => {
    const pipe = new Pipe({ seed: 1, mbitPerSecond: 8, bufferBytes: 3 * PACKET_BYTES, delayMs: 10 });
    for (let i = 0; i < 5; i++) pipe.add(0, packet(i), 0, PACKET_BYTES);
    pipe.add(1.5, packet(5), 0, PACKET_BYTES);
    expect(drain(pipe, Infinity).map(({ number, atMs }) => [number, atMs])).toEqual([
      [0, 11],
      [1, 12],
      [2, 13],
      [5, 14],
    ]);
    expect(pipe.stats).toMatchObject({ arrived: 6, overflowed: 2, passed: 4 });
  });

  test('loses about the share that it is told, the same packets for the same seed', () => {
    const lossy = numbers(through({ seed: 7, lossPercent: 5 }, 4000));
    expect(4000 - lossy.length).toBeGreaterThan(150);
    expect(4000 - lossy.length).toBeLessThan(250);
    expect(numbers(through({ seed: 7, lossPercent: 5 }, 4000))).toEqual(lossy);
    expect(numbers(through({ seed: 8, lossPercent: 5 }, 4000))).not.toEqual(lossy);
  });

  test('loses the same packets whatever else it does to others', () => {
    const lossy = numbers(through({ seed: 7, lossPercent: 5 }, 1000));
    const all = numbers(through({ seed: 7, lossPercent: 5, duplicatePercent: 9, reorderPercent: 9 }, 1000));
    expect([...new Set(all)].sort((a, b) => a - b)).toEqual(lossy);
  });

  test('lets others overtake a packet, and forgets none', () => {
    const out = numbers(through({ seed: 3, reorderPercent: 10, reorderMs: 2.5 }, 1000));
    const overtaken = out.filter((number, i) => number < (out[i - 1] ?? -1));
    expect(overtaken.length).toBeGreaterThan(50);
    expect(out.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  test('repeats packets', () => {
    const pipe = new Pipe({ seed: 1, duplicatePercent: 100 });
    pipe.add(0, packet(1), 0, PACKET_BYTES);
    expect(numbers(drain(pipe, 0))).toEqual([1, 1]);
  });

  test.each([0b01, 0b10])(
    'marks the congestion on a transport that understands it (ECN bits %i), RFC 3168 §5',
    (ecn) => {
      const [out] = through({ seed: 1, markPercent: 100 }, 1, 0b1011_1000 | ecn);
      const bytes = out?.bytes ?? new Uint8Array();
      expect(tos(bytes, 0)).toBe(0b1011_1011);
      expect(checkIpv4(bytes, 0, bytes.length)).toBe(null);
    },
  );

  test('marks nothing on one that does not (RFC 3168 §5)', () => {
    const [out] = through({ seed: 1, markPercent: 100 }, 1, 0b1011_1000);
    expect(out?.bytes).toEqual(packet(0, 0b1011_1000));
  });

  test('says when it is too small to hold what is on its way', () => {
    const pipe = new Pipe({ seed: 1, delayMs: 1000 });
    for (let i = 0; i < 10_000; i++) pipe.add(0, packet(i), 0, PACKET_BYTES);
    expect(pipe.stats.refused).toBeGreaterThan(0);
    expect(pipe.stats.refused + drain(pipe, Infinity).length).toBe(10_000);
  });
});
