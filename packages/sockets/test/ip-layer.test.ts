/** Senders are told what became of their packets; and whatever comes, nothing throws. */

import { PKT_CSUM_VALID } from '@tcpstack/bytes/packet-batch';
import { IPV4_REASSEMBLY_MS, IPV6_REASSEMBLY_MS } from '@tcpstack/ip/reassembly';
import { complement, onesSum } from '@tcpstack/wire/checksum';
import { decodePacket } from '@tcpstack/wire/decode';
import { writeIpv4 } from '@tcpstack/wire/ipv4';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from './holds.ts';
import { decoded, fragmentsOf, HERE, PEER, ping6, Rig, udp4, udp6 } from './ip-rig.ts';
import { pattern, ping } from './packets.ts';

describe('senders are told', () => {
  test.each([
    ['IPv4: RFC 1122 §4.1.3.1', udp4(), { type: 3, code: 3 }],
    ['IPv6: RFC 4443 §3.1', udp6(), { type: 1, code: 4 }],
  ])('that nobody has a UDP port — %s', (_, datagram, said) => {
    const rig = new Rig();
    const [told] = rig.arrive(0, [datagram]);
    const packet = decodePacket(told as Uint8Array);
    expect(packet.fault).toBeNull();
    expect(packet.icmp ?? packet.icmpv6).toMatchObject(said);
    expect(told?.subarray(-datagram.length)).toEqual(datagram);
    expect(rig.host.counters()).toMatchObject({ noDatagramPort: 1, icmpErrorsSent: 1 });
  });

  test('but not of damaged datagrams, unless the link vouches for them', () => {
    const rig = new Rig();
    const damaged = udp4();
    damaged[30] = 1;
    const short = udp6().subarray(0, 47);
    short[5] = 7;
    expect(rig.arrive(0, [damaged, short])).toEqual([]);
    expect(rig.host.counters()).toMatchObject({ badDatagramChecksums: 1, badDatagrams: 1, noDatagramPort: 0 });
    expect(rig.arrive(0, [damaged], PKT_CSUM_VALID)).toHaveLength(1);
  });

  test('that a protocol is not known: RFC 1122 §3.2.2.1; RFC 8200 §4, with the place of what named it', () => {
    const rig = new Rig();
    const four = udp4();
    writeIpv4(four, 0, four.length, 132, PEER, HERE, 1, 0, 64, 0);
    const six = udp6();
    six[6] = 132;
    const plain = udp6();
    const behind = Uint8Array.of(...plain.subarray(0, 40), 132, 0, 1, 4, 0, 0, 0, 0, ...plain.subarray(40));
    behind[5] = behind.length - 40;
    behind[6] = 60;
    const told = decoded(rig.arrive(0, [four, six, behind]));
    expect(
      told.map(({ icmp, icmpv6 }) => [icmp?.type, icmp?.code, icmpv6?.type, icmpv6?.code, icmpv6?.sequence]),
    ).toEqual([
      [3, 2, undefined, undefined, undefined],
      [undefined, undefined, 4, 1, 6],
      [undefined, undefined, 4, 1, 40],
    ]);
    // "there is nothing following that header" — RFC 8200 §4.7
    six[6] = 59;
    expect(rig.arrive(0, [six])).toEqual([]);
  });

  test('that an option is not known, and that segments are left in a route: RFC 8200 §4.2, §4.4; RFC 5095', () => {
    const rig = new Rig();
    const plain = ping6(pattern(8));
    const behind = (number: number, ...header: number[]): Uint8Array => {
      const bytes = Uint8Array.of(...plain.subarray(0, 40), 58, 0, ...header, ...plain.subarray(40));
      bytes[5] = bytes.length - 40;
      bytes[6] = number;
      return bytes;
    };
    const told = decoded(
      rig.arrive(0, [behind(60, 0x85, 4, 0, 0, 0, 0), behind(43, 0, 1, 0, 0, 0, 0), behind(60, 0x45, 4, 0, 0, 0, 0)]),
    );
    expect(told.map(({ icmpv6 }) => [icmpv6?.type, icmpv6?.code, icmpv6?.sequence])).toEqual([
      [4, 2, 42],
      [4, 0, 42],
    ]);
    expect(rig.host.counters()).toMatchObject({ badOptions: 2, sourceRoutesDropped: 1 });
  });

  test('no more often than Linux tells them: 6 errors to one host at once, then one a second', () => {
    const rig = new Rig();
    const many = Array.from({ length: 20 }, udp4);
    expect(rig.arrive(0, many)).toHaveLength(6);
    expect(rig.arrive(1000, many)).toHaveLength(1);
    expect(rig.host.counters()).toMatchObject({ icmpErrorsSent: 7, icmpErrorsLimited: 33 });
    // The route to the neighbours over IPv6 is one of 64 bits, behind which there may be many.
    const six = Array.from({ length: 20 }, udp6);
    expect([rig.arrive(2000, six), rig.arrive(2249, six), rig.arrive(2250, six)].map(({ length }) => length)).toEqual([
      6, 0, 1,
    ]);
    const free = new Rig({ icmpErrorMs: 0, icmpErrorsBurst: 1000 });
    expect(free.arrive(0, many)).toHaveLength(20);
  });

  test('of nothing, when the packet came from nobody', () => {
    const rig = new Rig();
    const error = udp4();
    writeIpv4(error, 0, error.length, 1, PEER, HERE, 1, 0, 64, 0);
    error[20] = 3;
    const [first] = fragmentsOf(error, 28) as [Uint8Array];
    rig.arrive(0, [first]);
    rig.host.handleTimeout(IPV4_REASSEMBLY_MS);
    expect(rig.sent(IPV4_REASSEMBLY_MS)).toEqual([]);
    expect(rig.host.counters()).toMatchObject({ reassemblyTimeouts: 1, icmpErrorsForbidden: 1 });
  });
});

describe('fuzz', () => {
  /** Where a packet ends up that is not handed on. */
  const DROPS = [
    ...['shortPackets', 'notIp', 'badHeaders', 'badHeaderChecksums', 'notForUs', 'badSources', 'martians'],
    ...['fragmentsHeld', 'badOptions', 'sourceRoutesDropped', 'unknownProtocols'],
  ];
  const behindOptions = fragmentsOf(ping6(pattern(3000)), 1500)[0] as Uint8Array;
  const REAL = [
    ...fragmentsOf(ping(pattern(200)), 100),
    ...fragmentsOf(ping6(pattern(200)), 120),
    ...[udp4(), udp6(), ping(pattern(9)), ping6(pattern(9)), behindOptions],
  ];
  const edits = fc.array(fc.tuple(fc.oneof(fc.nat(90), fc.constantFrom(6, 7, 40, 41, 42, 43)), fc.nat(255)), {
    maxLength: 3,
  });
  const arrival = fc.tuple(fc.nat(REAL.length - 1), edits, fc.nat(5000), fc.option(fc.nat(120), { freq: 8 }));

  test('any fragments and packets of both families, damaged in any way: no throw, each is counted, all that leaves is right', () => {
    holds(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 40 }), (arrivals) => {
        const rig = new Rig({ icmpErrorMs: 0 });
        let nowMs = 0;
        for (const [which, changes, ms, cut] of arrivals) {
          nowMs += ms;
          rig.host.handleTimeout(nowMs);
          const bytes = (REAL[which] as Uint8Array).slice(0, cut ?? undefined);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          repairHeader(bytes);
          for (const sent of rig.arrive(nowMs, [bytes])) expectRight(sent);
        }
        const counters = rig.host.counters();
        const fates = ['delivered', ...DROPS].reduce((sum, name) => sum + (counters[name] ?? Number.NaN), 0);
        expect(fates).toBe(arrivals.length);
        rig.host.handleTimeout(nowMs + IPV6_REASSEMBLY_MS);
        for (const sent of rig.sent(nowMs + IPV6_REASSEMBLY_MS)) expectRight(sent);
        expect(rig.host.pollDeadlineMs()).toBe(Infinity);
      }),
      { numRuns: 400 },
    );
  });

  /** Makes the checksum of an IPv4 header right, so that more than the first check is reached. */
  function repairHeader(bytes: Uint8Array): void {
    const end = ((bytes[0] ?? 0) & 15) * 4;
    if ((bytes[0] ?? 0) >> 4 !== 4 || end < 20 || end > bytes.length) return;
    bytes.fill(0, 10, 12);
    const sum = complement(onesSum(bytes, 0, end));
    bytes.set([sum >> 8, sum & 0xff], 10);
  }

  function expectRight(packet: Uint8Array): void {
    expect(packet.length).toBeLessThanOrEqual(1500);
    expect(decodePacket(packet).fault).toBeNull();
  }
});
