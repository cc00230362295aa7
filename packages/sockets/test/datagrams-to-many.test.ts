/** Broadcast and multicast on Ethernet (RFC 1122 §3.3.6, RFC 1112, RFC 4291 §2.7): what crosses, who hears, what stays. */

import { describe, expect, test } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_MULTICAST_IF,
  POLLIN,
  SO_BROADCAST,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../src/constants.ts';
import { EACCES, EAGAIN, ENOBUFS } from '../src/errno.ts';
import type { Host } from '../src/host.ts';
import { EthernetWorld } from './ethernet-world.ts';

const PORT = 5353;

function hub(): { world: EthernetWorld; a: Host; b: Host; c: Host } {
  const world = new EthernetWorld(
    [1, 2, 3].map((last) => ({
      addresses: [`10.0.0.${last}/24`, `fd00::${last}/64`],
      dadTransmits: 0,
      acceptRouterAdvertisements: false,
    })),
  );
  world.run(10_000).takeLines();
  return { world, a: world.host(0), b: world.host(1), c: world.host(2) };
}

function bound(host: Host, domain: number, address = domain === AF_INET ? '0.0.0.0' : '::'): number {
  const fd = host.sys.socket(domain, SOCK_DGRAM);
  expect(host.sys.bind(fd, address, PORT)).toBe(0);
  return fd;
}

function say(host: Host, fd: number, address: string, bytes = 1): number {
  return host.sys.sendto(fd, new Uint8Array(bytes).fill(7), 0, bytes, 0, { address, port: PORT });
}

const hears = (host: Host, fd: number): boolean => host.sys.read(fd, new Uint8Array(4000)) > 0;

describe('broadcast', () => {
  test.each(['255.255.255.255', '10.0.0.255'])('%s is for ff:ff:ff:ff:ff:ff, and heard by all but strangers', (to) => {
    const { world, a, b, c } = hub();
    const [sa, sb, sc] = [bound(a, AF_INET), bound(b, AF_INET), bound(c, AF_INET, '10.0.0.3')];
    const from = a.sys.socket(AF_INET, SOCK_DGRAM);
    expect(a.sys.bind(from, '10.0.0.1', 9)).toBe(0);
    expect(say(a, from, to)).toBe(-EACCES);
    a.sys.setsockopt(from, SOL_SOCKET, SO_BROADCAST, 1);
    expect(say(a, from, to)).toBe(1);
    world.settle();
    expect(world.log.map(({ bytes }) => [...bytes.subarray(0, 6)])).toEqual([[255, 255, 255, 255, 255, 255]]);
    expect([hears(a, sa), hears(b, sb), hears(c, sc)]).toEqual([true, true, false]);
  });

  test('every socket that wants it has its own copy, and its own room', () => {
    const { world, a, b } = hub();
    const from = a.sys.socket(AF_INET, SOCK_DGRAM);
    a.sys.setsockopt(from, SOL_SOCKET, SO_BROADCAST, 1);
    const fds = [0, 1, 2].map(() => b.sys.socket(AF_INET, SOCK_DGRAM));
    for (const fd of fds) {
      b.sys.setsockopt(fd, SOL_SOCKET, 2, 1);
      expect(b.sys.bind(fd, '0.0.0.0', PORT)).toBe(0);
    }
    b.sys.setsockopt(fds[1] as number, SOL_SOCKET, SO_RCVBUF, 4096);
    for (let i = 0; i < 5; i++) say(a, from, '10.0.0.255', 1000);
    world.settle();
    const counts = fds.map((fd) => {
      let n = 0;
      while (hears(b, fd)) n++;
      return n;
    });
    expect(counts).toEqual([5, 3, 5]);
    expect(b.counters().datagramQueueDrops).toBe(2);
  });

  test('nobody who wants it: no error goes back, and it is counted (RFC 1122 §3.2.2)', () => {
    const { world, a, b } = hub();
    const from = a.sys.socket(AF_INET, SOCK_DGRAM);
    a.sys.setsockopt(from, SOL_SOCKET, SO_BROADCAST, 1);
    say(a, from, '10.0.0.255');
    world.settle();
    expect(world.log).toHaveLength(1);
    expect(b.counters().datagramsUnwanted).toBe(1);
  });
});

describe.each([
  ['IPv4', AF_INET, '239.1.2.3', [0x01, 0, 0x5e, 1, 2, 3], 'igmpSent'],
  ['IPv6', AF_INET6, 'ff05::1:2', [0x33, 0x33, 0, 1, 0, 2], 'mldSent'],
] as const)('groups over %s', (_name, domain, group, mac, reports) => {
  const is4 = domain === AF_INET;

  function join(host: Host, fd: number, of: string = group): number {
    const [level, name] = is4 ? [IPPROTO_IP, IP_ADD_MEMBERSHIP] : [IPPROTO_IPV6, IPV6_JOIN_GROUP];
    return host.sys.setsockopt(fd, level, name, { group: of, interfaceIndex: 1 });
  }

  function sender(host: Host): number {
    const fd = host.sys.socket(domain, SOCK_DGRAM);
    if (is4) host.sys.setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, '10.0.0.1');
    else host.sys.setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, 1);
    return fd;
  }

  test('who joined is told of, and hears what is sent to the Ethernet address of the group', () => {
    const { world, a, b, c } = hub();
    const [sb, sc] = [bound(b, domain), bound(c, domain)];
    const before = b.counters()[reports] ?? 0;
    expect(join(b, sb)).toBe(0);
    world.run(5000);
    expect((b.counters()[reports] ?? 0) - before, 'twice').toBe(2);
    world.log.length = 0;
    expect(say(a, sender(a), group)).toBe(1);
    world.settle();
    expect(world.log.map(({ bytes }) => [...bytes.subarray(0, 6)])).toEqual([mac]);
    expect(b.sys.poll([{ fd: sb, events: POLLIN, revents: 0 }])).toBe(1);
    expect([hears(b, sb), hears(c, sc)]).toEqual([true, false]);
  });

  test('what the last socket leaves, and what a closed one was in, is heard no more', () => {
    const { world, a, b } = hub();
    const sb = bound(b, domain);
    const other = b.sys.socket(domain, SOCK_DGRAM);
    join(b, sb);
    join(b, other);
    const heard = (): boolean => {
      say(a, sender(a), group);
      world.settle();
      return hears(b, sb);
    };
    if (is4) b.sys.setsockopt(sb, IPPROTO_IP, IP_DROP_MEMBERSHIP, { group });
    if (is4) b.sys.setsockopt(sb, IPPROTO_IP, IP_DROP_MEMBERSHIP, { group, interfaceIndex: 1 });
    expect(heard(), 'another socket of the host is a member').toBe(true);
    b.sys.close(other);
    expect(heard()).toBe(!is4);
    b.sys.close(sb);
    world.run(5000);
    const sb2 = bound(b, domain);
    say(a, sender(a), group);
    world.settle();
    expect(b.sys.read(sb2, new Uint8Array(9))).toBe(-EAGAIN);
    expect(b.counters().notForUs).toBeGreaterThan(0);
  });

  test('the groups of one socket are bounded', () => {
    const { b } = hub();
    const sb = bound(b, domain);
    const of = (i: number): string => (is4 ? `239.0.${i >> 8}.${i & 255}` : `ff05::2:${i.toString(16)}`);
    const most = is4 ? 20 : 256;
    for (let i = 1; i <= most; i++) expect(join(b, sb, of(i))).toBe(0);
    expect(join(b, sb, of(most + 1))).toBe(-ENOBUFS);
  });
});
