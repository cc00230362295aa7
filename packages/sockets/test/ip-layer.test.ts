/** What a Host's IP layer does by itself: fragments put together and made, and senders told what became of packets. */

import { PacketBatch, PKT_CSUM_VALID } from '@tcpstack/bytes/packet-batch';
import { fragmentInto } from '@tcpstack/ip/fragment';
import { IPV4_REASSEMBLY_MS, IPV6_REASSEMBLY_MS } from '@tcpstack/ip/reassembly';
import { type DecodedPacket, decodePacket } from '@tcpstack/wire/decode';
import { ICMPV6_ECHO_REQUEST, writeEcho6 } from '@tcpstack/wire/icmpv6';
import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_UDP, pseudoHeaderSum, writeIpv4 } from '@tcpstack/wire/ipv4';
import { pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import { ACK, PSH, SYN } from '@tcpstack/wire/tcp';
import { finishChecksum, writeUdp } from '@tcpstack/wire/udp';
import { describe, expect, test } from 'vitest';
import { Host, type Settings } from '../src/host.ts';
import { listening } from './calls.ts';
import { pattern, ping, segment } from './packets.ts';
import { entropy } from './world.ts';

const HERE6 = parseAddress('fd00::1') as IpAddress;
const PEER6 = parseAddress('fd00::99') as IpAddress;
const HERE = 0x0a00_0001;
const PEER = 0x0a00_0063;

/** A Host at 10.0.0.1 and fd00::1 on a link of 1500 bytes, and what it sends. */
class Rig {
  readonly host: Host;
  readonly #batch = new PacketBatch();

  constructor(settings: Partial<Settings> = {}) {
    const network = { address: '10.0.0.1', prefixBits: 24, moreAddresses: ['fd00::1/64'], mtuBytes: 1500 };
    this.host = new Host({ ...network, entropy: entropy(1), settings });
  }

  /** Packets arrive in one batch; what is sent upon them. */
  arrive(nowMs: number, packets: readonly Uint8Array[], flags = 0): Uint8Array[] {
    this.#batch.clear();
    for (const packet of packets) {
      this.#batch.arena.set(packet, this.#batch.reserve(packet.length));
      this.#batch.commit(packet.length, flags, 0);
    }
    this.host.handlePackets(nowMs, this.#batch);
    return this.sent(nowMs);
  }

  sent(nowMs: number): Uint8Array[] {
    this.#batch.clear();
    expect(this.host.pollTransmit(nowMs, this.#batch)).toBe(false);
    return packetsOf(this.#batch);
  }
}

function packetsOf(batch: PacketBatch): Uint8Array[] {
  return Array.from({ length: batch.count }, (_, i) =>
    batch.arena.slice(batch.offsetAt(i), batch.offsetAt(i) + batch.lengthAt(i)),
  );
}

/** The same packet in fragments of up to so many bytes. */
function fragmentsOf(packet: Uint8Array, mtuBytes: number): Uint8Array[] {
  const whole = packet.slice();
  // DF is cleared, and the header summed anew where the fragments are made.
  if ((whole[0] as number) >> 4 === 4) whole[6] = 0;
  const batch = new PacketBatch({ capacityPackets: 2000 });
  expect(fragmentInto(batch, whole, 0, whole.length, mtuBytes, 77)).toBe(true);
  return packetsOf(batch);
}

function decoded(packets: readonly Uint8Array[]): DecodedPacket[] {
  return packets.map((packet) => decodePacket(packet));
}

function ping6(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(48 + data.length);
  bytes.set(data, 48);
  writeEcho6(bytes, 40, bytes.length, ICMPV6_ECHO_REQUEST, 1, 1, pseudoHeaderSum6(PEER6, HERE6, 58));
  writeIpv6(bytes, 0, bytes.length, 58, PEER6, HERE6, 64, 0, 0);
  return bytes;
}

/** A UDP datagram from the peer to port 53. */
function udp4(): Uint8Array {
  const bytes = new Uint8Array(31);
  writeIpv4(bytes, 0, 31, PROTOCOL_UDP, PEER, HERE, 1, 0, 64, 0);
  writeUdp(bytes, 20, 1000, 53, 11);
  finishChecksum(bytes, 20, 31, pseudoHeaderSum(PEER, HERE, PROTOCOL_UDP));
  return bytes;
}

function udp6(): Uint8Array {
  const bytes = new Uint8Array(51);
  writeIpv6(bytes, 0, 51, PROTOCOL_UDP, PEER6, HERE6, 64, 0, 0);
  writeUdp(bytes, 40, 1000, 53, 11);
  finishChecksum(bytes, 40, 51, pseudoHeaderSum6(PEER6, HERE6, PROTOCOL_UDP));
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

/** The packet as its receiver's: addresses of IPv4 or IPv6 swapped, which changes no sum but that of no header. */
function turn(packet: Uint8Array, isIpv4: boolean): Uint8Array {
  const bytes = packet.slice();
  const [at, size] = isIpv4 ? [12, 4] : [8, 16];
  bytes.set(packet.subarray(at + size, at + 2 * size), at);
  bytes.set(packet.subarray(at, at + size), at + size);
  return bytes;
}

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
