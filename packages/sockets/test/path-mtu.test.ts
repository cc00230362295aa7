/** Path MTU discovery: what a connection makes of "fragmentation needed" (RFC 1191; RFC 9293 §3.7). */

import { ICMPV6_PACKET_TOO_BIG, writeMessage6 } from '@tcpstack/wire/icmpv6';
import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import { describe, expect, test } from 'vitest';
import {
  IP_MTU_DISCOVER,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MTU_DISCOVER,
  TCP_MAXSEG,
} from '../src/constants.ts';
import { connected, connecting, drain, listening, said, viewOf } from './calls.ts';
import { icmpError, pattern, ROUTER } from './packets.ts';
import { FAMILIES, type Logged, World } from './world.ts';

const UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;

/** Bytes of the largest packet that a link makes of this one. */
function packetBytes({ bytes, segmentBytes, payloadBytes }: Logged): number {
  return segmentBytes === 0 ? bytes.length : bytes.length - payloadBytes + Math.min(segmentBytes, payloadBytes);
}

/** The message of a router that the packet was larger than `mtuBytes`, in the words of its family. */
function tooBig({ bytes: about, from }: Logged, mtuBytes: number): Uint8Array {
  if (!from.includes(':')) return icmpError({ type: UNREACHABLE, code: FRAGMENTATION_NEEDED, word: mtuBytes, about });
  const quote = about.subarray(0, 100);
  const bytes = new Uint8Array(48 + quote.length);
  bytes.set(quote, 48);
  const [router, to] = [parseAddress('fd00::fe') as IpAddress, parseAddress(from) as IpAddress];
  const pseudoSum = pseudoHeaderSum6(router, to, PROTOCOL_ICMPV6);
  writeMessage6(bytes, 40, bytes.length, ICMPV6_PACKET_TOO_BIG, 0, mtuBytes, pseudoSum);
  writeIpv6(bytes, 0, bytes.length, PROTOCOL_ICMPV6, router, to, 64, 0, 0);
  return bytes;
}

/** A router on the way drops what is larger than this and says so, with the limit or with 0. */
function narrow(world: World, mtuBytes: number, says = mtuBytes): void {
  world.passes = (packet) => {
    if (packetBytes(packet) <= mtuBytes) return true;
    world.inject(tooBig(packet, says));
    return false;
  };
}

const largestSent = (world: World): number => Math.max(...world.sentBy(1).map(packetBytes));

describe.each(FAMILIES)('a packet that was too big, %s (RFC 1191 §3, RFC 8201 §4)', (_name, family) => {
  /** Headers, with timestamps. */
  const headers = family === 4 ? 52 : 72;

  test.each([
    ['plain', {}],
    ['with super-segments', { superSegmentBytes: 65_535 }],
  ])('segments become smaller, what was dropped is sent again at once, and all arrives: %s', (_, link) => {
    const world = new World({ family, hosts: [{}, link], delayMs: 5 });
    const { server, client, s, c } = connected(world);
    narrow(world, 1400);
    client.sys.write(c, pattern(50_000));
    world.run(0);
    expect(client.counters().pathMtuLearnt).toBe(1);
    expect(viewOf(client, c).tcp?.mssBytes).toBe(1400 - headers);
    // Nothing waits for a timer, and no congestion is seen in it.
    const cwnd = viewOf(client, c).tcp?.cwndBytes;
    expect(largestSent(world)).toBe(1500);
    world.log.length = 0;
    world.run(200);
    expect(drain(server, s).bytes).toEqual(pattern(50_000));
    expect(client.counters()).toMatchObject({ timeouts: 0, fastRecoveries: 0 });
    expect(viewOf(client, c).tcp?.cwndBytes).toBeGreaterThanOrEqual(cwnd ?? Infinity);
    expect(largestSent(world)).toBeLessThanOrEqual(1400);
  });

  test("every connection over the path hears of it, also one opened later; what we ask for stays the link's [MUST-67]", () => {
    const world = new World({ family });
    const { client, server, c } = connected(world);
    listening(server, 4, 81);
    const other = connecting(client, server, 81);
    world.settle();
    narrow(world, 1300);
    client.sys.write(c, pattern(3000));
    world.settle();
    client.sys.write(other, pattern(1));
    world.settle();
    expect(viewOf(client, other).tcp?.mssBytes).toBe(1300 - headers);
    const later = connecting(client, server, 81);
    world.settle();
    expect(world.sentBy(1, 'SYN').at(-1)?.tcp?.mssBytes).toBe(family === 4 ? 1460 : 1440);
    expect(viewOf(client, later).tcp?.mssBytes).toBe(1300 - headers);
    expect(client.counters().pathMtuLearnt).toBe(1);
  });

  test('after 10 minutes larger segments are tried again (RFC 1191 §6.3)', () => {
    const world = new World({ family });
    const { client, c, s, server } = connected(world);
    narrow(world, 1300);
    client.sys.write(c, pattern(3000));
    world.run(599_000);
    client.sys.write(c, pattern(1));
    world.settle();
    expect(viewOf(client, c).tcp?.mssBytes).toBe(1300 - headers);
    world.passes = () => true;
    world.run(2000);
    drain(server, s);
    world.log.length = 0;
    client.sys.write(c, pattern(4000));
    world.run(1000);
    expect(viewOf(client, c).tcp?.mssBytes).toBe(1500 - headers);
    expect(largestSent(world)).toBe(1500);
  });

  const [level, option] = family === 4 ? [IPPROTO_IP, IP_MTU_DISCOVER] : [IPPROTO_IPV6, IPV6_MTU_DISCOVER];

  test.each([
    ['DONT', 0, family === 4 ? 'learn' : 'act'],
    ['WANT', 1, 'act'],
    ['DO', 2, 'act'],
    ['PROBE', 3, 'act'],
    ['INTERFACE', 4, family === 4 ? 'learn' : 'ignore'],
    ['OMIT', 5, family === 4 ? 'learn' : 'ignore'],
  ])('in the mode %s (%i) of MTU_DISCOVER the connection will %s, as in Linux', (_mode, value, does) => {
    const world = new World({ family });
    const { client, c } = connected(world);
    expect(said(client.sys.setsockopt(c, level as number, option as number, value))).toBe(0);
    world.passes = () => false;
    client.sys.write(c, pattern(2 * (1500 - headers)));
    world.settle();
    const [first] = world.sentBy(1) as [Logged];
    world.log.length = 0;
    world.inject(tooBig(first, 1300)).settle();
    expect(world.sentBy(1).length > 0).toBe(does === 'act');
    expect(client.counters()).toMatchObject({
      pathMtuLearnt: does === 'ignore' ? 0 : 1,
      pathMtuIgnored: does === 'ignore' ? 1 : 0,
    });
    // What is sent later fits the path, where the message was believed.
    world.run(400);
    expect(viewOf(client, c).tcp?.mssBytes).toBe((does === 'ignore' ? 1500 : 1300) - headers);
  });
});

describe('"fragmentation needed" (RFC 1191 §3)', () => {
  test('a router that does not give its limit: plateau by plateau (RFC 1191 §5)', () => {
    const world = new World({ delayMs: 5 });
    const { server, client, s, c } = connected(world);
    narrow(world, 1000, 0);
    client.sys.write(c, pattern(20_000));
    world.run(1000);
    expect(drain(server, s).bytes).toEqual(pattern(20_000));
    expect(viewOf(client, c).tcp?.mssBytes).toBe(552 - 52);
    expect(client.counters().pathMtuLearnt).toBe(3);
  });

  test('a report for who wants it carries the limit', () => {
    const world = new World();
    const { client, c } = connected(world);
    client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1);
    narrow(world, 1300);
    client.sys.write(c, pattern(3000));
    world.settle();
    expect(client.sys.recverr(c)).toEqual({
      reason: 'icmp',
      errno: 90,
      icmpType: UNREACHABLE,
      icmpCode: FRAGMENTATION_NEEDED,
      info: 1300,
      offender: ROUTER,
    });
    expect(said(client.sys.recverr(c))).toBe('EAGAIN');
  });
});

describe('what is not believed', () => {
  /** An open connection that sent 2896 bytes, which are lost. */
  function waiting(): { world: World; about: Uint8Array; mss: () => number | undefined; client: Logged['from'] } {
    const world = new World();
    const { client, c } = connected(world);
    world.passes = () => false;
    client.sys.write(c, pattern(2896));
    world.settle();
    const about = (world.sentBy(1)[0] as Logged).bytes.slice();
    return { world, about, mss: () => viewOf(client, c).tcp?.mssBytes, client: client.address };
  }

  test.each([
    ['a limit that the packet was within', 1500, 0],
    ['a larger one', 9000, 0],
    ['a number that is not outstanding (RFC 5927 §4.1)', 1300, 5000],
  ])('%s', (_, word, seqOffset) => {
    const { world, about, mss } = waiting();
    const view = new DataView(about.buffer);
    view.setUint32(24, view.getUint32(24) + seqOffset);
    world.log.length = 0;
    world.inject(icmpError({ type: UNREACHABLE, code: FRAGMENTATION_NEEDED, word, about })).settle();
    expect(mss()).toBe(1448);
    expect(world.sentBy(1)).toEqual([]);
    const { pathMtuLearnt = 0, pathMtuIgnored = 0, icmpOutOfWindow = 0 } = world.host(1).counters();
    expect([pathMtuLearnt, pathMtuIgnored + icmpOutOfWindow]).toEqual([0, 1]);
  });

  test('less than 552: no segment becomes smaller than that, whatever the message says', () => {
    const { world, about, mss } = waiting();
    for (const word of [1, 68, 296]) {
      world.inject(icmpError({ type: UNREACHABLE, code: FRAGMENTATION_NEEDED, word, about })).settle();
    }
    expect(mss()).toBe(552 - 52);
  });
});

describe('the MSS that we advertise (RFC 9293 §3.7.1)', () => {
  test.each([
    [1500, 1460],
    [576, 536],
    [9000, 8960],
    [68, 28],
  ])('is at most what the link of MTU %i lets us receive, less 20 [MUST-67]: %i', (mtuBytes, mss) => {
    const world = new World({ hosts: [{ mtuBytes }, { mtuBytes }] });
    listening(world.host(0));
    connecting(world.host(1), world.host(0));
    world.settle();
    expect(world.log.filter(({ kind }) => kind.includes('SYN')).map(({ tcp }) => tcp?.mssBytes)).toEqual([mss, mss]);
  });

  test('is of the smallest MTU where the MTU varies, and what we send is not held to it (§3.7.3) [SHLD-6]', () => {
    const world = new World({ hosts: [{}, { smallestMtuBytes: 1200 }] });
    const { client, server, s, c } = connected(world);
    connecting(client, server);
    world.settle();
    expect(world.sentBy(1, 'SYN').map(({ tcp }) => tcp?.mssBytes)).toEqual([1160]);
    world.log.length = 0;
    client.sys.write(c, pattern(3000));
    world.settle();
    expect(largestSent(world)).toBe(1500);
    server.sys.write(s, pattern(3000));
    world.settle();
    expect(Math.max(...world.sentBy(0).map(packetBytes))).toBe(1200);
  });

  test('TCP_MAXSEG before connect() bounds what we ask for and what we send', () => {
    const world = new World();
    const server = world.host(0);
    const client = world.host(1);
    const listener = listening(server);
    const c = client.sys.socket();
    expect(said(client.sys.setsockopt(c, IPPROTO_TCP, TCP_MAXSEG, 700))).toBe(0);
    expect(client.sys.getsockopt(c, IPPROTO_TCP, TCP_MAXSEG)).toBe(700);
    client.sys.connect(c, '10.0.0.1', 80);
    world.settle();
    const s = server.sys.accept(listener);
    expect(world.sentBy(1, 'SYN')[0]?.tcp?.mssBytes).toBe(700);
    // What a segment carries: less the timestamps.
    expect(client.sys.getsockopt(c, IPPROTO_TCP, TCP_MAXSEG)).toBe(688);
    world.log.length = 0;
    client.sys.write(c, pattern(5000));
    server.sys.write(s, pattern(5000));
    world.settle();
    expect(Math.max(...world.log.map(packetBytes))).toBe(740);
    // Too late: like Linux, it is kept and changes nothing.
    expect(said(client.sys.setsockopt(c, IPPROTO_TCP, TCP_MAXSEG, 500))).toBe(0);
    expect(client.sys.getsockopt(c, IPPROTO_TCP, TCP_MAXSEG)).toBe(688);
  });

  test('TCP_MAXSEG of a listener holds for what it accepts', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    server.sys.setsockopt(listening(server), IPPROTO_TCP, TCP_MAXSEG, 600);
    const c = connecting(client, server);
    world.settle();
    expect(world.sentBy(0, 'ACK,SYN')[0]?.tcp?.mssBytes).toBe(600);
    expect(client.sys.getsockopt(c, IPPROTO_TCP, TCP_MAXSEG)).toBe(588);
  });

  test('TCP_MAXSEG is 88 to 32767, or 0 for none', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    for (const value of [87, 32_768, -1]) {
      expect(said(sys.setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, value))).toBe('EINVAL');
    }
    for (const value of [88, 32_767, 0]) expect(said(sys.setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, value))).toBe(0);
    expect(sys.getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG)).toBe(536);
  });
});
