/** What arrives: ping, damage, floods and fuzz. Nothing throws, and each packet is counted once. */

import { PacketBatch, PKT_CSUM_PARTIAL, PKT_CSUM_VALID } from '@tcpstack/bytes/packet-batch';
import { complement, onesSum } from '@tcpstack/wire/checksum';
import { finishPacket } from '@tcpstack/wire/finish';
import { ACK, FIN, RST, SYN } from '@tcpstack/wire/tcp';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IPPROTO_TCP, TCP_NODELAY } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, drain, listening, viewOf } from './calls.ts';
import { holds } from './holds.ts';
import { pattern, ping, STRANGER, segment } from './packets.ts';
import { World } from './world.ts';

/** Each packet that came is under one of these names. */
const FATES = [
  ...[
    'shortPackets',
    'notIp',
    'badHeaders',
    'badHeaderChecksums',
    'notForUs',
    'badSources',
    'martians',
    'fragmentsHeld',
    'badOptions',
    'sourceRoutesDropped',
  ],
  ...[
    'unknownProtocols',
    'icmpErrors',
    'icmpIgnored',
    'icmpBadQuotes',
    'sourceQuenches',
    'strayIcmpErrors',
    'connectionIcmpErrors',
    'echoRequests',
    'icmpNoWayBack',
    'badChecksums',
    'badSegments',
    'noListener',
    'noDatagramPort',
    'badDatagrams',
    'badDatagramChecksums',
  ],
  ...['listenResets', 'listenAcks', 'listenDrops', 'listenOverflows', 'halfOpens', 'connectionSegments'],
] as const;

function expectAccounted(host: Host, packets: number): void {
  const counters = host.counters();
  const total = FATES.reduce((sum, name) => {
    expect(counters[name], name).toBeGreaterThanOrEqual(0);
    return sum + (counters[name] ?? Number.NaN);
  }, 0);
  expect(total).toBe(packets);
  expect(counters['received']).toBe(packets);
}

test('all segments of a batch are processed before one ACK answers them (RFC 9293 §3.10.7.4) [MUST-58] [MUST-59]', () => {
  const world = new World();
  const { server, client, s, c } = connected(world);
  world.passes = () => false;
  client.sys.setsockopt(c, IPPROTO_TCP, TCP_NODELAY, 1);
  for (let i = 0; i < 8; i++) {
    client.sys.write(c, pattern(100, i));
    world.settle();
  }
  const batch = new PacketBatch({ capacityPackets: 16, arenaBytes: 16_384 });
  for (const { bytes } of world.log.splice(0)) {
    batch.arena.set(bytes, batch.reserve(bytes.length));
    batch.commit(bytes.length, 0, 0);
  }
  expect(batch.count).toBe(8);
  server.handlePackets(world.nowMs, batch);
  world.settle();
  expect(world.takeKinds()).toEqual(['ACK']);
  expect(drain(server, s).bytes).toHaveLength(800);
});

describe('ping (RFC 1122 §3.2.2.6)', () => {
  test('the answer carries the same identifier, number and data', () => {
    const world = new World();
    world.inject(ping(pattern(56), 77, 3)).settle();
    expect(world.last()).toMatchObject({ from: '10.0.0.1', to: STRANGER, payloadBytes: 56 });
    expect(world.last().icmp).toMatchObject({ type: 0, identifier: 77, sequence: 3, checksumValid: true });
    expect(world.last().bytes.subarray(28)).toEqual(pattern(56));
    expect(world.host(0).counters()).toMatchObject({ echoRequests: 1, echoRepliesSent: 1 });
  });

  test('a flood of them is bounded: 256 answers wait, the others are dropped and counted', () => {
    const world = new World();
    for (let i = 0; i < 1000; i++) world.inject(ping(pattern(8), 1, i));
    world.settle();
    expect(world.sentBy(0)).toHaveLength(256);
    expect(world.host(0).counters()).toMatchObject({ echoRepliesSent: 256, echoRepliesDropped: 744 });
  });
});

describe('damage', () => {
  test('a wrong TCP checksum is dropped without an answer, and counted (RFC 9293 §3.1 [MUST-3])', () => {
    const world = new World();
    const bytes = segment({ flags: SYN });
    bytes[36] = (bytes[36] as number) ^ 1;
    world.inject(bytes).settle();
    expect(world.sentBy(0)).toEqual([]);
    expect(world.host(0).counters().badChecksums).toBe(1);
  });

  test.each([
    ['PKT_CSUM_VALID', PKT_CSUM_VALID],
    ['PKT_CSUM_PARTIAL', PKT_CSUM_PARTIAL],
  ])('a checksum that the link vouches for is not looked at (%s)', (_, flag) => {
    const world = new World();
    const bytes = segment({ flags: SYN });
    bytes[36] = (bytes[36] as number) ^ 1;
    world.inject(bytes, flag).settle();
    expect(world.last().kind).toBe('ACK,RST');
  });

  test('a segment cut short, or whose header is longer than itself, is dropped and counted', () => {
    const world = new World();
    const bad = segment({ flags: SYN });
    bad[32] = 0xf0;
    world.inject(bad).settle();
    expect(world.host(0).counters().badSegments).toBe(1);
    expect(world.sentBy(0)).toEqual([]);
  });
});

describe('a listener and what is no SYN (RFC 9293 §3.10.7.2)', () => {
  test('RST is ignored, ACK is reset, anything else dropped; all are counted', () => {
    const world = new World();
    const host = world.host(0);
    const listener = listening(host);
    world.inject(segment({ flags: RST })).settle();
    world.inject(segment({ flags: FIN })).settle();
    world.inject(segment({ flags: 0, payload: pattern(3) })).settle();
    expect(world.sentBy(0)).toEqual([]);
    world.inject(segment({ flags: SYN | ACK, ack: 99 })).settle();
    expect(world.last().tcp).toMatchObject({ flags: ['RST'], seq: 99 });
    expect(host.counters()).toMatchObject({ listenResets: 1, badSegments: 2, listenAcks: 1 });
    expect(viewOf(host, listener).synQueueLength).toBe(0);
  });
});

test('resets for nobody are bounded: 256 wait, the others are dropped and counted', () => {
  const world = new World();
  for (let i = 0; i < 1000; i++) world.inject(segment({ flags: SYN, fromPort: 1 + i }));
  world.settle();
  expect(world.sentBy(0)).toHaveLength(256);
  expect(world.host(0).counters()).toMatchObject({ noListener: 1000, resetsSent: 256, resetsDropped: 744 });
  // The queue is empty again and works as before.
  world.inject(segment({ flags: SYN })).settle();
  expect(world.last().kind).toBe('ACK,RST');
});

test('no reset answers a reset (RFC 9293 §3.10.7.1)', () => {
  const world = new World();
  world
    .inject(segment({ flags: RST }))
    .inject(segment({ flags: RST | ACK }))
    .settle();
  expect(world.sentBy(0)).toEqual([]);
});

/** A host with a listener, a connection with data both ways, and one that is being opened. */
function busyWorld(): { world: World; packets: Uint8Array[]; before: number; s: number } {
  const world = new World({ delayMs: 1 });
  const { server, client, s, c } = connected(world);
  server.sys.write(s, pattern(5000));
  client.sys.write(c, pattern(5000));
  world.run(5);
  drain(server, s);
  connecting(server, client, 9);
  const packets = [...world.sentBy(1).map(({ bytes }) => bytes), ping(pattern(20)), segment({ flags: SYN })];
  return { world, packets, before: server.counters()['received'] ?? 0, s };
}

describe('fuzz', () => {
  test('random bytes never throw, and each packet is counted under one name', () => {
    const { world, before } = busyWorld();
    let count = 0;
    const head = fc.constantFrom([], [0x45], [0x45, 0, 0, 40], [0x46, 0, 0, 60]);
    holds(
      fc.property(head, fc.uint8Array({ maxLength: 120 }), fc.nat(3), (start, rest, flags) => {
        const bytes = Uint8Array.from([...start, ...rest]);
        arrive(world, bytes, flags);
        count++;
      }),
      { numRuns: 3000 },
    );
    expectAccounted(world.host(0), before + count);
  });

  test('real packets with any bytes changed and the checksums made right again never throw', () => {
    const changes = fc.array(fc.tuple(fc.nat(59), fc.nat(255)), { minLength: 1, maxLength: 6 });
    holds(
      fc.property(fc.array(fc.tuple(fc.nat(), changes, fc.boolean()), { maxLength: 30 }), (mutations) => {
        const { world, packets, before } = busyWorld();
        let injected = 0;
        for (const [which, edits, repair] of mutations) {
          const bytes = (packets[which % packets.length] as Uint8Array).slice();
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
          if (repair) repairChecksums(bytes);
          arrive(world, bytes, 0);
          injected++;
        }
        const real = world.host(0).counters()['received'] ?? 0;
        expect(real).toBeGreaterThanOrEqual(before + injected);
        expectAccounted(world.host(0), real);
        world.run(5000);
      }),
      { numRuns: 60 },
    );
  });

  test('segments of the right 4-tuple with random numbers and flags never throw, and time goes on', () => {
    const near = fc.oneof(fc.integer({ min: -70_000, max: 70_000 }), fc.integer());
    const fields = fc.record({
      seqOff: near,
      ackOff: near,
      flags: fc.nat(255),
      window: fc.nat(65_535),
      n: fc.nat(2000),
    });
    holds(
      fc.property(fc.array(fields, { maxLength: 60 }), fc.nat(3000), (list, ms) => {
        const { world, s } = busyWorld();
        const server = world.host(0);
        const { remote, tcp } = viewOf(server, s);
        for (const { seqOff, ackOff, flags, window, n } of list) {
          const seq = ((tcp?.rcvNxt ?? 0) + seqOff) >>> 0;
          const ack = ((tcp?.sndNxt ?? 0) + ackOff) >>> 0;
          const from = { from: '10.0.0.2', fromPort: remote?.port ?? 0 };
          world.inject(segment({ ...from, flags, seq, ack, window, payload: pattern(n) })).settle();
        }
        world.run(ms);
        server.sys.close(s);
        world.run(1_000_000);
        expect(server.bufferBytes()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

/** Hands a packet to the first host whatever its header says, and lets everybody react. */
function arrive(world: World, bytes: Uint8Array, flags: number): void {
  const batch = new PacketBatch({ capacityPackets: 1, arenaBytes: 16 * 1024 });
  batch.arena.set(bytes, batch.reserve(bytes.length));
  batch.commit(bytes.length, flags, 0);
  world.host(0).handlePackets(world.nowMs, batch);
  world.settle();
}

function repairChecksums(bytes: Uint8Array): void {
  const header = ((bytes[0] as number) & 15) * 4;
  if (header < 20 || header > bytes.length) return;
  bytes.fill(0, 10, 12);
  const sum = complement(onesSum(bytes, 0, header));
  bytes[10] = sum >> 8;
  bytes[11] = sum & 0xff;
  finishPacket(bytes, 0, bytes.length);
}
