/** The echo server (RFC 792; RFC 1122 §3.2.2.6). */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { decodePacket } from '@tcpstack/wire/decode';
import { writeIpv4 } from '@tcpstack/wire/ipv4';
import { describe, expect, test } from 'vitest';
import { HASH } from '../test/hash.ts';
import { OURS, PEER, packet, ping, ping6, taken } from '../test/packets.ts';
import { createIpCounters } from './counters.ts';
import { answerEcho } from './echo.ts';
import { Identifications } from './identification.ts';
import { DEFAULT_TTL_HOPS, HOP_DEFAULTS } from './output.ts';
import type { IpPacket } from './packet.ts';
import { PacketQueue } from './packet-queue.ts';

const DATA = Uint8Array.from({ length: 56 }, (_, i) => 0x30 + i);

function responder(mtuBytes = 1500) {
  const output = { counters: createIpCounters(), identifications: new Identifications(HASH), settings: HOP_DEFAULTS };
  const queue = new PacketQueue();
  return {
    output,
    queue,
    arrive: (packet: IpPacket) => answerEcho(output, packet, mtuBytes, queue),
  };
}

/** All that waits, as packets. */
function sent(echo: { queue: PacketQueue }, capacityPackets = 256): Uint8Array[] {
  const batch = new PacketBatch({ capacityPackets, arenaBytes: 256 * 1024 });
  const packets: Uint8Array[] = [];
  for (let done = false; !done; ) {
    batch.clear();
    done = echo.queue.pollTransmit(batch);
    for (let i = 0; i < batch.count; i++) {
      packets.push(batch.arena.slice(batch.offsetAt(i), batch.offsetAt(i) + batch.lengthAt(i)));
    }
  }
  return packets;
}

test('RFC 792: addresses turned, type 0, the same identifier, number and data, and right checksums', () => {
  const echo = responder();
  const { output } = echo;
  expect(echo.queue.pending).toBe(false);
  echo.arrive(taken(ping(DATA, 0xbeef, 7)));
  expect(echo.queue.pending).toBe(true);
  const [reply, ...others] = sent(echo);
  expect(others).toEqual([]);
  expect(echo.queue.pending).toBe(false);
  const { fault, ipv4, icmp } = decodePacket(reply as Uint8Array);
  expect(fault).toBeNull();
  expect(ipv4).toMatchObject({ source: '10.77.0.2', destination: '10.77.0.1', ttl: DEFAULT_TTL_HOPS });
  expect(icmp).toMatchObject({ type: 0, code: 0, identifier: 0xbeef, sequence: 7, payloadLengthBytes: 56 });
  expect(reply?.subarray(28)).toEqual(DATA);
  expect(output.counters).toMatchObject({ echoRequests: 1, echoRepliesSent: 1, sent: 1 });
});

test('RFC 1122 §3.2.2.6: "Data received in an ICMP Echo Request MUST be entirely included in the resulting Echo Reply": none, odd, and all that fits', () => {
  for (const length of [0, 1, 33, 1472]) {
    const echo = responder();
    const data = Uint8Array.from({ length }, (_, i) => i);
    echo.arrive(taken(ping(data, 1, 1)));
    expect(sent(echo)[0]?.subarray(28)).toEqual(data);
  }
});

test('RFC 4443 §4.2: ICMPv6 as well, with the checksum over its own addresses', () => {
  const echo = responder();
  echo.arrive(taken(ping6(DATA, 0xbeef, 7)));
  const [reply] = sent(echo);
  const { fault, ipv6, icmpv6 } = decodePacket(reply as Uint8Array);
  expect(fault).toBeNull();
  expect(ipv6).toMatchObject({ source: 'fd00::2', destination: 'fd00::1', hopLimit: DEFAULT_TTL_HOPS });
  expect(icmpv6).toMatchObject({ type: 129, code: 0, identifier: 0xbeef, sequence: 7 });
  expect(reply?.subarray(48)).toEqual(DATA);
  const damaged = ping6(DATA, 1, 1);
  damaged[50] = (damaged[50] as number) ^ 1;
  echo.arrive(taken(damaged));
  expect([echo.output.counters.icmpErrors, echo.queue.pending]).toEqual([1, false]);
});

test('the request may lie anywhere, and link padding behind it is not data', () => {
  const echo = responder();
  const arena = new Uint8Array(200).fill(0xaa);
  arena.set(ping(DATA.subarray(0, 4), 1, 1), 77);
  echo.arrive(taken(arena, 77));
  expect(sent(echo)[0]).toHaveLength(32);
});

describe('what is not answered', () => {
  test('a message that is cut short or damaged', () => {
    const echo = responder();
    const { output } = echo;
    echo.arrive(taken(packet({ protocol: 1, payloadBytes: 7 })));
    const damaged = ping(DATA, 1, 1);
    damaged[40] = (damaged[40] as number) ^ 1;
    echo.arrive(taken(damaged));
    expect([output.counters.icmpErrors, output.counters.echoRequests, echo.queue.pending]).toEqual([2, 0, false]);
  });

  test('any other type, echo replies above all', () => {
    const echo = responder();
    const { output } = echo;
    const reply = ping(DATA, 1, 1);
    reply[20] = 0;
    // The type went down by 8, so the checksum goes up by as much.
    reply[22] = (reply[22] as number) + 8;
    echo.arrive(taken(reply));
    expect([output.counters.icmpIgnored, echo.queue.pending]).toEqual([1, false]);
  });
});

describe('bounds', () => {
  test('256 replies wait; what comes then is dropped and counted, and room comes back when they leave', () => {
    const echo = responder();
    const { output } = echo;
    for (let i = 0; i < 262; i++) echo.arrive(taken(ping(DATA, 1, i)));
    expect(output.counters).toMatchObject({ echoRequests: 262, echoRepliesDropped: 6 });
    expect(sent(echo).map((bytes) => decodePacket(bytes).icmp?.sequence)).toEqual(
      Array.from({ length: 256 }, (_, i) => i),
    );
    echo.arrive(taken(ping(DATA, 1, 99)));
    expect(sent(echo)).toHaveLength(1);
  });

  test('a reply that does not fit into the MTU leaves in fragments; one for which there is no room does not leave at all', () => {
    const echo = responder(576);
    echo.arrive(taken(ping(new Uint8Array(548), 1, 1)));
    expect(sent(echo).map(({ length }) => length)).toEqual([576]);
    echo.arrive(taken(ping(new Uint8Array(20_000), 1, 1)));
    const parts = sent(echo).map((bytes) => decodePacket(bytes).ipv4);
    expect(parts).toHaveLength(37);
    expect(parts[36]).toMatchObject({ fragmentOffsetBytes: 36 * 552, totalLengthBytes: 20_008 - 36 * 552 + 20 });
    for (let i = 0; i < 5; i++) echo.arrive(taken(ping(new Uint8Array(35_000), 1, 1)));
    // 64 fragments each.
    expect(echo.output.counters).toMatchObject({ echoRepliesSent: 6, echoRepliesDropped: 1 });
  });

  test('RFC 4443 §4.2: the same over IPv6', () => {
    const echo = responder(1280);
    echo.arrive(taken(ping6(new Uint8Array(3000), 1, 1)));
    expect(sent(echo).map((bytes) => decodePacket(bytes).ipv6?.fragment)).toMatchObject([
      { offsetBytes: 0, moreFragments: true },
      { offsetBytes: 1232, moreFragments: true },
      { offsetBytes: 2464, moreFragments: false },
    ]);
  });

  test('replies have the TOS byte of their request, and routers may cut them, as with Linux', () => {
    const echo = responder();
    const request = ping(DATA, 1, 1);
    writeIpv4(request, 0, request.length, 1, PEER, OURS, 1, 0, 64, 0xb9);
    echo.arrive(taken(request));
    expect(decodePacket(sent(echo)[0] as Uint8Array).ipv4).toMatchObject({ tos: 0xb9, dontFragment: false });
  });

  test('a small batch takes them one by one, in order, none lost and none twice', () => {
    const echo = responder();
    const { output } = echo;
    for (let i = 0; i < 10; i++) echo.arrive(taken(ping(DATA, 1, i)));
    const sequence = sent(echo, 3).map((bytes) => decodePacket(bytes).icmp?.sequence);
    expect(sequence).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(output.counters.echoRepliesSent).toBe(10);
  });
});
