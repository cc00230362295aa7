/** What a capture shows of the packets that cross a link. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { finishPacket } from '@tcpstack/wire/finish';
import { expect, test } from 'vitest';
import { fill, numberedPacket, until } from '../test/link-compliance.ts';
import { captureLink, pcapngSink } from './capture-link.ts';
import { createMemoryLinkPair } from './memory-link.ts';

test('each packet is shown once, in order, with its direction and a time that does not run back', async () => {
  const [a, b] = createMemoryLinkPair();
  const seen: { nowMs: number; direction: string; bytes: Uint8Array }[] = [];
  const link = captureLink(a, ({ nowMs, direction, bytes }) => seen.push({ nowMs, direction, bytes: bytes.slice() }));
  link.start(() => {});
  b.start(() => {});
  link.transmit(fill(new PacketBatch(), [numberedPacket(1, 64), numberedPacket(2, 65)]));
  b.transmit(fill(new PacketBatch(), [numberedPacket(3, 66)]));
  await until(() => seen.length === 3, 'three packets');
  expect(seen.map(({ direction }) => direction)).toEqual(['out', 'out', 'in']);
  expect(seen.map(({ bytes }) => bytes)).toEqual([numberedPacket(1, 64), numberedPacket(2, 65), numberedPacket(3, 66)]);
  expect((seen[2] as { nowMs: number }).nowMs).toBeGreaterThanOrEqual((seen[0] as { nowMs: number }).nowMs);
});

test('a checksum left to the link is complete in what is shown, and still partial in what is sent', () => {
  const [a] = createMemoryLinkPair({ checksum: 'trusted' });
  const packet = numberedPacket(1, 140);
  const batch = new PacketBatch();
  const at = batch.reserve(140);
  batch.arena.set(packet, at);
  batch.commit(140, PKT_CSUM_PARTIAL, 0);
  let shown = new Uint8Array(0);
  captureLink(a, ({ bytes }) => {
    shown = bytes.slice();
  }).transmit(batch);
  const finished = numberedPacket(1, 140);
  finishPacket(finished, 0, 140);
  expect(shown).toEqual(finished);
  expect(batch.arena.slice(at, at + 140)).toEqual(packet);
  expect(shown).not.toEqual(packet);
});

test('the pcapng sink writes the two first blocks at once and a block for each packet', () => {
  const blocks: Uint8Array[] = [];
  const sink = pcapngSink((bytes) => blocks.push(bytes), { epochMs: 0 });
  expect(blocks.length).toBe(2);
  sink({ nowMs: 1.5, direction: 'out', bytes: numberedPacket(1, 64), segmentBytes: 0 });
  expect(blocks.length).toBe(3);
  const view = new DataView((blocks[2] as Uint8Array).buffer);
  expect(view.getUint32(0, true)).toBe(6);
  expect(view.getUint32(16, true)).toBe(1_500_000); // nanoseconds, low half
  expect(view.getUint32(20, true)).toBe(64);
});

test('frames of a link that carries frames are summed behind their header, and the file says that they are frames', () => {
  const [inner] = createMemoryLinkPair({ checksum: 'trusted', carries: 'ethernet' });
  const frame = new Uint8Array(154);
  frame.set(numberedPacket(1, 140), 14);
  const batch = new PacketBatch();
  batch.arena.set(frame, batch.reserve(154));
  batch.commit(154, PKT_CSUM_PARTIAL, 0);
  let shown = new Uint8Array(0);
  const link = captureLink(inner, ({ bytes }) => {
    shown = bytes.slice();
  });
  expect(link).toMatchObject({ carries: 'ethernet', macAddress: '02:00:00:00:00:01' });
  link.transmit(batch);
  finishPacket(frame, 14, 154);
  expect(shown).toEqual(frame);
  const linkTypes = (['ip', 'ethernet'] as const).map((carries) => {
    const blocks: Uint8Array[] = [];
    pcapngSink((bytes) => blocks.push(bytes), { carries });
    return (blocks[1] as Uint8Array)[8];
  });
  expect(linkTypes).toEqual([101, 1]);
});
