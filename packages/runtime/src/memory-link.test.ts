/** What the in-memory link does beyond the suite of all links. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { finishPacket } from '@tcpstack/wire/finish';
import { expect, test } from 'vitest';
import { fill, numberedPacket, packetsOf, until } from '../test/link-compliance.ts';
import { createMemoryLinkPair } from './memory-link.ts';

/** A batch with one packet whose checksum was left to the link. */
function partialBatch(packet: Uint8Array, segmentBytes: number): PacketBatch {
  const batch = new PacketBatch();
  batch.arena.set(packet, batch.reserve(packet.length));
  batch.commit(packet.length, PKT_CSUM_PARTIAL, segmentBytes);
  return batch;
}

test('packetsPerDelivery bounds what one turn hands over', async () => {
  const [a, b] = createMemoryLinkPair({ packetsPerDelivery: 3 });
  const sizes: number[] = [];
  b.start((batch) => sizes.push(batch.count));
  a.transmit(
    fill(
      new PacketBatch(),
      Array.from({ length: 8 }, (_, i) => numberedPacket(i, 64)),
    ),
  );
  expect(sizes).toEqual([]);
  await until(() => sizes.length === 3, 'three deliveries');
  expect(sizes).toEqual([3, 3, 2]);
});

test('packets beyond the queue are dropped and counted; the ones before them arrive', async () => {
  const [a, b] = createMemoryLinkPair({ queuePackets: 5 });
  const came: Uint8Array[] = [];
  b.start((batch) => came.push(...packetsOf(batch)));
  const packets = Array.from({ length: 8 }, (_, i) => numberedPacket(i, 64));
  a.transmit(fill(new PacketBatch(), packets));
  expect(a.stats.sendDrops).toBe(3);
  await until(() => came.length === 5, 'five packets');
  expect(came).toEqual(packets.slice(0, 5));
});

test('a packet beyond the MTU is dropped and counted', () => {
  const [a] = createMemoryLinkPair({ mtuBytes: 100 });
  a.transmit(fill(new PacketBatch(), [numberedPacket(1, 101)]));
  expect(a.stats).toMatchObject({ sentPackets: 0, sendDrops: 1 });
});

test('trusted: a super-segment arrives whole and untouched, with its segment size and its flag', async () => {
  const [a, b] = createMemoryLinkPair({ superSegmentBytes: 65535, checksum: 'trusted' });
  const seen: { packet: Uint8Array; flags: number; segmentBytes: number }[] = [];
  b.start((batch) =>
    seen.push({
      packet: packetsOf(batch)[0] as Uint8Array,
      flags: batch.flagsAt(0),
      segmentBytes: batch.segmentBytesAt(0),
    }),
  );
  a.transmit(partialBatch(numberedPacket(1, 60000), 1460));
  await until(() => seen.length === 1, 'the super-segment');
  expect(seen).toEqual([{ packet: numberedPacket(1, 60000), flags: PKT_CSUM_PARTIAL, segmentBytes: 1460 }]);
});

test('offload: the link completes the checksum, and no longer says that it is partial', async () => {
  const [a, b] = createMemoryLinkPair({ checksum: 'offload' });
  const seen: { packet: Uint8Array; flags: number }[] = [];
  b.start((batch) => seen.push({ packet: packetsOf(batch)[0] as Uint8Array, flags: batch.flagsAt(0) }));
  a.transmit(partialBatch(numberedPacket(1, 333), 0));
  await until(() => seen.length === 1, 'the packet');
  const finished = numberedPacket(1, 333);
  expect(finishPacket(finished, 0, 333)).toBe(true);
  expect(finished).not.toEqual(numberedPacket(1, 333));
  expect(seen).toEqual([{ packet: finished, flags: 0 }]);
});

test('what was sent before the other end started is delivered when it starts', async () => {
  const [a, b] = createMemoryLinkPair();
  a.transmit(fill(new PacketBatch(), [numberedPacket(1, 64)]));
  let count = 0;
  b.start((batch) => {
    count += batch.count;
  });
  await until(() => count === 1, 'the packet');
});

test('options out of range are refused, super-segments with software checksums too', () => {
  expect(() => createMemoryLinkPair({ mtuBytes: 67 })).toThrow(RangeError);
  expect(() => createMemoryLinkPair({ superSegmentBytes: 65535 })).toThrow(RangeError);
  expect(() => createMemoryLinkPair({ packetsPerDelivery: 0 })).toThrow(RangeError);
});
