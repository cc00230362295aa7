/** The suite that every Link passes. Call it from a test file with a way to open one. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { PROTOCOL_UDP, writeIpv4 } from '@tcpstack/wire/ipv4';
import { expect, test } from 'vitest';
import type { Link } from '../src/link.ts';

/** A link with the world on its other side. */
export interface LinkUnderTest {
  readonly link: Link;
  /** Makes the world send this IPv4 packet to the link. */
  inject(packet: Uint8Array): void;
  /** Tells of each packet that the link sent into the world; bytes owned by the caller. Called before `start`. */
  onSent(tell: (packet: Uint8Array) => void): void;
  /** Takes the world away. */
  close(): Promise<void>;
}

const WAIT_MS = 2000;

/** A UDP-over-IPv4 packet of `lengthBytes` (28 or more) whose payload tells its number. */
export function numberedPacket(number: number, lengthBytes: number): Uint8Array {
  const packet = new Uint8Array(lengthBytes);
  writeIpv4(packet, 0, lengthBytes, PROTOCOL_UDP, 0x0a4d0001, 0x0a4d0002, number, 0, 64, 0);
  new DataView(packet.buffer).setUint16(24, lengthBytes - 20);
  for (let i = 28; i < lengthBytes; i++) packet[i] = (number + i) & 0xff;
  return packet;
}

/** Fills `batch` with copies of `packets`. */
export function fill(batch: PacketBatch, packets: readonly Uint8Array[]): PacketBatch {
  batch.clear();
  for (const packet of packets) {
    batch.arena.set(packet, batch.reserve(packet.length));
    batch.commit(packet.length, 0, 0);
  }
  return batch;
}

/** Copies of the packets of `batch`. */
export function packetsOf(batch: PacketBatch): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let i = 0; i < batch.count; i++) {
    packets.push(batch.arena.slice(batch.offsetAt(i), batch.offsetAt(i) + batch.lengthAt(i)));
  }
  return packets;
}

/** Waits until `done()`; fails the test after a bounded time. */
export async function until(done: () => boolean, what: string, waitMs = WAIT_MS): Promise<void> {
  const endMs = performance.now() + waitMs;
  while (!done()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/**
 * Declares the tests, in the current `describe`.
 *
 * @param open Opens a fresh link for each test.
 */
export function linkCompliance(open: () => Promise<LinkUnderTest> | LinkUnderTest): void {
  async function withLink(
    run: (under: LinkUnderTest, received: Uint8Array[], sent: Uint8Array[]) => Promise<void>,
  ): Promise<void> {
    const under = await open();
    const received: Uint8Array[] = [];
    const sent: Uint8Array[] = [];
    under.onSent((packet) => sent.push(packet));
    try {
      await run(under, received, sent);
    } finally {
      await under.link.close();
      await under.close();
    }
  }

  function batchFor(link: Link): PacketBatch {
    return new PacketBatch({ headroomBytes: link.headroomBytes, arenaBytes: 2 ** 20 });
  }

  test('its figures are possible: an MTU of 68 or more, sizes that are not negative', () =>
    withLink(async ({ link }) => {
      expect(link.mtuBytes).toBeGreaterThanOrEqual(68);
      expect(link.superSegmentBytes).toBeGreaterThanOrEqual(0);
      expect(link.headroomBytes).toBeGreaterThanOrEqual(0);
      expect(['software', 'offload', 'trusted']).toContain(link.checksum);
    }));

  test('packets that it sends arrive whole and in order, up to the MTU', () =>
    withLink(async ({ link }, _received, sent) => {
      link.start(() => {});
      const packets = [
        numberedPacket(1, 28),
        numberedPacket(2, 29),
        numberedPacket(3, link.mtuBytes),
        numberedPacket(4, 100),
      ];
      link.transmit(fill(batchFor(link), packets));
      await until(() => sent.length >= 4, 'four packets');
      expect(sent).toEqual(packets);
    }));

  test('packets that arrive are delivered whole and in order', () =>
    withLink(async ({ link, inject }, received) => {
      link.start((batch) => received.push(...packetsOf(batch)));
      const packets = Array.from({ length: 50 }, (_, i) => numberedPacket(i, 28 + 7 * i));
      for (const packet of packets) inject(packet);
      await until(() => received.length >= 50, 'fifty packets');
      expect(received).toEqual(packets);
    }));

  test('a batch is borrowed: overwriting it after transmit does not change what was sent', () =>
    withLink(async ({ link }, _received, sent) => {
      link.start(() => {});
      const batch = fill(batchFor(link), [numberedPacket(7, 500)]);
      link.transmit(batch);
      batch.arena.fill(0xff);
      await until(() => sent.length >= 1, 'the packet');
      expect(sent).toEqual([numberedPacket(7, 500)]);
    }));

  test('a receiver never runs inside transmit: what it sends in answer cannot recurse', () =>
    withLink(async ({ link, inject }, received) => {
      let inside = false;
      let nested = false;
      link.start((batch) => {
        if (inside) nested = true;
        received.push(...packetsOf(batch));
      });
      inject(numberedPacket(1, 40));
      inside = true;
      link.transmit(fill(batchFor(link), [numberedPacket(2, 40)]));
      inside = false;
      await until(() => received.length >= 1, 'the packet');
      expect(nested).toBe(false);
    }));

  test('an empty batch is nothing', () =>
    withLink(async ({ link }) => {
      link.start(() => {});
      link.transmit(batchFor(link));
      expect(link.stats.sentPackets).toBe(0);
    }));

  test('counters count packets and bytes, both ways, and the answer does not change afterwards', () =>
    withLink(async ({ link, inject }, received, sent) => {
      link.start((batch) => received.push(...packetsOf(batch)));
      const before = link.stats;
      link.transmit(fill(batchFor(link), [numberedPacket(1, 100), numberedPacket(2, 200)]));
      inject(numberedPacket(3, 300));
      await until(() => received.length >= 1 && sent.length >= 2, 'all three');
      expect(link.stats).toEqual({
        receivedPackets: 1,
        receivedBytes: 300,
        sentPackets: 2,
        sentBytes: 300,
        sendDrops: 0,
        receiveDrops: 0,
      });
      expect(before.sentPackets).toBe(0);
    }));

  test('after close nothing is delivered, transmit is counted as a drop, and closing again is fine', () =>
    withLink(async ({ link, inject }, received) => {
      link.start((batch) => received.push(...packetsOf(batch)));
      await link.close();
      inject(numberedPacket(1, 100));
      link.transmit(fill(batchFor(link), [numberedPacket(2, 100)]));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(received).toEqual([]);
      expect(link.stats.sentPackets).toBe(0);
      expect(link.stats.sendDrops).toBe(1);
      await link.close();
    }));
}
