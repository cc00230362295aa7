/** Errors that we send: what they say and quote, about what none is sent, and where that is counted. */

import { decodePacket } from '@tcpstack/wire/decode';
import { IpAddress, ipv4Address, parseAddress, setAddress } from '@tcpstack/wire/ip-address';
import { IPV4_DF, writeIpv4 } from '@tcpstack/wire/ipv4';
import { writeIpv6 } from '@tcpstack/wire/ipv6';
import { describe, expect, test } from 'vitest';
import { asPacket, fragment4, fragment6, OURS6, PEER6 } from '../test/fragments.ts';
import { HASH } from '../test/hash.ts';
import { BROADCAST, OURS, PEER } from '../test/packets.ts';
import { ICMP_LIMIT_DEFAULTS, IcmpLimit } from './icmp-limit.ts';
import * as Send from './icmp-send.ts';
import { Identifications } from './identification.ts';
import type { IpPacket } from './packet.ts';

const HERE = ipv4Address(OURS);

/** Room for one packet at an odd place, with what was written there. */
function roomFor(bytes: number): Send.PacketPlace & { sent: Uint8Array | null } {
  const arena = new Uint8Array(bytes + 5).fill(0xee);
  return {
    arena,
    sent: null,
    reserve: (maxBytes) => (maxBytes <= bytes ? 5 : -1),
    commit(lengthBytes) {
      this.sent = arena.slice(5, 5 + lengthBytes);
    },
  };
}

function senderOf(settings = ICMP_LIMIT_DEFAULTS): Send.IcmpSender {
  const host = { isBroadcast: ({ w3 }: Readonly<IpAddress>) => w3 === BROADCAST };
  return new Send.IcmpSender(host, new IcmpLimit(HASH, settings), new Identifications(HASH));
}

/** What is sent about `packet`, or `null`. */
function told(packet: IpPacket, about: Send.Complaint, pointer = 0, mtuBytes = 1500): Uint8Array | null {
  const place = roomFor(2000);
  const from = packet.version === 4 ? HERE : OURS6;
  const isTold = senderOf().tell(0, packet, about, from, place, mtuBytes, pointer);
  expect(isTold).toBe(place.sent !== null);
  return place.sent;
}

/** The same packet in memory that goes on with this byte. */
function before(packet: IpPacket, byte: number): IpPacket {
  return Object.assign(packet, { bytes: Uint8Array.of(...packet.bytes, byte) });
}

function packet4(length: number, protocol = 17, tosByte = 0): IpPacket {
  const bytes = Uint8Array.from({ length: 20 + length }, (_, i) => i);
  writeIpv4(bytes, 0, bytes.length, protocol, PEER, OURS, 9, IPV4_DF, 64, tosByte);
  return asPacket(bytes);
}

function packet6(length: number, protocol = 17): IpPacket {
  const bytes = Uint8Array.from({ length: 40 + length }, (_, i) => i);
  writeIpv6(bytes, 0, bytes.length, protocol, PEER6, OURS6, 64, 0xff, 0x12345);
  return asPacket(bytes);
}

const ALL = [
  ['no route', Send.NO_ROUTE, [3, 0, 0], [1, 0, 0]],
  ['no neighbour', Send.NO_HOST, [3, 1, 0], [1, 3, 0]],
  ['no such port', Send.NO_PORT, [3, 3, 0], [1, 4, 0]],
  ['no such protocol', Send.NO_PROTOCOL, [3, 2, 0], [4, 1, 6]],
  ['too many hops', Send.TOO_MANY_HOPS, [11, 0, 0], [3, 0, 0]],
  ['fragments missing', Send.REASSEMBLY_TIMEOUT, [11, 1, 0], [3, 1, 0]],
  ['a field that cannot be', Send.PARAMETER_PROBLEMS[0], [12, 0, 0x0600_0000], [4, 0, 6]],
  ['an unknown option', Send.PARAMETER_PROBLEMS[2], [12, 0, 0x0600_0000], [4, 2, 6]],
  ['an incomplete chain', Send.PARAMETER_PROBLEMS[3], [12, 0, 0x0600_0000], [4, 3, 6]],
] as const;

describe.each(ALL)('%s', (_, about, four, six) => {
  test('RFC 792: type, code, pointer, addresses turned, right checksums, and the packet quoted', () => {
    const packet = packet4(30);
    const bytes = told(packet, about as Send.Complaint, 6) as Uint8Array;
    const { fault, ipv4, icmp } = decodePacket(bytes);
    expect(fault).toBeNull();
    expect(ipv4).toMatchObject({ source: '10.77.0.2', destination: '10.77.0.1', ttl: 64, dontFragment: false });
    expect([icmp?.type, icmp?.code, (icmp?.identifier ?? 0) * 65_536 + (icmp?.sequence ?? 0)]).toEqual(four);
    expect(bytes.subarray(28)).toEqual(packet.bytes);
  });

  test('RFC 4443 §3: the same over IPv6', () => {
    const packet = packet6(30);
    const bytes = told(packet, about as Send.Complaint, 6) as Uint8Array;
    const { fault, ipv6, icmpv6 } = decodePacket(bytes);
    expect(fault).toBeNull();
    expect(ipv6).toMatchObject({
      source: 'fd00::2',
      destination: 'fd00::1',
      hopLimit: 64,
      trafficClass: 0,
      flowLabel: 0,
    });
    expect([icmpv6?.type, icmpv6?.code, (icmpv6?.identifier ?? 0) * 65_536 + (icmpv6?.sequence ?? 0)]).toEqual(six);
    expect(bytes.subarray(48)).toEqual(packet.bytes);
  });
});

describe('what is quoted', () => {
  test('RFC 1812 §4.3.2.3: over IPv4 as much as 576 bytes hold, or the way back', () => {
    const packet = packet4(1400);
    expect(told(packet, Send.NO_PORT)).toHaveLength(576);
    expect(told(packet, Send.NO_PORT)?.subarray(28)).toEqual(packet.bytes.subarray(0, 548));
    expect(told(packet, Send.NO_PORT, 0, 296)).toHaveLength(296);
  });

  test('RFC 4443 §2.4(c): over IPv6 as much as 1280 bytes hold', () => {
    const packet = packet6(1400);
    expect(told(packet, Send.NO_PORT)).toHaveLength(1280);
    expect(told(packet, Send.NO_PORT)?.subarray(48)).toEqual(packet.bytes.subarray(0, 1232));
  });

  test('a packet that lies anywhere, and nothing behind it', () => {
    const packet = packet4(8);
    const bytes = new Uint8Array(80).fill(0xaa);
    bytes.set(packet.bytes, 11);
    Object.assign(packet, { bytes, at: 11, end: 11 + 28, transportAt: 31 });
    expect(told(packet, Send.NO_PORT)?.subarray(28)).toEqual(bytes.subarray(11, 39));
  });
});

test('RFC 1812 §4.3.2.5: the TOS of the packet, precedence 6, no congestion mark', () => {
  expect(decodePacket(told(packet4(8, 17, 0xff), Send.NO_PORT) as Uint8Array).ipv4?.tos).toBe(0xdc);
});

describe('RFC 1122 §3.2.2: no error is sent', () => {
  const address = (text: string): IpAddress => parseAddress(text) as IpAddress;

  test.each(['224.0.0.1', '255.255.255.255', '10.77.0.255'])('about a packet to %s', (destination) => {
    const packet = packet4(8);
    setAddress(packet.destination, address(destination));
    expect(told(packet, Send.NO_PORT)).toBeNull();
  });

  test.each(['0.0.0.0', '127.0.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '10.77.0.255'])('to %s', (source) => {
    const packet = packet4(8);
    setAddress(packet.source, address(source));
    expect(told(packet, Send.NO_PORT)).toBeNull();
  });

  test('about a fragment that is not the first', () => {
    expect(
      told(asPacket(fragment4({ data: new Uint8Array(8), from: 8, more: true, protocol: 17 })), Send.NO_PORT),
    ).toBeNull();
    expect(
      told(asPacket(fragment4({ data: new Uint8Array(8), from: 0, more: true, protocol: 17 })), Send.NO_PORT),
    ).not.toBeNull();
  });

  test.each([3, 4, 5, 9, 11, 12, 99])('about ICMP of type %i, which is an error or none that asks', (type) => {
    const packet = packet4(8, 1);
    packet.bytes[20] = type;
    expect(told(packet, Send.NO_PORT)).toBeNull();
  });

  test('about ICMP without a type; but about a question and an answer', () => {
    expect(told(before(packet4(0, 1), 8), Send.NO_PORT)).toBeNull();
    for (const type of [0, 8, 13, 17]) {
      const packet = packet4(8, 1);
      packet.bytes[20] = type;
      expect(told(packet, Send.REASSEMBLY_TIMEOUT)).not.toBeNull();
    }
  });

  test('but over the loopback 127.0.0.1 is one host', () => {
    const packet = packet4(8);
    packet.interfaceIndex = 0;
    setAddress(packet.source, address('127.0.0.1'));
    expect(told(packet, Send.NO_PORT)).not.toBeNull();
  });
});

describe('RFC 4443 §2.4(e): no error is sent', () => {
  test('(e.3) about a packet to a group, but for an unknown option', () => {
    const packet = packet6(8);
    setAddress(packet.destination, new IpAddress(0xff02_0000 | 0, 0, 0, 1));
    expect(told(packet, Send.NO_PORT)).toBeNull();
    expect(told(packet, Send.PARAMETER_PROBLEMS[0] as Send.Complaint)).toBeNull();
    expect(told(packet, Send.PARAMETER_PROBLEMS[2] as Send.Complaint)).not.toBeNull();
  });

  test.each(['::', '::1', 'ff02::1'])('(e.6) to %s', (source) => {
    const packet = packet6(8);
    setAddress(packet.source, parseAddress(source) as IpAddress);
    expect(told(packet, Send.NO_PORT)).toBeNull();
  });

  test('but over the loopback ::1 is one host', () => {
    const packet = packet6(8);
    packet.interfaceIndex = 0;
    setAddress(packet.source, parseAddress('::1') as IpAddress);
    expect(told(packet, Send.NO_PORT)).not.toBeNull();
  });

  test.each([1, 4, 127, 137])('(e.1), (e.2) about ICMPv6 of type %i, behind other headers too', (type) => {
    const packet = packet6(8, 58);
    packet.bytes[40] = type;
    expect(told(packet, Send.NO_PORT)).toBeNull();
    const behind = asPacket(
      fragment6({ data: Uint8Array.of(58, 0, 1, 4, 0, 0, 0, 0, type), from: 0, more: true, protocol: 60 }),
    );
    expect(told(behind, Send.REASSEMBLY_TIMEOUT)).toBeNull();
  });

  test('about ICMPv6 without a type, or in a later fragment, where nobody knows it', () => {
    expect(told(before(packet6(0, 58), 128), Send.NO_PORT)).toBeNull();
    expect(
      told(asPacket(fragment6({ data: new Uint8Array(9).fill(128), from: 8, more: true })), Send.NO_PORT),
    ).toBeNull();
  });

  test('but about a question, and about a later fragment of what is no ICMPv6', () => {
    const packet = packet6(8, 58);
    packet.bytes[40] = 128;
    expect(told(packet, Send.NO_PORT)).not.toBeNull();
    const later = asPacket(fragment6({ data: new Uint8Array(9), from: 8, more: true, protocol: 17 }));
    expect(told(later, Send.PARAMETER_PROBLEMS[0] as Send.Complaint)).not.toBeNull();
  });
});

test('what became of each is counted', () => {
  const sender = senderOf();
  const tell = (packet: IpPacket, room = 2000): boolean =>
    sender.tell(0, packet, Send.NO_PORT, HERE, roomFor(room), 1500);
  for (let i = 0; i < 10; i++) tell(packet4(8));
  const group = packet4(8);
  setAddress(group.destination, ipv4Address(0xe000_0001 | 0));
  tell(group);
  const other = packet4(8);
  setAddress(other.source, ipv4Address(PEER + 1));
  tell(other, 55);
  expect(sender.counters).toEqual({
    icmpErrorsSent: 6,
    icmpErrorsForbidden: 1,
    icmpErrorsLimited: 4,
    icmpErrorsDropped: 1,
  });
});

test('what we tell ourselves has no limit', () => {
  const sender = senderOf();
  const packet = packet4(8);
  packet.interfaceIndex = 0;
  for (let i = 0; i < 100; i++) expect(sender.tell(0, packet, Send.NO_PORT, HERE, roomFor(99), 1500)).toBe(true);
});
