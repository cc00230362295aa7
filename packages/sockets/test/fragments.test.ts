/** Fragments that come to a Host, and those that it sends. */

import { PacketBatch, PKT_CSUM_VALID } from '@tcpstack/bytes/packet-batch';
import { IPV4_REASSEMBLY_MS, IPV6_REASSEMBLY_MS } from '@tcpstack/ip/reassembly';
import { decodePacket } from '@tcpstack/wire/decode';
import { ACK, PSH, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { listening } from './calls.ts';
import { decoded, fragmentsOf, ping6, Rig } from './ip-rig.ts';
import { pattern, ping, segment } from './packets.ts';

/** The packet as its receiver's: addresses of IPv4 or IPv6 swapped, which changes no sum but that of no header. */
function turn(packet: Uint8Array, isIpv4: boolean): Uint8Array {
  const bytes = packet.slice();
  const [at, size] = isIpv4 ? [12, 4] : [8, 16];
  bytes.set(packet.subarray(at + size, at + 2 * size), at);
  bytes.set(packet.subarray(at, at + size), at + size);
  return bytes;
}

describe('fragments', () => {
  test.each([
    ['IPv4 (RFC 791 §3.2)', ping(pattern(20_000)), 28],
    ['IPv6 (RFC 8200 §4.5)', ping6(pattern(20_000)), 48],
  ])('%s: a ping of 20,000 bytes is put together, and answered in fragments', (_, request, dataAt) => {
    const rig = new Rig();
    const replies = rig.arrive(0, fragmentsOf(request, 1500));
    expect(replies).toHaveLength(14);
    for (const reply of replies) expect(reply.length).toBeLessThanOrEqual(1500);
    // Another Host puts them together: the reply has its data, and is no request.
    expect(rig.host.counters()).toMatchObject({ datagramsReassembled: 1, echoRepliesSent: 1, fragmentsHeld: 13 });
    const far = new Rig();
    const turned = replies.map((reply) => turn(reply, dataAt === 28));
    far.arrive(0, turned);
    expect(far.host.counters()).toMatchObject({ datagramsReassembled: 1, icmpIgnored: 1, icmpErrors: 0 });
  });

  test('a segment in fragments reaches its connection, and its checksum is looked at whatever the link says', () => {
    const rig = new Rig();
    const { sys } = rig.host;
    const fd = listening(rig.host);
    const [answer] = decoded(rig.arrive(0, [segment({ flags: SYN, seq: 1 })]));
    const ack = ((answer?.tcp?.seq ?? 0) + 1) >>> 0;
    rig.arrive(1, [segment({ flags: ACK, seq: 2, ack })]);
    const child = sys.accept(fd);
    const data = segment({ flags: ACK | PSH, seq: 2, ack, payload: pattern(900) });
    const damaged = data.slice();
    damaged[700] = (damaged[700] as number) ^ 1;
    rig.arrive(2, fragmentsOf(damaged, 300), PKT_CSUM_VALID);
    expect(rig.host.counters()).toMatchObject({ datagramsReassembled: 1, badChecksums: 1 });
    rig.arrive(3, fragmentsOf(data, 300), PKT_CSUM_VALID);
    const into = new Uint8Array(1000);
    expect([sys.read(child, into), into.slice(0, 900)]).toEqual([900, pattern(900)]);
  });

  test('text in fragments is not lent from memory that the next fragments are put into', () => {
    const rig = new Rig();
    const { sys } = rig.host;
    const fd = listening(rig.host);
    const [answer] = decoded(rig.arrive(0, [segment({ flags: SYN, seq: 1 })]));
    const ack = ((answer?.tcp?.seq ?? 0) + 1) >>> 0;
    rig.arrive(1, [segment({ flags: ACK, seq: 2, ack })]);
    const child = sys.accept(fd);
    const batch = new PacketBatch();
    const text = pattern(60_000);
    for (let i = 0; i < 3; i++) {
      const payload = text.subarray(i * 20_000, (i + 1) * 20_000);
      for (const part of fragmentsOf(segment({ flags: ACK, seq: 2 + i * 20_000, ack, payload }), 1500)) {
        batch.arena.set(part, batch.reserve(part.length));
        batch.commit(part.length, 0, 0);
      }
    }
    rig.host.borrowPackets(2, batch);
    const into = new Uint8Array(60_001);
    expect(sys.read(child, into)).toBe(60_000);
    expect(into.subarray(0, 60_000)).toEqual(text);
    rig.host.settlePackets();
  });

  test.each([
    ['IPv4 (RFC 792)', ping(pattern(3000)), IPV4_REASSEMBLY_MS],
    ['IPv6 (RFC 8200 §4.5)', ping6(pattern(3000)), IPV6_REASSEMBLY_MS],
  ])('%s: when the rest does not come, the sender is told with the first fragment', (_, request, lifeMs) => {
    const rig = new Rig();
    const [first, second] = fragmentsOf(request, 1500) as [Uint8Array, Uint8Array];
    expect(rig.arrive(5, [second, first])).toEqual([]);
    expect(rig.host.pollDeadlineMs()).toBe(5 + lifeMs);
    rig.host.handleTimeout(4 + lifeMs);
    expect(rig.sent(4 + lifeMs)).toEqual([]);
    rig.host.handleTimeout(5 + lifeMs);
    const [told, ...others] = rig.sent(5 + lifeMs);
    expect(others).toEqual([]);
    const packet = decodePacket(told as Uint8Array);
    const isIpv4 = packet.ipv4 !== null;
    expect(packet.fault).toBeNull();
    expect(packet.icmp ?? packet.icmpv6).toMatchObject({ type: isIpv4 ? 11 : 3, code: 1 });
    expect(told).toHaveLength(isIpv4 ? 576 : 1280);
    const quoteAt = isIpv4 ? 28 : 48;
    expect(told?.subarray(quoteAt)).toEqual(first.subarray(0, (told as Uint8Array).length - quoteAt));
    expect(rig.host.pollDeadlineMs()).toBe(Infinity);
    expect(rig.host.counters()).toMatchObject({ reassemblyTimeouts: 1, icmpErrorsSent: 1 });
  });

  test('RFC 8200 §4.5: a fragment of a wrong length is told, code 0, with the place of the length', () => {
    const rig = new Rig();
    const [first] = fragmentsOf(ping6(pattern(3000)), 1500) as [Uint8Array];
    const short = first.slice(0, first.length - 3);
    short[5] = (short[5] as number) - 3;
    const [told] = decoded(rig.arrive(0, [short]));
    expect(told?.icmpv6).toMatchObject({ type: 4, code: 0, identifier: 0, sequence: 4 });
  });

  test('a fragment header in a packet that was put together is refused', () => {
    const rig = new Rig();
    const inner = fragmentsOf(ping6(pattern(3000)), 1500)[0] as Uint8Array;
    expect(rig.arrive(0, fragmentsOf(inner, 1280))).toEqual([]);
    expect(rig.host.counters()).toMatchObject({ datagramsReassembled: 1, badOptions: 1, fragmentsHeld: 1 });
  });

  test('RFC 6946: an atomic fragment is a packet', () => {
    const plain = ping6(pattern(64));
    const atomic = Uint8Array.of(...plain.subarray(0, 40), 58, 0, 0, 0, 0, 0, 0, 9, ...plain.subarray(40));
    atomic[5] = atomic.length - 40;
    atomic[6] = 44;
    const [reply] = decoded(new Rig().arrive(0, [atomic]));
    expect(reply).toMatchObject({
      fault: null,
      ipv6: { fragment: null },
      icmpv6: { type: 129, payloadLengthBytes: 64 },
    });
  });

  test('the time and the memory of fragments are settings', () => {
    const [part] = fragmentsOf(ping(pattern(3000)), 1500) as [Uint8Array];
    const hasty = new Rig({ reassemblyMs: 7 });
    hasty.arrive(0, [part]);
    expect(hasty.host.pollDeadlineMs()).toBe(7);
    expect(hasty.host.sysctl.set('net.ipv4.ipfrag_time', 2)).toBe(0);
    hasty.host.handleTimeout(7);
    hasty.arrive(7, [part]);
    expect(hasty.host.pollDeadlineMs()).toBe(2007);
    const poor = new Rig({ reassemblyMemoryBytes: 2000 });
    poor.arrive(0, [part]);
    expect(poor.host.pollDeadlineMs()).toBe(Infinity);
    expect(poor.host.counters()).toMatchObject({ fragmentsReceived: 1, reassemblyEvictions: 1 });
  });
});
