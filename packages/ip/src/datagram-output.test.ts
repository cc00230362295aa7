/** Datagrams on their way out: their headers, and who may cut them. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { type DecodedPacket, decodePacket } from '@tcpstack/wire/decode';
import { type IpAddress, ipv4Address } from '@tcpstack/wire/ip-address';
import { describe, expect, test } from 'vitest';
import { OURS6, PEER6 } from '../test/fragments.ts';
import { HASH } from '../test/hash.ts';
import { OURS, PEER } from '../test/packets.ts';
import { type DatagramVerdict, type Discovery, datagramHeadroom, sendDatagram } from './datagram-output.ts';
import { fragmentInto } from './fragment.ts';
import { Identifications } from './identification.ts';

/** Sends so many bytes over a way of 1500; what became of it, and what left. */
function send(
  length: number,
  discovery: Discovery,
  source: Readonly<IpAddress>,
  destination: Readonly<IpAddress>,
  capacityPackets = 99,
): { verdict: DatagramVerdict; packets: DecodedPacket[]; sent: number } {
  const output = { counters: { sent: 0 }, identifications: new Identifications(HASH) };
  const batch = new PacketBatch({ capacityPackets, arenaBytes: 256 * 1024 });
  const place = {
    put(bytes: Uint8Array, at: number, end: number, mtuBytes: number, id: number): boolean {
      if (end - at > mtuBytes) return fragmentInto(batch, bytes, at, end, mtuBytes, id);
      batch.arena.set(bytes.subarray(at, end), batch.reserve(end - at));
      batch.commit(end - at, 0, 0);
      return true;
    },
  };
  const end = 3 + datagramHeadroom(source) + length;
  const bytes = new Uint8Array(end + 4);
  const verdict = sendDatagram(output, place, bytes, 3, end, 99, source, destination, 1500, discovery, 0xb8, 7);
  const packets = Array.from({ length: batch.count }, (_, i) =>
    decodePacket(batch.arena, batch.offsetAt(i), batch.offsetAt(i) + batch.lengthAt(i)),
  );
  return { verdict, packets, sent: output.counters.sent };
}

describe('IPv4', () => {
  const four = (length: number, discovery: Discovery, capacity = 99) =>
    send(length, discovery, ipv4Address(OURS), ipv4Address(PEER), capacity);

  test.each([
    ['dont', false],
    ['want', true],
    ['do', true],
  ] as const)('%s: what fits leaves whole, DF: %s', (discovery, dontFragment) => {
    const { verdict, packets, sent } = four(1480, discovery);
    expect([verdict, sent]).toEqual(['sent', 1]);
    const header = { source: '10.77.0.2', destination: '10.77.0.1', protocol: 99, ttl: 7, tos: 0xb8 };
    expect(packets).toMatchObject([{ fault: null, ipv4: { ...header, dontFragment, totalLengthBytes: 1500 } }]);
  });

  test.each(['dont', 'want'] as const)('%s: what does not fit is cut here, and may be cut again', (discovery) => {
    const { verdict, packets, sent } = four(1481, discovery);
    expect([verdict, sent]).toEqual(['sent', 1]);
    expect(packets.map(({ ipv4 }) => [ipv4?.fragmentOffsetBytes, ipv4?.dontFragment])).toEqual([
      [0, false],
      [1480, false],
    ]);
  });

  test('do: what does not fit does not go', () => {
    expect(four(1481, 'do')).toEqual({ verdict: 'too-long', packets: [], sent: 0 });
  });

  test('65,515 bytes are the most', () => {
    expect(four(65_515, 'want').verdict).toBe('sent');
    expect(four(65_516, 'want')).toEqual({ verdict: 'too-long', packets: [], sent: 0 });
  });

  test('without room nothing goes', () => {
    expect(four(3000, 'want', 2)).toEqual({ verdict: 'no-room', packets: [], sent: 0 });
  });
});

describe('IPv6', () => {
  test('what fits leaves whole, and the rest is cut, but for "do"', () => {
    const header = { source: 'fd00::2', destination: 'fd00::1', nextHeader: 99, hopLimit: 7, trafficClass: 0xb8 };
    expect(send(1460, 'want', OURS6, PEER6).packets).toMatchObject([{ fault: null, ipv6: header }]);
    expect(send(1461, 'want', OURS6, PEER6).packets).toHaveLength(2);
    expect(send(1461, 'do', OURS6, PEER6).verdict).toBe('too-long');
  });

  test('65,535 bytes are the most', () => {
    expect(send(65_535, 'dont', OURS6, PEER6).verdict).toBe('sent');
    expect(send(65_536, 'dont', OURS6, PEER6).verdict).toBe('too-long');
  });
});
