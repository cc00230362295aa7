/** UDP sockets (RFC 768, RFC 8085; udp(7)) over both families. */

import { describe, expect, test } from 'vitest';
import type { MsgHdr } from '../src/call-types.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  FIONREAD,
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_INTERFACE,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_MTU_DISCOVER,
  IPV6_RECVERR,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCOUTQ,
  SO_EE_ORIGIN_LOCAL,
  SO_ERROR,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_TYPE,
  SOCK_DGRAM,
  SOL_SOCKET,
  TCP_NODELAY,
  UDP_CORK,
} from '../src/constants.ts';
import { errnoName } from '../src/errno.ts';
import type { Host } from '../src/host.ts';
import { addressOf, World } from './world.ts';

const PORT = 5353;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (said: string): Uint8Array => new TextEncoder().encode(said);
const name = (n: number): string | number => (n < 0 ? errnoName(-n) : n);

describe.each([
  ['IPv4', 4, AF_INET],
  ['IPv6', 6, AF_INET6],
] as const)('over %s', (_family, family, domain) => {
  const any = family === 4 ? '0.0.0.0' : '::';
  const [here, there] = [addressOf(family, 0), addressOf(family, 1)];

  function opened(host: Host): number {
    return host.sys.socket(domain, SOCK_DGRAM);
  }

  function bound(host: Host, address = any, port = PORT): number {
    const fd = opened(host);
    expect(host.sys.bind(fd, address, port)).toBe(0);
    return fd;
  }

  function say(host: Host, fd: number, said: string, to = here, port = PORT, flags = 0): string | number {
    const from = bytes(said);
    return name(host.sys.sendto(fd, from, 0, from.length, flags, { address: to, port }));
  }

  function hear(host: Host, fd: number, room = 2000, flags = 0): string {
    const into = new Uint8Array(room);
    const from = { name: null as { address: string; port: number } | null };
    const n = host.sys.recvfrom(fd, into, 0, room, flags, from);
    if (n < 0) return errnoName(-n);
    return `${text(into.subarray(0, Math.min(n, room)))} (${n}) from ${from.name?.address}`;
  }

  test('a datagram reaches the socket that has its port, with whom it is from', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    const c = opened(client);
    expect(say(client, c, 'ping')).toBe(4);
    world.settle();
    expect(server.sys.ioctl(s, FIONREAD)).toBe(4);
    expect(hear(server, s)).toBe(`ping (4) from ${there}`);
    expect(hear(server, s)).toBe('EAGAIN');
    expect(server.counters()).toMatchObject({ datagramsReceived: 1 });
    expect(client.counters()).toMatchObject({ datagramsSent: 1 });
  });

  test('an answer to whom it came from arrives; the port was chosen by the first datagram', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    const c = opened(client);
    say(client, c, 'ping');
    world.settle();
    const from = { name: null as { address: string; port: number } | null };
    server.sys.recvfrom(s, new Uint8Array(9), 0, 9, 0, from);
    expect(from.name?.port).toBe((client.sys.getsockname(c) as { port: number }).port);
    expect(say(server, s, 'pong', there, from.name?.port)).toBe(4);
    world.settle();
    expect(hear(client, c)).toBe(`pong (4) from ${here}`);
  });

  test('datagrams keep their bounds and their order; an empty one is one too', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    const c = opened(client);
    for (const said of ['one', '', 'three']) say(client, c, said);
    world.settle();
    expect(hear(server, s)).toBe(`one (3) from ${there}`);
    expect(server.sys.ioctl(s, FIONREAD)).toBe(0);
    expect(hear(server, s)).toBe(` (0) from ${there}`);
    expect(hear(server, s)).toBe(`three (5) from ${there}`);
  });

  test('what has no room is lost; MSG_TRUNC tells how long it was, MSG_PEEK leaves it', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    const c = opened(client);
    say(client, c, 'a long one');
    say(client, c, 'next');
    world.settle();
    expect(hear(server, s, 3, MSG_PEEK)).toBe(`a l (3) from ${there}`);
    expect(hear(server, s, 3, MSG_PEEK | MSG_TRUNC)).toBe(`a l (10) from ${there}`);
    const message = { iov: [new Uint8Array(2), new Uint8Array(4)], flags: 0 };
    expect(server.sys.recvmsg(s, message)).toBe(6);
    expect(message).toMatchObject({ flags: MSG_TRUNC, name: { address: there } });
    expect(message.iov.map(text)).toEqual(['a ', 'long']);
    expect(hear(server, s)).toBe(`next (4) from ${there}`);
  });

  test('read(), readv(), write() and writev() serve a connected socket', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    const c = opened(client);
    expect(client.sys.connect(c, here, PORT)).toBe(0);
    expect(client.sys.write(c, bytes('hello'))).toBe(5);
    expect(client.sys.writev(c, [bytes('wor'), bytes('ld')])).toBe(5);
    world.settle();
    const into = new Uint8Array(9);
    expect(text(into.subarray(0, server.sys.read(s, into)))).toBe('hello');
    const iov = [new Uint8Array(3), new Uint8Array(9)];
    expect(server.sys.readv(s, iov)).toBe(5);
    expect(text(iov[0] as Uint8Array)).toBe('wor');
  });

  test('connect() sends nothing, shows both names, and keeps strangers out; AF_UNSPEC ends that', () => {
    const world = new World({ family, hosts: [{}, {}, {}] });
    const [server, client, stranger] = [world.host(0), world.host(1), world.host(2)];
    const c = bound(client);
    expect(client.sys.connect(c, here, PORT)).toBe(0);
    world.settle();
    expect(world.log).toEqual([]);
    expect(client.sys.getsockname(c)).toMatchObject({ address: there, port: PORT });
    expect(client.sys.getpeername(c)).toMatchObject({ address: here, port: PORT });
    say(stranger, opened(stranger), 'me too', there);
    say(server, bound(server), 'welcome', there);
    world.settle();
    expect(hear(client, c)).toBe(`welcome (7) from ${here}`);
    expect(hear(client, c)).toBe('EAGAIN');
    expect(client.sys.connect(c, { family: AF_UNSPEC, address: '', port: 0 })).toBe(0);
    expect(name(client.sys.getpeername(c) as number)).toBe('ENOTCONN');
    expect(client.sys.getsockname(c)).toMatchObject({ address: any, port: PORT });
    say(stranger, opened(stranger), 'now me', there);
    world.settle();
    expect(hear(client, c)).toContain('now me');
  });

  test('nobody there: a connected socket hears ECONNREFUSED, once (RFC 1122 §4.1.3.3)', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const c = opened(client);
    client.sys.connect(c, here, PORT);
    expect(client.sys.write(c, bytes('anybody?'))).toBe(8);
    world.settle();
    expect(server.counters()).toMatchObject({ noDatagramPort: 1 });
    expect(client.sys.poll([{ fd: c, events: POLLIN | POLLOUT, revents: 0 }])).toBe(1);
    expect(name(client.sys.read(c, new Uint8Array(9)))).toBe('ECONNREFUSED');
    expect(name(client.sys.read(c, new Uint8Array(9)))).toBe('EAGAIN');
    client.sys.write(c, bytes('still nobody?'));
    world.settle();
    expect(name(client.sys.write(c, bytes('x')))).toBe('ECONNREFUSED');
    client.sys.write(c, bytes('and now?'));
    world.run(2000);
    expect(Number(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR))).toBe(111);
  });

  test('a socket without a peer hears of it only with IP_RECVERR, and whom it was for (udp(7))', () => {
    const world = new World({ family });
    const client = world.host(1);
    const c = opened(client);
    say(client, c, 'anybody?');
    world.settle();
    expect(hear(client, c)).toBe('EAGAIN');
    if (family === 4) client.sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1);
    else client.sys.setsockopt(c, IPPROTO_IPV6, IPV6_RECVERR, 1);
    world.run(2000);
    say(client, c, 'anybody now?');
    world.settle();
    const polled = { fd: c, events: POLLIN, revents: 0 };
    client.sys.poll([polled]);
    expect(polled.revents).toBe(POLLERR);
    const message: MsgHdr = { iov: [new Uint8Array(10)] };
    expect(client.sys.recvmsg(c, message, MSG_ERRQUEUE)).toBe(10);
    expect(text(message.iov[0] as Uint8Array)).toBe('anybody no');
    const flags = MSG_ERRQUEUE | MSG_TRUNC;
    expect(message).toMatchObject({ name: { address: here, port: PORT }, flags });
    expect(message.control).toMatchObject([{ error: { errno: 111, offender: here } }]);
    expect(name(client.sys.recvmsg(c, message, MSG_ERRQUEUE))).toBe('EAGAIN');
    expect(hear(client, c)).toBe('EAGAIN');
  });

  test('what is longer than the MTU goes in fragments, unless routers and we may not cut it', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    const c = opened(client);
    const long = new Uint8Array(9000).map((_, i) => i);
    const to = { address: here, port: PORT };
    expect(client.sys.sendto(c, long, 0, long.length, 0, to)).toBe(9000);
    world.settle();
    const into = new Uint8Array(10_000);
    expect(server.sys.read(s, into)).toBe(9000);
    expect(into.subarray(0, 9000)).toEqual(long);
    expect(world.log.length).toBeGreaterThan(5);
    if (family === 4) client.sys.setsockopt(c, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
    else client.sys.setsockopt(c, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IP_PMTUDISC_DO);
    expect(name(client.sys.sendto(c, long, 0, long.length, 0, to))).toBe('EMSGSIZE');
    const room = 1500 - (family === 4 ? 20 : 40) - 8;
    expect(client.sys.sendto(c, long, 0, room, 0, to)).toBe(room);
    expect(name(client.sys.sendto(c, long, 0, room + 1, 0, to))).toBe('EMSGSIZE');
  });

  test('what we refuse as too long is reported with the MTU, by IP_RECVERR, and fails no other call (ip(7))', () => {
    const { sys } = new World({ family }).host(1);
    const c = sys.socket(domain, SOCK_DGRAM);
    if (family === 4) sys.setsockopt(c, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_INTERFACE);
    else sys.setsockopt(c, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IP_PMTUDISC_INTERFACE);
    sys.connect(c, here, PORT);
    if (family === 4) expect(sys.getsockopt(c, IPPROTO_IP, IP_MTU)).toBe(1500);
    if (family === 4) sys.setsockopt(c, IPPROTO_IP, IP_RECVERR, 1);
    else sys.setsockopt(c, IPPROTO_IPV6, IPV6_RECVERR, 1);
    expect(name(sys.write(c, new Uint8Array(1500)))).toBe('EMSGSIZE');
    expect(sys.write(c, new Uint8Array(100))).toBe(100);
    const message: MsgHdr = { iov: [new Uint8Array(10)] };
    expect(sys.recvmsg(c, message, MSG_ERRQUEUE)).toBe(0);
    const error = { errno: 90, origin: SO_EE_ORIGIN_LOCAL, info: 1500, offender: null };
    expect(message).toMatchObject({ name: { address: here, port: PORT }, control: [{ error }] });
  });

  test('MSG_MORE makes one datagram of several calls', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    const c = opened(client);
    expect(say(client, c, 'one ', here, PORT, MSG_MORE)).toBe(4);
    // Only its beginning says whom it is for.
    expect(say(client, c, 'two ', here, PORT + 1, MSG_MORE)).toBe(4);
    world.settle();
    expect(world.log).toEqual([]);
    expect(client.sys.write(c, bytes('three'))).toBe(5);
    world.settle();
    expect(hear(server, s)).toBe(`one two three (13) from ${there}`);
  });

  test('UDP_CORK makes one datagram of what is sent until it is off', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    const c = opened(client);
    const { sys } = client;
    expect(sys.setsockopt(c, IPPROTO_UDP, UDP_CORK, 1)).toBe(0);
    expect(sys.getsockopt(c, IPPROTO_UDP, UDP_CORK)).toBe(1);
    expect(say(client, c, 'one ', here)).toBe(4);
    expect(say(client, c, 'two', here)).toBe(3);
    world.settle();
    expect(world.log).toEqual([]);
    expect(sys.setsockopt(c, IPPROTO_UDP, UDP_CORK, 0)).toBe(0);
    world.settle();
    expect(hear(server, s)).toBe(`one two (7) from ${there}`);
    expect(sys.setsockopt(c, IPPROTO_UDP, UDP_CORK, 0), 'nothing is held back').toBe(0);
    say(client, c, 'alone', here);
    world.settle();
    expect(hear(server, s)).toBe(`alone (5) from ${there}`);
    expect(name(sys.setsockopt(sys.socket(domain), IPPROTO_UDP, UDP_CORK, 1))).toBe('ENOPROTOOPT');
  });

  test('shutdown() ends writing with EPIPE; who does not wait to read hears EAGAIN; it hangs up when both are shut', () => {
    const world = new World({ family });
    const client = world.host(1);
    const c = opened(client);
    expect(name(client.sys.shutdown(c, SHUT_WR))).toBe('ENOTCONN');
    client.sys.close(c);
    const d = opened(client);
    client.sys.connect(d, here, PORT);
    expect(client.sys.shutdown(d, SHUT_WR)).toBe(0);
    expect(name(client.sys.write(d, bytes('x')))).toBe('EPIPE');
    expect(client.sys.shutdown(d, SHUT_RD)).toBe(0);
    expect(name(client.sys.read(d, new Uint8Array(1)))).toBe('EAGAIN');
    const polled = { fd: d, events: POLLIN | POLLOUT | POLLRDHUP, revents: 0 };
    client.sys.poll([polled]);
    expect(polled.revents).toBe(POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
    expect(client.sys.shutdown(d, SHUT_RDWR)).toBe(0);
  });

  test('a full buffer drops what comes and counts it; what is in it stays', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    server.sys.setsockopt(s, SOL_SOCKET, SO_RCVBUF, 4096);
    const c = opened(client);
    for (let i = 0; i < 10; i++) say(client, c, String(i).repeat(1000));
    world.settle();
    const heard: string[] = [];
    for (let said = hear(server, s); said !== 'EAGAIN'; said = hear(server, s)) heard.push(said[0] ?? '');
    expect(heard.join('')).toBe('0123456789'.slice(0, heard.length));
    expect(heard.length).toBeGreaterThan(1);
    expect(server.counters()['datagramQueueDrops']).toBe(10 - heard.length);
    expect(server.bufferBytes()).toBe(0);
  });

  test('too many that wait to leave: EAGAIN, not writable, and told when there is room', () => {
    const world = new World({ family });
    const client = world.host(1);
    const c = opened(client);
    client.sys.connect(c, here, PORT);
    const kilobyte = new Uint8Array(1000);
    let taken = 0;
    while (taken < 1000 && client.sys.write(c, kilobyte) === 1000) taken++;
    expect(taken).toBeLessThan(1000);
    expect(name(client.sys.write(c, kilobyte))).toBe('EAGAIN');
    const polled = { fd: c, events: POLLOUT, revents: 0 };
    expect(client.sys.poll([polled])).toBe(0);
    client.pollReady(new Int32Array(8));
    world.passes = () => false;
    world.settle();
    expect(client.sys.poll([polled])).toBe(1);
    const ready = new Int32Array(8);
    expect(client.pollReady(ready)).toBe(1);
    expect([...ready.subarray(0, 2)]).toEqual([c, POLLOUT]);
    expect(client.counters()['datagramSendDrops']).toBe(2);
  });

  test('calls that a datagram socket has not, or that ask for too much', () => {
    const world = new World({ family });
    const { sys } = world.host(0);
    const d = sys.socket(domain, SOCK_DGRAM, IPPROTO_UDP);
    expect(name(sys.listen(d, 1))).toBe('EOPNOTSUPP');
    expect(name(sys.accept(d))).toBe('EOPNOTSUPP');
    expect(name(sys.write(d, bytes('x')))).toBe('EDESTADDRREQ');
    // As in Linux, over IPv6 it means nothing.
    expect(name(sys.send(d, bytes('x'), 0, 1, MSG_OOB))).toBe(family === 4 ? 'EOPNOTSUPP' : 'EDESTADDRREQ');
    expect(name(sys.recv(d, new Uint8Array(1), 0, 1, MSG_OOB))).toBe('EAGAIN');
    expect(name(sys.sendto(d, bytes('x'), 0, 1, 0, { address: there, port: 0 }))).toBe('EINVAL');
    const huge = new Uint8Array(66_000);
    expect(name(sys.sendto(d, huge, 0, huge.length, 0, { address: there, port: 1 }))).toBe('EMSGSIZE');
    expect(name(sys.getpeername(d) as number)).toBe('ENOTCONN');
    expect(name(sys.socket(domain, SOCK_DGRAM, IPPROTO_TCP))).toBe('EPROTONOSUPPORT');
    expect(sys.getsockopt(d, SOL_SOCKET, SO_TYPE)).toBe(SOCK_DGRAM);
    expect(sys.getsockopt(d, SOL_SOCKET, SO_PROTOCOL)).toBe(IPPROTO_UDP);
    expect(sys.setsockopt(d, IPPROTO_TCP, TCP_NODELAY, 1)).toBeLessThan(0);
    expect(sys.ioctl(d, SIOCOUTQ)).toBe(0);
  });

  test('ports of UDP are others than those of TCP; two sockets share one only as Linux lets them', () => {
    const world = new World({ family });
    const { sys } = world.host(0);
    bound(world.host(0));
    const stream = sys.socket(domain);
    expect(sys.bind(stream, any, PORT)).toBe(0);
    const second = opened(world.host(0));
    expect(name(sys.bind(second, any, PORT))).toBe('EADDRINUSE');
    sys.setsockopt(second, SOL_SOCKET, SO_REUSEADDR, 1);
    expect(name(sys.bind(second, any, PORT))).toBe('EADDRINUSE');
    expect(name(sys.bind(second, here, PORT + 1))).toBe(0);
  });

  test('a SO_REUSEPORT group shares peers: each always reaches the same one, none is left out', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const group = [0, 1, 2].map(() => {
      const fd = opened(server);
      server.sys.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
      expect(server.sys.bind(fd, any, PORT)).toBe(0);
      return fd;
    });
    for (let i = 0; i < 40; i++) {
      const c = opened(client);
      for (let n = 0; n < 3; n++) say(client, c, `${i};`);
    }
    world.settle();
    const heard = group.map((fd) => {
      const said: string[] = [];
      for (let one = hear(server, fd); one !== 'EAGAIN'; one = hear(server, fd)) said.push(one.split(';')[0] ?? '');
      return said;
    });
    for (const said of heard) {
      expect(said.length).toBeGreaterThan(0);
      for (const peer of new Set(said)) expect(said.filter((one) => one === peer)).toHaveLength(3);
    }
    expect(heard.flat()).toHaveLength(120);
  });

  test('a Host hears itself', () => {
    const world = new World({ family });
    const host = world.host(0);
    const s = bound(host);
    const c = opened(host);
    say(host, c, 'me', family === 4 ? '127.0.0.1' : '::1');
    say(host, c, 'any', any);
    world.run(1);
    expect(hear(host, s)).toContain('me (2)');
    expect(hear(host, s)).toContain('any (3)');
    expect(world.log).toEqual([]);
  });

  test('close() gives port and memory back', () => {
    const world = new World({ family });
    const [server, client] = [world.host(0), world.host(1)];
    const s = bound(server);
    say(client, opened(client), 'unread');
    world.settle();
    expect(server.bufferBytes()).toBeGreaterThan(0);
    server.sys.close(s);
    expect(server.bufferBytes()).toBe(0);
    bound(server);
  });
});

test('a socket of IPv6 takes IPv4 as mapped, and sends to it', () => {
  const world = new World({ family: 4 });
  const [server, client] = [world.host(0), world.host(1)];
  const s = server.sys.socket(AF_INET6, SOCK_DGRAM);
  expect(server.sys.bind(s, '::', PORT)).toBe(0);
  const c = client.sys.socket(AF_INET, SOCK_DGRAM);
  client.sys.sendto(c, bytes('four'), 0, 4, 0, { address: addressOf(4, 0), port: PORT });
  world.settle();
  const from = { name: null as { address: string; port: number } | null };
  expect(server.sys.recvfrom(s, new Uint8Array(9), 0, 9, 0, from)).toBe(4);
  expect(from.name).toMatchObject({ address: `::ffff:${addressOf(4, 1)}` });
  expect(server.sys.sendto(s, bytes('six'), 0, 3, 0, from.name)).toBe(3);
  world.settle();
  expect(client.sys.read(c, new Uint8Array(9))).toBe(3);
});
