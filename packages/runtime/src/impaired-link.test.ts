/** An impaired link is exactly as bad as it was told to be, and the same way each time. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { expect, test } from 'vitest';
import { fill, numberedPacket, packetsOf, until } from '../test/link-compliance.ts';
import { type ImpairedLink, type Impairments, impairLink } from './impaired-link.ts';
import { createMemoryLinkPair } from './memory-link.ts';

function identifications(packets: readonly Uint8Array[]): number[] {
  return packets.map((packet) => ((packet[4] as number) << 8) | (packet[5] as number));
}

/** Sends `count` packets out of, or into, an impaired link; returns their numbers as they came through. */
async function pass(
  count: number,
  impairments: Impairments,
  way: 'in' | 'out' = 'out',
): Promise<{ order: number[]; link: ImpairedLink }> {
  const [end, world] = createMemoryLinkPair();
  const link = impairLink(end, impairments);
  const came: Uint8Array[] = [];
  const [from, to] = way === 'out' ? [link, world] : [world, link];
  to.start((batch) => came.push(...packetsOf(batch)));
  from.start(() => {});
  const batch = new PacketBatch();
  for (let i = 0; i < count; i += 50) {
    from.transmit(
      fill(
        batch,
        Array.from({ length: Math.min(50, count - i) }, (_, k) => numberedPacket(i + k, 64)),
      ),
    );
  }
  const lane = link.impaired[way];
  const expected = (): number => {
    const { lost, duplicated, overflowed } = link.impaired[way];
    return count - lost + duplicated - overflowed;
  };
  await until(() => lane !== null && came.length > 0 && came.length >= expected(), 'all packets');
  await link.close();
  await world.close();
  return { order: identifications(came), link };
}

const WORST: Impairments = { seed: 42, lossPercent: 10, duplicatePercent: 5, reorderPercent: 5 };

test('the same seed and traffic give the same fates', async () => {
  const first = await pass(1000, WORST);
  const again = await pass(1000, WORST);
  expect(again.order).toEqual(first.order);
  expect(again.link.impaired).toEqual(first.link.impaired);
  const other = await pass(1000, { ...WORST, seed: 43 });
  expect(other.order).not.toEqual(first.order);
});

test.each(['in', 'out'] as const)('loss and duplication hit about as many packets as asked, going %s', async (way) => {
  const { order, link } = await pass(4000, { seed: 7, lossPercent: 20, duplicatePercent: 10 }, way);
  const { lost, duplicated } = link.impaired[way];
  expect(lost).toBeGreaterThan(700);
  expect(lost).toBeLessThan(900);
  expect(duplicated).toBeGreaterThan(240);
  expect(duplicated).toBeLessThan(400);
  expect(new Set(order).size).toBe(4000 - lost);
  expect(order.length).toBe(4000 - lost + duplicated);
});

test('a reordered packet is overtaken by exactly as many as asked', async () => {
  const { order, link } = await pass(1000, { seed: 3, reorderPercent: 2, reorderPackets: 4 });
  expect(order.length).toBe(1000);
  expect(link.impaired.out.reordered).toBeGreaterThan(5);
  const late = order.filter((number, place) => place > 0 && number < (order[place - 1] as number));
  expect(late.length).toBeGreaterThan(5);
  for (const number of late) {
    const before = order.slice(0, order.indexOf(number));
    expect(before.filter((other) => other > number).length).toBeGreaterThanOrEqual(3);
    expect(before.filter((other) => other > number).length).toBeLessThanOrEqual(4);
  }
});

test('one direction alone can be impaired', async () => {
  const { order } = await pass(200, { seed: 1, lossPercent: 100, directions: 'in' }, 'out');
  expect(order.length).toBe(200);
});

test('delayed packets keep their order and arrive late, not early', async () => {
  const startMs = performance.now();
  const { order } = await pass(100, { seed: 1, delayMs: 12 });
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(12);
  expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test('packets beyond the queue are lost and counted', async () => {
  const { order, link } = await pass(100, { seed: 1, delayMs: 5, queuePackets: 10 });
  expect(order.length).toBe(10);
  expect(link.impaired.out.overflowed).toBe(90);
});

test('a percentage beyond 100 is refused', () => {
  const [end] = createMemoryLinkPair();
  expect(() => impairLink(end, { seed: 1, lossPercent: 101 })).toThrow(RangeError);
});
