/** Super-segments are cut and joined as links do it, and what comes out is well formed. */

import { ACK, CWR, FIN, PSH } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { counting, decoded, payloadOf, tcpPacket } from '../test/packets.ts';
import { mergePacket } from './merge.ts';
import { type Packet, PacketPool } from './packet.ts';
import { splitPacket } from './split.ts';

const pool = new PacketPool();

function split(packet: Packet, segmentBytes: number): Packet[] {
  const parts: Packet[] = [];
  splitPacket(pool, packet, segmentBytes, (part) => parts.push(part));
  return parts;
}

/** A packet with room to grow. */
function roomy(packet: Packet): Packet {
  const room = pool.take(65_535);
  room.bytes.set(packet.bytes.subarray(0, packet.lengthBytes));
  room.lengthBytes = packet.lengthBytes;
  room.flags = packet.flags;
  room.segmentBytes = packet.segmentBytes;
  return room;
}

describe('cutting', () => {
  const whole = (): Packet =>
    tcpPacket(pool, { seq: -100, flags: ACK | PSH | FIN | CWR, payload: counting(250), segmentBytes: 100 });

  test('gives packets of a segment each, in order, with right sums and numbers that wrap', () => {
    const parts = split(whole(), 100);
    expect(parts.map((part) => decoded(part).fault)).toEqual([null, null, null]);
    expect(parts.map((part) => decoded(part).tcp?.seq)).toEqual([4294967196, 0, 100]);
    expect(parts.flatMap((part) => [...payloadOf(part)])).toEqual([...counting(250)]);
    expect(parts.map((part) => decoded(part).ipv4?.identification)).toEqual([7, 8, 9]);
  });

  test('keeps CWR for the first part, PSH and FIN for the last (RFC 3168 §6.1.2)', () => {
    expect(split(whole(), 100).map((part) => decoded(part).tcp?.flags)).toEqual([
      ['CWR', 'ACK'],
      ['ACK'],
      ['ACK', 'PSH', 'FIN'],
    ]);
  });

  test('passes on what is not too long', () => {
    const packet = tcpPacket(pool, { payload: counting(100), segmentBytes: 100 });
    expect(split(packet, 100)).toEqual([packet]);
  });
});

describe('joining', () => {
  const first = (): Packet => roomy(tcpPacket(pool, { seq: 1000, payload: counting(100) }));

  test('undoes cutting', () => {
    const parts = split(tcpPacket(pool, { payload: counting(250), segmentBytes: 100, flags: ACK | PSH }), 100);
    const [head, ...rest] = parts.map(roomy) as [Packet, ...Packet[]];
    expect(rest.map((part) => mergePacket(head, part))).toEqual([true, true]);
    expect(payloadOf(head)).toEqual(counting(250));
    expect(head.segmentBytes).toBe(100);
    expect(decoded(head)).toMatchObject({ ipv4: { checksumValid: true }, tcp: { flags: ['ACK', 'PSH'] } });
  });

  test.each([
    ['leaves a hole', { seq: 1101 }],
    ['comes again', { seq: 1000 }],
    ['acknowledges something else', { seq: 1100, ack: 6 }],
    ['carries another ECN mark', { seq: 1100, tos: 3 }],
    ['is longer than the first', { seq: 1100, payload: counting(101) }],
    ['is empty', { seq: 1100, payload: counting(0) }],
    ['has CWR', { seq: 1100, flags: ACK | CWR }],
  ])('does not take a packet that %s', (_, fields) => {
    expect(mergePacket(first(), tcpPacket(pool, fields))).toBe(false);
  });

  test('takes one that follows, and nothing after a short one or PSH', () => {
    const whole = first();
    expect(mergePacket(whole, tcpPacket(pool, { seq: 1100, payload: counting(50) }))).toBe(true);
    expect(mergePacket(whole, tcpPacket(pool, { seq: 1150, payload: counting(50) }))).toBe(false);
    const pushed = roomy(tcpPacket(pool, { seq: 1000, flags: ACK | PSH }));
    expect(mergePacket(pushed, tcpPacket(pool, { seq: 1100 }))).toBe(false);
  });

  test('does not vouch for a packet that was damaged', () => {
    const bad = tcpPacket(pool, { seq: 1100 });
    bad.bytes[60] = 0xff;
    expect(mergePacket(first(), bad)).toBe(false);
  });
});
