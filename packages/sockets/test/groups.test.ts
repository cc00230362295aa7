/** Groups on a host with two interfaces (RFC 1112 §6, §7; ip(7), ipv6(7)): who hears what, which way it goes, and what is refused. */

import { PacketBatch } from '@tcpstack/bytes/packet-batch';
import { describe, expect, test } from 'vitest';
import type { ControlMessage, MsgHdr } from '../src/call-types.ts';
import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_PKTINFO,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_V6ONLY,
  SO_BINDTODEVICE,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from '../src/constants.ts';
import { EADDRINUSE, EINVAL, ENETUNREACH, ENOBUFS, ENODEV } from '../src/errno.ts';
import { Host } from '../src/host.ts';
import type { OptionValue } from '../src/option-types.ts';
import { entropy } from './world.ts';

const PORT = 5353;
const [GROUP, GROUP6] = ['239.1.2.3', 'ff05::1:2'];
/** The interfaces of the host. */
const [ETH0, ETH1] = [1, 2];

class Groups {
  readonly host = new Host({
    interfaces: [
      { name: 'eth0', mtuBytes: 1500, addresses: ['10.0.0.1/24', '10.0.0.7/24', 'fd00::1/64'] },
      { name: 'eth1', mtuBytes: 1500, addresses: ['10.1.0.1/24', 'fd01::1/64'] },
    ],
    entropy: entropy(1),
  });

  open(domain: number = AF_INET): number {
    return this.host.sys.socket(domain, SOCK_DGRAM);
  }

  bound(domain: number, address = domain === AF_INET ? '0.0.0.0' : '::', port = PORT): number {
    const fd = this.open(domain);
    this.set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    expect(this.host.sys.bind(fd, address, port)).toBe(0);
    return fd;
  }

  set(fd: number, level: number, name: number, value: OptionValue): number {
    return this.host.sys.setsockopt(fd, level, name, value);
  }

  join(fd: number, group: string, interfaceIndex = 0, address = '0.0.0.0'): number {
    return group.includes(':')
      ? this.set(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, { group, interfaceIndex })
      : this.set(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, { group, address, interfaceIndex });
  }

  /** A socket that sends to groups by this interface. */
  by(index: number, domain: number = AF_INET): number {
    const fd = this.open(domain);
    if (domain === AF_INET) this.set(fd, IPPROTO_IP, IP_MULTICAST_IF, { group: '0.0.0.0', interfaceIndex: index });
    else this.set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index);
    return fd;
  }

  say(fd: number, to: string, control?: readonly ControlMessage[]): number {
    const name = { address: to, port: PORT };
    return this.host.sys.sendmsg(fd, { iov: [Uint8Array.of(1)], name, ...(control === undefined ? {} : { control }) });
  }

  /** Datagrams that wait here: who sent each. */
  heard(fd: number): string[] {
    const from: string[] = [];
    for (;;) {
      const message: MsgHdr = { iov: [new Uint8Array(9)] };
      if (this.host.sys.recvmsg(fd, message) < 0) return from;
      from.push((message.name as { address: string }).address);
    }
  }

  /** Packets that leave by an interface. */
  left(index: number): number {
    const batch = new PacketBatch({ capacityPackets: 16, arenaBytes: 64 * 1024 });
    this.host.pollTransmit(0, batch, index);
    return batch.count;
  }
}

describe('who hears', () => {
  test('a group of IPv4 is heard where it was joined, with IP_MULTICAST_ALL off; by number or by address', () => {
    const g = new Groups();
    const [a, b, other] = [g.bound(AF_INET), g.bound(AF_INET), g.bound(AF_INET)];
    for (const fd of [a, b, other]) g.set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
    expect(g.join(a, GROUP, ETH0)).toBe(0);
    expect(g.join(b, GROUP, 0, '10.1.0.1')).toBe(0);
    g.say(g.by(ETH1), GROUP);
    expect([a, b, other].map((fd) => g.heard(fd))).toEqual([[], ['10.1.0.1'], []]);
    g.say(g.by(ETH0), GROUP);
    expect([a, b, other].map((fd) => g.heard(fd).length)).toEqual([1, 0, 0]);
  });

  test('one of IPv6 that names no interface is joined on the first that is no loopback', () => {
    const g = new Groups();
    const a = g.bound(AF_INET6);
    expect(g.join(a, GROUP6)).toBe(0);
    g.say(g.by(ETH0, AF_INET6), GROUP6);
    expect(g.heard(a)).toEqual(['fd00::1']);
    g.say(g.by(ETH1, AF_INET6), GROUP6);
    expect(g.heard(a)).toEqual([]);
  });

  test('SO_BINDTODEVICE, connect() and the family of the socket narrow it', () => {
    const g = new Groups();
    const [device, only6, both, only4] = [g.bound(AF_INET), g.open(AF_INET6), g.bound(AF_INET6), g.bound(AF_INET)];
    g.set(device, SOL_SOCKET, SO_BINDTODEVICE, 'eth0');
    g.set(only6, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    g.set(only6, SOL_SOCKET, SO_REUSEADDR, 1);
    expect(g.host.sys.bind(only6, '::', PORT)).toBe(0);
    const [peers, strangers] = [g.bound(AF_INET, GROUP), g.bound(AF_INET, GROUP)];
    g.host.sys.connect(peers, '10.1.0.1', 9);
    g.host.sys.connect(strangers, '10.1.0.1', 10);
    for (const [group, index] of [
      [GROUP, ETH1],
      [GROUP6, ETH1],
    ] as const) {
      g.join(both, group, index);
    }
    g.join(only4, GROUP, ETH1);
    const from = g.bound(AF_INET, '10.1.0.1', 9);
    g.say(from, GROUP);
    const fds = [device, only6, both, only4, peers, strangers];
    expect(fds.map((fd) => g.heard(fd).length)).toEqual([0, 0, 1, 1, 1, 0]);
    g.say(g.by(ETH1, AF_INET6), GROUP6);
    expect(fds.map((fd) => g.heard(fd).length)).toEqual([0, 1, 1, 0, 0, 0]);
  });

  test('what comes for one address after a broadcast is for one again', () => {
    const [g, packets] = [new Groups(), new PacketBatch({ capacityPackets: 16, arenaBytes: 64 * 1024 })];
    const peer = new Host({ address: '10.0.0.2', prefixBits: 24, mtuBytes: 1500, entropy: entropy(2) });
    const c = peer.sys.socket(AF_INET, SOCK_DGRAM);
    peer.sys.setsockopt(c, SOL_SOCKET, 6, 1);
    for (const address of ['10.0.0.255', '10.0.0.1']) {
      peer.sys.sendto(c, Uint8Array.of(1), 0, 1, 0, { address, port: PORT });
    }
    peer.pollTransmit(0, packets);
    g.host.handlePackets(0, packets, ETH0);
    expect(g.host.counters()).toMatchObject({ datagramsUnwanted: 1, noDatagramPort: 1 });
  });
});

describe('which way it goes', () => {
  test('the source is that of IP_MULTICAST_IF, and never the group that the socket is bound to', () => {
    const g = new Groups();
    const a = g.bound(AF_INET);
    g.join(a, GROUP, ETH0);
    const named = g.open();
    g.set(named, IPPROTO_IP, IP_MULTICAST_IF, '10.0.0.7');
    g.say(named, GROUP);
    const inGroup = g.bound(AF_INET, GROUP, 77);
    g.set(inGroup, IPPROTO_IP, IP_MULTICAST_IF, { group: '0.0.0.0', interfaceIndex: ETH0 });
    g.say(inGroup, GROUP);
    expect(g.heard(a)).toEqual(['10.0.0.7', '10.0.0.1']);
  });

  test('IP_PKTINFO names the interface before IP_MULTICAST_IF does; one that there is not, or not ours, is refused', () => {
    const g = new Groups();
    const a = g.bound(AF_INET);
    g.join(a, GROUP, ETH1);
    const info = (interfaceIndex: number, localAddress = '0.0.0.0'): ControlMessage[] => [
      { level: IPPROTO_IP, type: IP_PKTINFO, info: { interfaceIndex, localAddress, address: '0.0.0.0' } },
    ];
    expect(g.say(g.by(ETH0), GROUP, info(ETH1))).toBe(1);
    expect(g.heard(a)).toEqual(['10.1.0.1']);
    expect(g.say(g.by(ETH0), GROUP, info(77))).toBe(-ENODEV);
    expect(g.say(g.by(ETH0), GROUP, info(ETH1, '10.9.9.9'))).toBe(-ENETUNREACH);
    expect(g.say(g.open(), GROUP, info(0, '10.9.9.9'))).toBe(-EINVAL);
  });

  test.each([
    [AF_INET, GROUP],
    [AF_INET6, GROUP6],
  ])('by the interface that was chosen, until none is (domain %i)', (domain, group) => {
    const g = new Groups();
    const [a, b] = [g.bound(domain), g.bound(domain)];
    g.join(a, group, ETH1);
    const c = g.by(ETH1, domain);
    g.say(c, group);
    expect([g.left(ETH0), g.left(ETH1), g.heard(a).length]).toEqual([0, 1, 1]);
    if (domain === AF_INET) return;
    g.heard(b);
    expect(g.set(c, IPPROTO_IPV6, IPV6_MULTICAST_IF, 0)).toBe(0);
    g.say(c, group);
    expect([g.left(ETH0), g.left(ETH1)]).toEqual([1, 0]);
  });

  test('what has no hop, and what is of this interface alone (RFC 4291 §2.7), does not leave, and is heard here', () => {
    const g = new Groups();
    const [a, b] = [g.bound(AF_INET), g.bound(AF_INET6)];
    g.join(a, GROUP, ETH0);
    g.join(b, 'ff01::7', ETH0);
    const c = g.by(ETH0);
    g.set(c, IPPROTO_IP, IP_MULTICAST_TTL, 0);
    g.say(c, GROUP);
    g.say(g.by(ETH0, AF_INET6), 'ff01::7');
    expect([g.left(ETH0), g.heard(a).length]).toEqual([0, 1]);
    expect(g.heard(b), 'of both families').toEqual(['::ffff:10.0.0.1', 'fd00::1']);
  });

  test('what goes by the loopback is heard once', () => {
    const g = new Groups();
    const a = g.bound(AF_INET);
    expect(g.join(a, GROUP, 0, '127.0.0.1')).toBe(0);
    const c = g.open();
    g.set(c, IPPROTO_IP, IP_MULTICAST_IF, '127.0.0.1');
    expect(g.say(c, GROUP)).toBe(1);
    for (let i = 0; i < 3; i++) expect(g.left(ETH0)).toBe(0);
    for (let i = 0; i < 3; i++) g.host.handleTimeout(0);
    expect(g.heard(a)).toHaveLength(1);
  });

  test('IP_MULTICAST_LOOP: nobody here hears it, nor where nobody joined; of IPv6 sockets their own level counts', () => {
    const g = new Groups();
    const a = g.bound(AF_INET);
    const c = g.by(ETH0);
    g.say(c, GROUP);
    expect(g.heard(a), 'nobody joined').toEqual([]);
    g.join(a, GROUP, ETH0);
    g.set(c, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
    g.say(c, GROUP);
    expect(g.heard(a), 'not looped').toEqual([]);
    const c6 = g.bound(AF_INET6, '::ffff:10.0.0.1', 99);
    g.say(c6, `::ffff:${GROUP}`);
    expect(g.heard(a)).toHaveLength(1);
    g.set(c6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
    g.say(c6, `::ffff:${GROUP}`);
    expect(g.heard(a)).toEqual([]);
  });

  test('its time to live and TOS are told here as on the other side', () => {
    const g = new Groups();
    const a = g.bound(AF_INET);
    g.join(a, GROUP, ETH0);
    for (const wish of [IP_RECVTTL, IP_RECVTOS]) g.set(a, IPPROTO_IP, wish, 1);
    const c = g.by(ETH0);
    g.set(c, IPPROTO_IP, IP_MULTICAST_TTL, 3);
    g.set(c, IPPROTO_IP, IP_TOS, 0x20);
    g.say(c, GROUP);
    const message: MsgHdr = { iov: [new Uint8Array(9)] };
    g.host.sys.recvmsg(a, message);
    expect(message.control?.map(({ value }) => value)).toEqual([3, 0x20]);
  });
});

describe('what is refused', () => {
  test('joining twice, joining what is no group, leaving where no way leads', () => {
    const g = new Groups();
    const [a, b] = [g.open(), g.open(AF_INET6)];
    expect([g.join(a, GROUP, ETH0), g.join(a, GROUP, ETH0), g.join(a, GROUP, ETH1)]).toEqual([0, -EADDRINUSE, 0]);
    expect([g.join(b, GROUP6, ETH0), g.join(b, GROUP6), g.join(b, GROUP6, ETH1)]).toEqual([0, -EADDRINUSE, 0]);
    expect([g.join(a, '10.0.0.9', ETH0), g.join(b, 'fd00::9', ETH0)]).toEqual([-EINVAL, -EINVAL]);
    expect(g.set(a, IPPROTO_IP, IP_DROP_MEMBERSHIP, { group: '239.9.9.9' })).toBe(-ENODEV);
  });

  test('more groups than an interface listens to, by whichever sockets', () => {
    const g = new Groups();
    const outcomes: number[] = [];
    for (let i = 0; i < 1025; i++) outcomes.push(g.join(g.open(), `239.0.${i >> 8}.${i & 255}`, ETH0));
    expect(outcomes.slice(0, 1024).every((outcome) => outcome === 0)).toBe(true);
    expect(outcomes[1024]).toBe(-ENOBUFS);
    expect(g.join(g.open(), '239.0.0.0', ETH0), 'one that is listened to').toBe(0);
  });

  test('values of options that cannot be; -1 hops are the default', () => {
    const g = new Groups();
    const [a, b] = [g.open(), g.open(AF_INET6)];
    for (const [fd, level, name] of [
      [a, IPPROTO_IP, IP_MULTICAST_TTL],
      [b, IPPROTO_IPV6, IPV6_MULTICAST_HOPS],
    ] as const) {
      expect([9, -1, 256, -2].map((value) => g.set(fd, level, name, value))).toEqual([0, 0, -EINVAL, -EINVAL]);
      expect(g.host.sys.getsockopt(fd, level, name)).toBe(1);
    }
    expect(g.set(a, IPPROTO_IP, IP_MULTICAST_ALL, 2)).toBe(-EINVAL);
    g.set(b, SOL_SOCKET, SO_BINDTODEVICE, 'eth0');
    expect(g.set(b, IPPROTO_IPV6, IPV6_MULTICAST_IF, ETH1)).toBe(-EINVAL);
  });
});
