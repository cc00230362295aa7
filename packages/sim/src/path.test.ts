/** What one direction of a network does to packets, each impairment by itself. */

import { ICMP_HEADER_BYTES } from '@tcpstack/wire/icmp';
import { describe, expect, test } from 'vitest';
import { counting, decoded, tcpPacket } from '../test/packets.ts';
import { Bottleneck } from './bottleneck.ts';
import { DueQueue } from './due-queue.ts';
import { type Packet, PacketPool } from './packet.ts';
import { Path } from './path.ts';
import type { PathOptions } from './path-options.ts';
import { Random } from './random.ts';

interface Arrival {
  readonly atMs: number;
  readonly packet: Packet;
}

/** A path between two sinks that remember. */
class Rig {
  readonly pool = new PacketPool();
  readonly queue = new DueQueue();
  readonly arrived: Arrival[] = [];
  readonly toldSender: Packet[] = [];
  readonly path: Path;

  constructor(options: PathOptions, seed = 1) {
    const to = { arrive: (packet: Packet) => this.arrived.push({ atMs: packet.atMs, packet }) };
    const from = { arrive: (packet: Packet) => this.toldSender.push(packet) };
    this.path = new Path(options, { pool: this.pool, queue: this.queue, random: new Random(seed), to, from });
  }

  /** Sends `n` packets of 1000 bytes, one each `everyMs`, numbered from 0 on. */
  send(n: number, everyMs = 0, tos = 0): this {
    for (let i = 0; i < n; i++) {
      this.path.send(i * everyMs, tcpPacket(this.pool, { seq: i, tos, payload: new Uint8Array(960) }));
    }
    while (this.queue.size > 0) this.queue.take().fire();
    return this;
  }

  get numbers(): (number | undefined)[] {
    return this.arrived.map(({ packet }) => decoded(packet).tcp?.seq);
  }

  get timesMs(): number[] {
    return this.arrived.map(({ atMs }) => atMs);
  }
}

test('a perfect path delivers at once', () => {
  const rig = new Rig({}).send(3, 1);
  expect(rig.numbers).toEqual([0, 1, 2]);
  expect(rig.timesMs).toEqual([0, 1, 2]);
});

test('a rate sends one packet after the other, and the delay comes on top', () => {
  expect(new Rig({ bottleneck: { bytesPerMs: 500 }, delayMs: 10 }).send(3).timesMs).toEqual([12, 14, 16]);
});

test('a buffer drops what comes last when it is full, and takes more once it has drained', () => {
  const rig = new Rig({ bottleneck: { bytesPerMs: 1000, bufferBytes: 2000 } }).send(4);
  expect(rig.numbers).toEqual([0, 1]);
  expect(rig.path.stats.overflowed).toBe(2);
  rig.path.send(2, tcpPacket(rig.pool));
  expect(rig.path.stats.overflowed).toBe(2);
});

test('a packet larger than the buffer passes when nothing waits', () => {
  expect(new Rig({ bottleneck: { bytesPerMs: 1000, bufferBytes: 10 } }).send(2).numbers).toEqual([0]);
});

test('two paths through one bottleneck wait for each other', () => {
  const bottleneck = new Bottleneck({ bytesPerMs: 1000 });
  const one = new Rig({ bottleneck }).send(1);
  const two = new Rig({ bottleneck }).send(1);
  expect([...one.timesMs, ...two.timesMs]).toEqual([1, 2]);
});

test('loss takes its share, the same packets for the same seed', () => {
  const lost = new Rig({ lossShare: 0.1 }).send(10_000);
  expect(lost.path.stats.lost).toBeGreaterThan(900);
  expect(lost.path.stats.lost).toBeLessThan(1100);
  expect(new Rig({ lossShare: 0.1 }).send(10_000).numbers).toEqual(lost.numbers);
  expect(new Rig({ lossShare: 0.1 }, 2).send(10_000).numbers).not.toEqual(lost.numbers);
});

test('losses in bursts come together', () => {
  const burstLoss = { turnsBad: 0.01, turnsGood: 0.25, lossWhileBad: 1 };
  const kept = new Set(new Rig({ burstLoss }).send(20_000).numbers);
  const lost = Array.from({ length: 20_000 }, (_, i) => i).filter((i) => !kept.has(i));
  const bursts = lost.filter((i) => kept.has(i - 1)).length;
  expect(lost.length / bursts).toBeGreaterThan(3);
  expect(lost.length / bursts).toBeLessThan(5);
});

test('jitter spreads arrivals and keeps their order', () => {
  const { timesMs, numbers } = new Rig({ jitterMs: 20 }).send(200, 1);
  expect(numbers).toEqual([...numbers].sort((a, b) => (a ?? 0) - (b ?? 0)));
  expect(new Set(timesMs.map((ms, i) => ms - i)).size).toBeGreaterThan(50);
});

test('a reordered packet is overtaken by those within its extra time', () => {
  const { numbers, path } = new Rig({ reorderShare: 0.1, reorderMs: 2.5 }).send(1000, 1);
  expect(path.stats.reordered).toBeGreaterThan(50);
  expect(numbers.filter((n, i) => n !== i).length).toBeGreaterThan(100);
  for (const [i, n = 0] of numbers.entries()) expect(Math.abs(n - i)).toBeLessThanOrEqual(3);
});

test('a doubled packet arrives twice', () => {
  const { numbers, path } = new Rig({ duplicateShare: 0.5 }).send(100);
  expect(numbers.length).toBe(100 + path.stats.duplicated);
  expect(new Set(numbers).size).toBe(100);
});

test('a damaged packet has one bit changed, so that a checksum tells', () => {
  const { arrived } = new Rig({ damageShare: 1 }).send(50);
  for (const { packet } of arrived) expect(decoded(packet).fault).not.toBeNull();
});

describe('marks of congestion (RFC 3168 §5)', () => {
  const bottleneck = { bytesPerMs: 1000, markBytes: 2500 };

  test.each([1, 2])('are set on packets of ECN-capable senders (ECT(%i)) behind a queue, with a right sum', (tos) => {
    const { arrived, path } = new Rig({ bottleneck }).send(5, 0, tos);
    expect(arrived.map(({ packet }) => decoded(packet).ipv4?.tos)).toEqual([tos, tos, tos, 3, 3]);
    expect(arrived.every(({ packet }) => decoded(packet).fault === null)).toBe(true);
    expect(path.stats.marked).toBe(2);
  });

  test('are not set on others', () => {
    const { arrived } = new Rig({ bottleneck }).send(5);
    expect(arrived.map(({ packet }) => decoded(packet).ipv4?.tos)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('a path with a small MTU', () => {
  test('drops what is longer and tells the sender how long it may be (RFC 1191 §4)', () => {
    const { path, toldSender, arrived } = new Rig({ mtuBytes: 900 }).send(1);
    expect([path.stats.tooBig, arrived.length, toldSender.length]).toEqual([1, 0, 1]);
    const packet = decoded(toldSender[0] as Packet);
    expect(packet).toMatchObject({ fault: null, ipv4: { destination: '10.0.0.1' }, icmp: { type: 3, code: 4 } });
    expect(packet.icmp?.sequence).toBe(900);
    expect(packet.icmp?.payloadLengthBytes).toBe(20 + ICMP_HEADER_BYTES);
  });

  test('drops it silently when it is a black hole', () => {
    const { path, toldSender } = new Rig({ mtuBytes: 900, saysTooBig: false }).send(1);
    expect([path.stats.tooBig, toldSender.length]).toEqual([1, 0]);
  });
});

test('super-segments are cut unless the path carries them whole', () => {
  for (const [superSegmentBytes, arrivals] of [
    [0, 3],
    [289, 3],
    [290, 1],
  ] as const) {
    const rig = new Rig({ superSegmentBytes });
    rig.path.send(0, tcpPacket(rig.pool, { payload: counting(250), segmentBytes: 100 }));
    expect(rig.path.stats.arrivals).toBe(arrivals);
  }
});

test('a cut path passes nothing; a healed one everything, as it is', () => {
  const bad = { lossShare: 0.5, duplicateShare: 0.5, damageShare: 0.5, reorderShare: 0.5 };
  const rig = new Rig(bad);
  rig.path.cut = true;
  expect(rig.send(20).numbers).toEqual([]);
  rig.path.cut = false;
  rig.path.heal();
  const { arrived, numbers } = rig.send(20);
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(arrived.every(({ packet }) => decoded(packet).fault === null)).toBe(true);
});
