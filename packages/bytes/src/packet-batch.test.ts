/** The packet batch against a list of packets, and its promises about room, headroom and alignment. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { AssertionError } from './assert.ts';
import { PacketBatch, PKT_CSUM_PARTIAL, PKT_CSUM_VALID } from './packet-batch.ts';

interface Packet {
  readonly length: number;
  readonly reserved: number;
  readonly flags: number;
  readonly segmentBytes: number;
}

const packet: fc.Arbitrary<Packet> = fc
  .record({
    length: fc.nat(300),
    slack: fc.nat(100),
    flags: fc.constantFrom(0, PKT_CSUM_VALID, PKT_CSUM_PARTIAL),
    segmentBytes: fc.constantFrom(0, 1460),
  })
  .map(({ slack, ...rest }) => ({ ...rest, reserved: rest.length + slack }));

/** Adds packet `i`, every byte of it `i`; false when there is no room. */
function add(batch: PacketBatch, { length, reserved, flags, segmentBytes }: Packet, i: number): boolean {
  if (!batch.hasRoom(reserved)) return false;
  const at = batch.reserve(reserved);
  batch.arena.fill(0xee, at - batch.headroomBytes, at);
  batch.arena.fill(i, at, at + length);
  batch.commit(length, flags, segmentBytes);
  return true;
}

/** Which of the packets find room, told without the batch: the index of each. */
function thatFit(packets: readonly Packet[], headroomBytes: number): number[] {
  const kept: number[] = [];
  let tail = 0;
  packets.forEach(({ length, reserved }, i) => {
    const start = Math.ceil((tail + headroomBytes) / 8) * 8;
    if (kept.length === 12 || start + reserved > 2048) return;
    kept.push(i);
    tail = start + length;
  });
  return kept;
}

test('packets come back as they were put in, apart, aligned to 8 bytes, each behind its headroom', () => {
  holds(
    fc.property(fc.array(packet, { maxLength: 20 }), fc.constantFrom(0, 10, 14), (packets, headroomBytes) => {
      const batch = new PacketBatch({ capacityPackets: 12, arenaBytes: 2048, headroomBytes });
      const kept = thatFit(packets, headroomBytes);
      packets.forEach((one, i) => {
        expect(add(batch, one, i)).toBe(kept.includes(i));
      });
      expect(batch.count).toBe(kept.length);
      let previousEnd = 0;
      kept.forEach((mark, i) => {
        const { length, flags, segmentBytes } = packets[mark] as Packet;
        const at = batch.offsetAt(i);
        expect(at % 8).toBe(0);
        expect(at).toBeGreaterThanOrEqual(previousEnd + headroomBytes);
        expect([batch.lengthAt(i), batch.flagsAt(i), batch.segmentBytesAt(i)]).toEqual([length, flags, segmentBytes]);
        expect(batch.arena.subarray(at, at + length).every((byte) => byte === mark)).toBe(true);
        previousEnd = at + length;
      });
    }),
    { numRuns: 200 },
  );
});

test('a batch has room for 256 packets and 4 MiB when nobody says otherwise', () => {
  const batch = new PacketBatch();
  expect([batch.capacityPackets, batch.arena.length, batch.headroomBytes]).toEqual([256, 4 * 1024 * 1024, 0]);
});

test('a reserve without a commit adds nothing, and gives the same place again', () => {
  const batch = new PacketBatch({ arenaBytes: 1024 });
  const at = batch.reserve(100);
  expect(batch.reserve(50)).toBe(at);
  expect(batch.count).toBe(0);
});

test('clear forgets the packets and starts again at the front', () => {
  const batch = new PacketBatch({ arenaBytes: 1024, headroomBytes: 10 });
  const first = batch.reserve(100);
  batch.commit(100, 0, 0);
  batch.clear();
  expect(batch.count).toBe(0);
  expect(batch.reserve(100)).toBe(first);
});

test('a copied packet is the same in its own memory; one that does not fit changes nothing', () => {
  const from = new PacketBatch({ arenaBytes: 1024 });
  add(from, { length: 20, reserved: 20, flags: PKT_CSUM_VALID, segmentBytes: 7 }, 1);
  add(from, { length: 200, reserved: 200, flags: 0, segmentBytes: 0 }, 2);
  const into = new PacketBatch({ arenaBytes: 128 });
  expect(into.copyFrom(from, 0)).toBe(true);
  expect(into.copyFrom(from, 1)).toBe(false);
  from.arena.fill(0);
  expect(into.count).toBe(1);
  const at = into.offsetAt(0);
  expect(into.arena.subarray(at, at + 20).every((byte) => byte === 1)).toBe(true);
  expect([into.lengthAt(0), into.flagsAt(0), into.segmentBytesAt(0)]).toEqual([20, PKT_CSUM_VALID, 7]);
});

test.each<[string, (batch: PacketBatch) => void]>([
  ['asking for room that is not there', (batch) => batch.reserve(1025)],
  ['committing without a reserve', (batch) => batch.commit(1, 0, 0)],
  [
    'committing twice after one reserve',
    (batch) => {
      batch.reserve(8);
      batch.commit(8, 0, 0);
      batch.commit(8, 0, 0);
    },
  ],
  [
    'committing a packet that ends beyond the arena',
    (batch) => {
      batch.reserve(8);
      batch.commit(1025, 0, 0);
    },
  ],
  [
    'committing a packet of negative length',
    (batch) => {
      batch.reserve(8);
      batch.commit(-1, 0, 0);
    },
  ],
])('%s is a bug of the caller, and asserted', (_, act) => {
  expect(() => act(new PacketBatch({ arenaBytes: 1024 }))).toThrow(AssertionError);
});

test('a packet begins earlier once a header stands in front of it', () => {
  const batch = new PacketBatch({ capacityPackets: 2, arenaBytes: 256, headroomBytes: 14 });
  const at = batch.reserve(10);
  batch.commit(10, 1, 5);
  batch.prepend(0, 14);
  expect([batch.offsetAt(0), batch.lengthAt(0), batch.flagsAt(0), batch.segmentBytesAt(0)]).toEqual([
    at - 14,
    24,
    1,
    5,
  ]);
  expect(() => batch.prepend(0, 15)).toThrow('headroom');
});

test('a packet taken out leaves the others in their order, and its room until the batch is cleared', () => {
  const batch = new PacketBatch({ capacityPackets: 4, arenaBytes: 256 });
  for (const length of [10, 20, 30]) {
    batch.reserve(length);
    batch.commit(length, length, 0);
  }
  const [first, , third] = [0, 1, 2].map((i) => batch.offsetAt(i));
  batch.remove(1);
  expect([batch.count, batch.lengthAt(0), batch.lengthAt(1), batch.flagsAt(1)]).toEqual([2, 10, 30, 30]);
  expect([batch.offsetAt(0), batch.offsetAt(1)]).toEqual([first, third]);
  expect(batch.reserve(1)).toBeGreaterThan(third as number);
  expect(() => batch.remove(2)).toThrow('in the batch');
});
