/** Datagrams that come and go: their bounds, flags, sizes, readiness and ends. */

import {
  AF_INET,
  EPOLL_CTL_ADD,
  EPOLLET,
  EPOLLIN,
  EPOLLOUT,
  FIONREAD,
  IP_MTU,
  IP_MTU_DISCOVER,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_UDP,
  IPV6_MTU,
  IPV6_MTU_DISCOVER,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SIOCATMARK,
  SIOCOUTQ,
  SOCK_DGRAM,
  UDP_CORK,
} from '@tcpstack/sockets/constants';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, room } from '../trial.ts';
import { ready } from './common.ts';
import { both, boundDatagrams, connectedDatagrams, type Family, hear, say } from './datagram-common.ts';

const NUMBER_OF_FLAGS = 32;

/** Sizes around the largest that go, whole and in fragments. */
const SIZES = [
  1432, 1433, 1452, 1453, 1472, 1473, 9000, 65_487, 65_507, 65_508, 65_527, 65_528, 65_535, 65_536, 70_000,
];

function discover(sys: Syscalls, fd: number, { domain }: Family, value: number): void {
  if (domain === AF_INET) sys.setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, value);
  else sys.setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, value);
}

export const datagramCases: readonly Case[] = [
  ...both('datagrams keep their bounds; an empty one is one too', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = connectedDatagrams(trial, family);
    ready(server, s);
    server.ioctl(s, FIONREAD);
    client.write(c, bytes('one'));
    client.write(c, room(0));
    client.send(c, room(0), 0, 0, 0);
    client.write(c, bytes('four'));
    server.ioctl(s, FIONREAD);
    hear(server, s);
    server.ioctl(s, FIONREAD);
    ready(server, s);
    hear(server, s);
    server.read(s, room(5));
    server.read(s, room(0));
    server.read(s, room(5));
    ready(server, s);
  }),
  ...both('MSG_PEEK and MSG_TRUNC: what has no room is lost', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = connectedDatagrams(trial, family);
    for (const text of ['a long one', 'another', 'third', 'fourth']) client.write(c, bytes(text));
    hear(server, s, 3, MSG_PEEK);
    server.recvmsg(s, { iov: [room(3)] }, MSG_PEEK);
    server.recvmsg(s, { iov: [room(3)] }, MSG_PEEK | MSG_TRUNC);
    server.recvmsg(s, { iov: [room(3), room(3)] }, MSG_TRUNC);
    server.readv(s, [room(3), room(0), room(2)]);
    server.recvmsg(s, { iov: [] });
    server.recvmsg(s, { iov: [room(2), room(20)] }, MSG_DONTWAIT);
    server.recvmsg(s, { iov: [room(2)] }, MSG_DONTWAIT);
  }),
  ...both('many buffers make one datagram', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = connectedDatagrams(trial, family);
    client.writev(c, [bytes('one'), room(0), bytes('two')]);
    client.writev(c, []);
    client.writev(c, [room(0)]);
    client.sendmsg(c, { iov: [bytes('a'), bytes('b')] });
    client.sendmsg(c, { iov: [], name: { address: family.server, port: 80 } });
    client.sendmsg(c, { iov: Array.from({ length: 1025 }, () => bytes('x')) });
    for (let i = 0; i < 6; i++) hear(server, s);
    server.readv(s, []);
    server.readv(s, [room(0)]);
  }),
  ...both('flags of send() and recv() on datagram sockets', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = connectedDatagrams(trial, family);
    const fresh = client.socket(family.domain, SOCK_DGRAM);
    client.send(fresh, bytes('x'), 0, 1, MSG_OOB);
    client.send(c, bytes('x'), 0, 1, MSG_OOB);
    say(client, c, 'x', family.server, 80, MSG_OOB);
    server.recv(s, room(1), 0, 1, MSG_OOB);
    server.recv(s, room(1), 0, 1, MSG_ERRQUEUE);
    server.recv(s, room(1), 0, 1, MSG_OOB | MSG_ERRQUEUE);
    for (let bit = 0; bit < NUMBER_OF_FLAGS; bit++) {
      const flag = 2 ** bit;
      if (flag === MSG_MORE || flag === MSG_OOB || flag > 0x8000) continue;
      client.send(c, bytes('abc'), 0, 3, flag);
      server.recv(s, room(2), 0, 2, flag === MSG_ERRQUEUE ? 0 : flag);
      hear(server, s);
    }
  }),
  ...both('MSG_MORE makes one datagram of several calls', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    say(client, c, 'one ', family.server, 80, MSG_MORE);
    client.getsockname(c);
    say(client, c, 'two ', family.nobody, 81, MSG_MORE);
    client.send(c, bytes('three'), 0, 5, 0);
    hear(server, s);
    client.connect(c, family.server, 80);
    client.send(c, bytes('four '), 0, 5, MSG_MORE);
    client.write(c, room(0));
    hear(server, s);
    client.send(c, bytes('five '), 0, 5, MSG_MORE);
    client.shutdown(c, SHUT_WR);
    client.send(c, bytes('six '), 0, 4, 0);
    hear(server, s);
    const d = connectedDatagrams(trial, family);
    client.send(d, room(60_000), 0, 60_000, MSG_MORE);
    client.send(d, room(6000), 0, 6000, MSG_MORE);
    client.send(d, bytes('x'), 0, 1, 0);
    hear(server, s);
  }),
  ...both('UDP_CORK makes one datagram of what is sent while it is on', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    const cork = (value: number): void => {
      client.setsockopt(c, IPPROTO_UDP, UDP_CORK, value);
      client.getsockopt(c, IPPROTO_UDP, UDP_CORK);
      hear(server, s);
    };
    cork(1);
    say(client, c, 'one ', family.server, 80);
    say(client, c, 'two ', family.nobody, 81);
    hear(server, s);
    cork(2);
    cork(0);
    cork(0);
    say(client, c, 'alone', family.server, 80);
    hear(server, s);
    say(client, c, 'three ', family.server, 80, MSG_MORE);
    cork(0);
    cork(1);
    client.connect(c, family.server, 80);
    client.write(c, room(0));
    cork(0);
    cork(1);
    client.send(c, room(60_000), 0, 60_000, 0);
    client.send(c, room(6000), 0, 6000, 0);
    cork(0);
    hear(server, s);
    cork(1);
    client.write(c, bytes('never'));
    client.close(c);
    hear(server, s);
  }),
  ...both('sizes: what goes in fragments, and what never', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = connectedDatagrams(trial, family);
    for (const size of SIZES) {
      client.write(c, room(size));
      server.recv(s, room(70_000), 0, 70_000, MSG_TRUNC);
    }
  }),
  ...[0, 1, 2, 3, 4, 5].flatMap((value) =>
    both(`sizes with IP_MTU_DISCOVER ${value}`, (trial, family) => {
      const { server, client } = trial;
      const s = boundDatagrams(trial, family);
      const c = connectedDatagrams(trial, family);
      discover(client, c, family, value);
      for (const size of SIZES) {
        client.write(c, room(size));
        server.recv(s, room(70_000), 0, 70_000, MSG_TRUNC);
      }
      if (family.domain === AF_INET) client.getsockopt(c, IPPROTO_IP, IP_MTU);
      else client.getsockopt(c, IPPROTO_IPV6, IPV6_MTU);
    }),
  ),
  ...both('whom to send to', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    client.write(c, bytes('x'));
    client.send(c, room(0), 0, 0, 0);
    say(client, c, 'x', family.server, 0);
    say(client, c, 'x', family.unrouted);
    client.sendto(c, room(70_000), 0, 70_000, 0, { address: family.server, port: 0 });
    client.sendto(c, room(70_000), 0, 70_000, 0);
    client.getsockname(c);
    say(client, c, 'yes', family.server);
    client.getsockname(c);
    hear(server, s);
    say(server, s, 'to myself', family.any);
    hear(server, s);
    say(server, s, 'to myself', family.server);
    hear(server, s);
    client.sendto(c, bytes('x'), 0, 1, 0, { family: 0, address: '', port: 80 });
    client.sendto(c, bytes('x'), 0, 1, 0, { family: 99, address: '1.2.3.4', port: 80 });
  }),
  ...both('shutdown() of a datagram socket with a peer', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = connectedDatagrams(trial, family);
    client.getsockname(c);
    client.shutdown(c, SHUT_WR);
    ready(client, c);
    client.write(c, bytes('x'));
    say(client, c, 'x', family.server);
    client.getpeername(c);
    client.shutdown(c, SHUT_RD);
    ready(client, c);
    client.read(c, room(5));
    hear(client, c);
    client.shutdown(c, SHUT_RDWR);
    client.shutdown(c, 7);
    ready(client, c);
    ready(server, s);
  }),
  ...both('shutdown() of a datagram socket without a peer', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = client.socket(family.domain, SOCK_DGRAM);
    server.shutdown(s, SHUT_RD);
    ready(server, s);
    server.read(s, room(5));
    say(client, c, 'late', family.server);
    server.read(s, room(5));
    server.read(s, room(5));
    server.shutdown(s, SHUT_WR);
    ready(server, s);
    say(server, s, 'x', family.client);
    client.shutdown(c, SHUT_RDWR);
    client.connect(c, family.server, 80);
    client.write(c, bytes('x'));
  }),
  ...both('epoll tells of datagrams', (trial, family) => {
    const { server, client } = trial;
    const s = boundDatagrams(trial, family);
    const c = connectedDatagrams(trial, family);
    const [level, edge] = [server.epoll_create1(0), server.epoll_create1(0)];
    server.epoll_ctl(level, EPOLL_CTL_ADD, s, { events: EPOLLIN | EPOLLOUT, data: 1 });
    server.epoll_ctl(edge, EPOLL_CTL_ADD, s, { events: EPOLLIN | EPOLLOUT | EPOLLET, data: 2 });
    const look = () => {
      server.epoll_wait(level, [], 4);
      server.epoll_wait(edge, [], 4);
      server.epoll_wait(edge, [], 4);
    };
    look();
    client.write(c, bytes('one'));
    look();
    client.write(c, bytes('two'));
    look();
    hear(server, s);
    look();
    hear(server, s);
    look();
    server.shutdown(s, SHUT_RDWR);
    look();
  }),
  ...both('calls that a datagram socket has not', (trial, family) => {
    const { server } = trial;
    const s = boundDatagrams(trial, family);
    server.listen(s, 5);
    server.accept(s);
    server.accept4(s, 1);
    server.ioctl(s, SIOCATMARK);
    server.ioctl(s, SIOCOUTQ);
    server.ioctl(s, 0x1234);
    server.recvmsg(s, { iov: Array.from({ length: 1025 }, () => room(1)) });
    server.readv(
      s,
      Array.from({ length: 1025 }, () => room(1)),
    );
  }),
];
