/** Errors of calls that no other case comes to: each call of a family of calls gives what its neighbours give. */

import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_UNICAST_HOPS,
  MSG_FASTOPEN,
  MSG_OOB,
  MSG_PEEK,
  SIOCOUTQNSD,
  SO_ERROR,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_USER_TIMEOUT,
} from '@tcpstack/sockets/constants';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { bytes, type Case, CLIENT, NOBODY, room, SERVER, type Trial } from '../trial.ts';
import { another, connected, connectedSmall, fill, listening, ready } from './common.ts';

const ABORT = { onoff: 1, linger: 0 };
const USER_TIMEOUT_MS = 500;
/** A SYN is sent again after a second, and nothing is looked at before. */
const UNTIL_GIVEN_UP_MS = 1200;

type Call = readonly [name: string, call: (sys: Syscalls, fd: number) => unknown];

const SENDERS: readonly Call[] = [
  ['write', (sys, fd) => sys.write(fd, bytes('x'))],
  ['send', (sys, fd) => sys.send(fd, bytes('x'), 0, 1, 0)],
  ['sendto', (sys, fd) => sys.sendto(fd, bytes('x'), 0, 1, 0)],
  ['sendmsg', (sys, fd) => sys.sendmsg(fd, { iov: [bytes('x')] })],
  ['writev', (sys, fd) => sys.writev(fd, [bytes('x')])],
];
const RECEIVERS: readonly Call[] = [
  ['read', (sys, fd) => sys.read(fd, room(4))],
  ['recv', (sys, fd) => sys.recv(fd, room(4), 0, 4, 0)],
  ['recv, to peek,', (sys, fd) => sys.recv(fd, room(4), 0, 4, MSG_PEEK)],
  ['recvfrom', (sys, fd) => sys.recvfrom(fd, room(4), 0, 4, 0, { name: null })],
  ['recvmsg', (sys, fd) => sys.recvmsg(fd, { iov: [room(4)] })],
  ['readv', (sys, fd) => sys.readv(fd, [room(4)])],
];
const MOVERS = [...SENDERS, ...RECEIVERS];

/** What the call says, and what the same call says next. */
function twice([, call]: Call, sys: Syscalls, fd: number): void {
  call(sys, fd);
  call(sys, fd);
  sys.getsockopt(fd, SOL_SOCKET, SO_ERROR);
}

/** One connection for each call, which the client ends. */
function afterEnd(trial: Trial, end: (c: number) => void): void {
  const l = listening(trial);
  for (const call of MOVERS) {
    const { s, c } = another(trial, l);
    trial.arrange(() => end(c));
    twice(call, trial.server, s);
    trial.arrange(() => trial.server.close(s));
  }
}

export const eachErrorCases: readonly Case[] = [
  {
    name: 'a reset: each call that moves data tells it',
    run: (trial) =>
      afterEnd(trial, (c) => {
        trial.client.setsockopt(c, SOL_SOCKET, SO_LINGER, ABORT);
        trial.client.close(c);
      }),
  },
  {
    name: 'the peer closed: what each call that moves data says, and says next',
    run: (trial) => afterEnd(trial, (c) => trial.client.close(c)),
  },
  {
    name: 'a refused connection: each call that moves data tells why',
    run({ client, arrange }) {
      for (const call of MOVERS) {
        const c = arrange(() => client.socket());
        client.connect(c, SERVER, 80);
        twice(call, client, c);
        arrange(() => client.close(c));
      }
    },
  },
  {
    name: 'an answer of nobody there: each call that moves data tells it, of a datagram socket',
    run({ client, arrange }) {
      for (const call of MOVERS) {
        const c = arrange(() => {
          const fd = client.socket(AF_INET, SOCK_DGRAM);
          client.connect(fd, SERVER, 80);
          client.write(fd, bytes('anybody?'));
          return fd;
        });
        twice(call, client, c);
        arrange(() => client.close(c));
      }
    },
  },
  {
    name: 'a full send buffer: each call that sends says EAGAIN',
    run(trial) {
      const { client } = trial;
      const { c } = connectedSmall(trial);
      fill(trial, c);
      for (const [, call] of SENDERS) call(client, c);
    },
  },
  {
    name: 'a datagram without a destination, out of band, or to port 0: by each call that sends',
    run({ client }) {
      const c = client.socket(AF_INET, SOCK_DGRAM);
      for (const [, call] of SENDERS) call(client, c);
      client.sendmsg(c, { iov: [bytes('x')], name: { address: SERVER, port: 80 } }, MSG_OOB);
      client.sendmsg(c, { iov: [bytes('x')], name: { address: SERVER, port: 0 } });
      client.sendto(c, bytes('x'), 0, 1, 0, { address: SERVER, port: 0 });
    },
  },
  {
    name: 'urgent data that is not there: each call that takes flags says EINVAL',
    run(trial) {
      const { server } = trial;
      const { s } = connected(trial);
      server.recv(s, room(1), 0, 1, MSG_OOB);
      server.recvfrom(s, room(1), 0, 1, MSG_OOB, { name: null });
      server.recvmsg(s, { iov: [room(1)] }, MSG_OOB);
    },
  },
  {
    name: 'accept4() with and without flags, of a listener and of what cannot listen',
    run(trial) {
      const { server, client, quietly } = trial;
      const l = listening(trial);
      for (let i = 0; i < 3; i++) client.connect(client.socket(), SERVER, 80);
      for (const flags of [0, SOCK_NONBLOCK | SOCK_CLOEXEC]) server.fcntl(server.accept4(l, flags), 1);
      const d = server.socket(AF_INET, SOCK_DGRAM);
      server.accept4(d, 0);
      server.accept(d);
      server.listen(d, 1);
      quietly(() => {
        while (server.socket() >= 0);
      });
      server.accept4(l, 0);
      server.epoll_create(1);
    },
  },
  {
    name: 'connect() of a name and a peer that a connection has already',
    run(trial) {
      const { client, arrange } = trial;
      listening(trial);
      const [a, b] = [0, 1].map(() =>
        arrange(() => {
          const c = client.socket();
          client.setsockopt(c, SOL_SOCKET, SO_REUSEADDR, 1);
          client.bind(c, CLIENT, 5000);
          return c;
        }),
      ) as [number, number];
      client.connect(a, SERVER, 80);
      client.connect(b, SERVER, 80);
      client.getsockname(b);
      client.connect(b, SERVER, 81);
    },
  },
  {
    name: 'nobody answers for as long as TCP_USER_TIMEOUT says: ETIMEDOUT',
    run({ client, pass }) {
      const calls: readonly Call[] = [['connect', (sys, fd) => sys.connect(fd, NOBODY, 80)], ...MOVERS];
      const asked = client.socket();
      const fds = calls.map(() => client.socket());
      for (const fd of [asked, ...fds]) {
        client.setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
        client.connect(fd, NOBODY, 80);
      }
      pass(UNTIL_GIVEN_UP_MS);
      ready(client, asked);
      for (let i = 0; i < 2; i++) client.getsockopt(asked, SOL_SOCKET, SO_ERROR);
      calls.forEach((call, i) => void twice(call, client, fds[i] as number));
    },
  },
  {
    name: 'MSG_FASTOPEN on sockets that are connecting, connected, or of no peer',
    run(trial) {
      const { client } = trial;
      const { c } = connected(trial);
      const to = { address: SERVER, port: 80 };
      client.sendto(c, bytes('x'), 0, 1, MSG_FASTOPEN, to);
      client.sendmsg(c, { iov: [bytes('x')], name: to }, MSG_FASTOPEN);
      const opening = client.socket();
      client.connect(opening, NOBODY, 80);
      client.sendto(opening, bytes('x'), 0, 1, MSG_FASTOPEN, { address: NOBODY, port: 80 });
      client.sendmsg(opening, { iov: [bytes('x')], name: to }, MSG_FASTOPEN);
      const fresh = client.socket();
      for (const fd of [c, opening, fresh]) {
        client.sendto(fd, bytes('x'), 0, 1, MSG_FASTOPEN);
        client.send(fd, bytes('x'), 0, 1, MSG_FASTOPEN);
        client.sendmsg(fd, { iov: [bytes('x')] }, MSG_FASTOPEN);
      }
    },
  },
  {
    name: 'MSG_FASTOPEN where clients may not',
    needs: { linux: { 'ipv4.tcp_fastopen': 0 }, ours: { fastOpen: 0 } },
    run(trial) {
      const { client } = trial;
      listening(trial);
      const c = client.socket();
      client.sendto(c, bytes('x'), 0, 1, MSG_FASTOPEN, { address: SERVER, port: 80 });
      client.sendmsg(c, { iov: [bytes('x')], name: { address: SERVER, port: 80 } }, MSG_FASTOPEN);
      client.getpeername(c);
    },
  },
  {
    name: 'poll() of more than there can be descriptors',
    run({ server }) {
      const many = Array.from({ length: 200 }, () => ({ fd: -1, events: 0, revents: 0 }));
      server.poll(many.slice(0, 3));
      server.poll(many);
    },
  },
  {
    name: 'epoll refuses EPOLLEXCLUSIVE with what does not go with it',
    run(trial) {
      const { server } = trial;
      const { s } = connected(trial);
      const [a, b] = [server.epoll_create1(0), server.epoll_create1(0)];
      const exclusive = { events: 0x1000_0001, data: 1 };
      server.epoll_ctl(a, 1, b, exclusive);
      server.epoll_ctl(a, 1, s, { events: 0x1000_2001, data: 1 });
      server.epoll_ctl(a, 1, s, exclusive);
      server.epoll_ctl(a, 3, s, exclusive);
      server.epoll_ctl(a, 3, s, { events: 1, data: 1 });
    },
  },
  {
    name: 'SIOCOUTQNSD of sockets that are new, listen, open, and have a FIN waiting',
    run(trial) {
      const { server, client } = trial;
      const { l, c } = connected(trial);
      for (const fd of [l, server.socket()]) server.ioctl(fd, SIOCOUTQNSD);
      client.write(c, bytes('abc'));
      client.ioctl(c, SIOCOUTQNSD);
      client.shutdown(c, 1);
      client.ioctl(c, SIOCOUTQNSD);
    },
  },
  {
    name: 'options refuse values of another shape, and IPv4 of sockets that speak IPv6 only',
    run({ server }) {
      const a = server.socket();
      server.setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, 'x');
      server.setsockopt(a, SOL_SOCKET, SO_LINGER, '');
      server.setsockopt(a, SOL_SOCKET, SO_REUSEADDR, '');
      const b = server.socket(AF_INET6);
      server.setsockopt(b, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 'x');
    },
  },
  {
    name: 'link-local addresses want an interface, and zones one that there is',
    run({ client }) {
      for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
        const c = client.socket(AF_INET6, type);
        client.bind(client.socket(AF_INET6, type), { family: AF_INET6, address: 'fe80::1', port: 80, scopeId: 99 });
        client.connect(c, { family: AF_INET6, address: 'fe80::1', port: 80 });
        client.bind(c, { family: AF_INET6, address: 'fe80::1', port: 80 });
        client.bind(c, { family: AF_INET6, address: '::', port: 80, scopeId: 99 });
        client.bind(c, { family: AF_INET6, address: 'fe80::1', port: 80, scopeId: 99 });
        client.connect(c, { family: AF_INET6, address: 'fe80::1', port: 80, scopeId: 99 });
        if (type !== SOCK_DGRAM) continue;
        const nowhere = { family: AF_INET6, address: 'fe80::1', port: 80 };
        client.sendto(c, bytes('x'), 0, 1, 0, nowhere);
        client.sendto(c, bytes('x'), 0, 1, 0, { ...nowhere, scopeId: 99 });
      }
    },
  },
];
