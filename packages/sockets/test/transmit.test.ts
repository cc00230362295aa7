/** The way out: batches that are too small, fairness, checksums left to the link, super-segments. */

import { PacketBatch, PKT_CSUM_PARTIAL } from '@tcpstack/bytes/packet-batch';
import { SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { connected, connecting, drain, expectNothingLeft, listening, viewOf } from './calls.ts';
import { pattern, ping, segment } from './packets.ts';
import { FAMILIES, World } from './world.ts';

describe('a batch of one packet', () => {
  test.each(FAMILIES)(
    'loses nothing over %s: transfers, many connections and closes go on in the next one',
    (_name, family) => {
      const world = new World({ family, capacityPackets: 1, arenaBytes: 1600 });
      const [server, client] = [world.host(0), world.host(1)];
      const listener = listening(server, 64);
      const fds = Array.from({ length: 40 }, () => connecting(client, server));
      world.settle();
      const all = pattern(50_000);
      for (const fd of fds) expect(client.sys.write(fd, all)).toBe(all.length);
      world.settle();
      for (const fd of fds) client.sys.close(fd);
      world.run(100);
      for (let i = 0; i < 40; i++) {
        const s = server.sys.accept(listener);
        const got = drain(server, s);
        expect(got.end).toBe(0);
        expect(Buffer.compare(got.bytes, all)).toBe(0);
        server.sys.close(s);
      }
      world.run(100_000);
      expectNothingLeft(client);
      expectNothingLeft(server);
      for (const host of world.hosts) expect(host.counters()).toMatchObject({ retransmittedSegments: 0, timeouts: 0 });
    },
  );

  test('resets and echo replies wait for the next one too', () => {
    const world = new World({ capacityPackets: 1, arenaBytes: 1600 });
    for (let i = 0; i < 10; i++) world.inject(ping(pattern(8), 1, i)).inject(segment({ flags: SYN, fromPort: 1 + i }));
    world.settle();
    expect(
      world
        .sentBy(0)
        .filter(({ icmp }) => icmp !== null)
        .map(({ icmp }) => icmp?.sequence),
    ).toEqual(Array.from({ length: 10 }, (_, i) => i));
    const ports = world.sentBy(0, 'ACK,RST').map(({ tcp }) => tcp?.destinationPort);
    expect(ports).toEqual(Array.from({ length: 10 }, (_, i) => 1 + i));
    expect(world.host(0).wantsTransmit()).toBe(false);
  });

  test('pollTransmit says that it is full, and wantsTransmit that more waits', () => {
    const world = new World();
    const host = world.host(0);
    const batch = new PacketBatch({ capacityPackets: 1 });
    expect(host.wantsTransmit()).toBe(false);
    expect(host.pollTransmit(0, batch)).toBe(false);
    for (let i = 0; i < 3; i++) host.sys.connect(host.sys.socket(), '10.0.0.2', 80 + i);
    for (let left = 3; left > 0; left--) {
      expect(host.wantsTransmit()).toBe(true);
      batch.clear();
      host.pollTransmit(0, batch);
      expect(batch.count).toBe(1);
    }
    batch.clear();
    expect(host.pollTransmit(0, batch)).toBe(false);
    expect(batch.count).toBe(0);
    expect(host.wantsTransmit()).toBe(false);
    expect(host.pollDeadlineMs()).toBe(1000);
  });
});

describe('the least room that a batch must have', () => {
  test.each([
    { mtuBytes: 68, arenaBytes: 640 },
    { mtuBytes: 1500, arenaBytes: 1600 },
    { mtuBytes: 1500, superSegmentBytes: 65_535, arenaBytes: 65_635 },
  ])('is as documented: %o', ({ arenaBytes, ...own }) => {
    const world = new World({ hosts: [own, own], arenaBytes, capacityPackets: 1 });
    const { client, server, s, c } = connected(world);
    client.sys.write(c, pattern(100_000));
    world.run(1000);
    expect(drain(server, s).bytes).toEqual(pattern(100_000));
  });

  test('one that is smaller is refused, rather than polled for ever', () => {
    const host = new World().host(0);
    host.sys.connect(host.sys.socket(), '10.0.0.2', 80);
    expect(() => host.pollTransmit(0, new PacketBatch({ arenaBytes: 100 }))).toThrow(
      'an empty batch has room for the largest packet',
    );
  });
});

test.each(FAMILIES)('over %s a connection with much to send does not keep another from its turn', (_name, family) => {
  const world = new World({ family, settings: { sendBufferBytes: 1 << 20 } });
  const { client, server, c } = connected(world);
  // A window wide open: the first transfer made it so.
  const other = connecting(client, server);
  world.settle();
  client.sys.write(c, pattern(200_000));
  world.settle();
  drain(server, 4);
  client.sys.write(c, pattern(1 << 20));
  client.sys.write(other, pattern(10));
  const batch = new PacketBatch({ capacityPackets: 64 });
  client.pollTransmit(world.nowMs, batch);
  const ports = Array.from({ length: batch.count }, (_, i) => {
    const at = batch.offsetAt(i) + (family === 4 ? 20 : 40);
    return ((batch.arena[at] as number) << 8) | (batch.arena[at + 1] as number);
  });
  expect(ports.indexOf(viewOf(client, other).local.port)).toBeGreaterThan(0);
  expect(ports.lastIndexOf(viewOf(client, c).local.port)).toBeGreaterThan(
    ports.indexOf(viewOf(client, other).local.port),
  );
});

describe('who sums', () => {
  test.each(FAMILIES)('software over %s: every checksum is whole and no flag is set', (_name, family) => {
    const world = new World({ family });
    const { client, c } = connected(world);
    client.sys.write(c, pattern(5000));
    world.settle();
    for (const { flags, tcp } of world.log) expect([flags, tcp?.checksumValid]).toEqual([0, true]);
  });

  test.each(['offload', 'trusted'] as const)(
    '%s: the pseudo-header alone is summed, and the packet says so',
    (checksum) => {
      const world = new World({ hosts: [{ checksum }, { checksum }] });
      const { client, server, s, c } = connected(world);
      client.sys.write(c, pattern(5000));
      world.inject(segment({ flags: SYN, toPort: 9 })).settle();
      expect(drain(server, s).bytes).toEqual(pattern(5000));
      expect(world.sentBy(0, 'ACK,RST')).toHaveLength(1);
      const sent = world.log.filter(({ from }) => from !== '10.0.0.99');
      for (const { flags } of sent) expect(flags).toBe(PKT_CSUM_PARTIAL);
      // What a link would finish is right: the log shows it finished.
      for (const { tcp } of sent) expect(tcp?.checksumValid).toBe(true);
    },
  );
});

describe.each(FAMILIES)('super-segments over %s', (_name, family) => {
  const mss = family === 4 ? 1448 : 1428;

  test('a link that splits gets packets of up to its size, in whole segments, each with the size to split by', () => {
    const own = { superSegmentBytes: 65_535, checksum: 'offload' as const };
    const world = new World({ family, hosts: [own, own], arenaBytes: 1 << 20 });
    const { client, server, s, c } = connected(world);
    const all = pattern(400_000);
    client.sys.write(c, all);
    world.run(100);
    expect(Buffer.compare(drain(server, s).bytes, all)).toBe(0);
    const data = world.sentBy(1).filter(({ payloadBytes }) => payloadBytes > 0);
    expect(Math.max(...data.map(({ payloadBytes }) => payloadBytes))).toBeGreaterThan(60_000);
    for (const { payloadBytes, segmentBytes, bytes } of data) {
      expect(bytes.length).toBeLessThanOrEqual(65_535);
      expect(segmentBytes).toBe(payloadBytes > mss ? mss : 0);
      if (payloadBytes > mss && payloadBytes !== data.at(-1)?.payloadBytes) expect(payloadBytes % mss).toBe(0);
    }
  });

  test('the same bytes arrive by super-segments and without', () => {
    const through = (superSegmentBytes: number) => {
      const world = new World({
        family,
        hosts: [{ superSegmentBytes }, { superSegmentBytes }],
        arenaBytes: 1 << 20,
        delayMs: 3,
      });
      const { client, server, s, c } = connected(world);
      client.sys.write(c, pattern(300_000, 9));
      client.sys.close(c);
      world.run(1000);
      return drain(server, s);
    };
    const merged = through(65_535);
    expect(merged).toEqual({ bytes: pattern(300_000, 9), end: 0 });
    expect(through(0)).toEqual(merged);
  });
});
