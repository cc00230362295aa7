/** Every call on every kind of descriptor, and what it says: the errors of the manual pages, in the order of Linux. */

import { describe, expect, test } from 'vitest';
import {
  EPOLL_CTL_ADD,
  F_GETFD,
  F_GETFL,
  F_SETFL,
  FIOCLEX,
  FIONBIO,
  FIONREAD,
  IPPROTO_UDP,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  O_DIRECT,
  SHUT_RD,
  SHUT_WR,
  SIOCATMARK,
  SIOCOUTQ,
  SIOCOUTQNSD,
  SO_LINGER,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../src/constants.ts';
import { createFdSet, FD_CLR, FD_ISSET, FD_SET, FD_ZERO } from '../src/fd-set.ts';
import type { Host } from '../src/host.ts';
import type { PollFd, SockAddr, Syscalls } from '../src/syscalls.ts';
import { connected, connecting, listening, said } from './calls.ts';
import { World } from './world.ts';

/** A host and one of its descriptors. */
interface Subject {
  readonly host: Host;
  readonly fd: number;
}

function alone(fdOf: (host: Host) => number): Subject {
  const host = new World().host(0);
  return { host, fd: fdOf(host) };
}

function reset(): Subject {
  const world = new World();
  const { server, client, s, c } = connected(world);
  client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
  client.sys.close(c);
  world.settle();
  return { host: server, fd: s };
}

/** The columns of the table. */
const KINDS: readonly (readonly [string, () => Subject])[] = [
  ['a number that is not open', () => alone(() => 999)],
  ['an epoll instance', () => alone(({ sys }) => sys.epoll_create1(0))],
  ['a fresh socket', () => alone(({ sys }) => sys.socket())],
  ['a listener', () => alone((host) => listening(host))],
  ['a socket in SYN-SENT', () => alone((host) => connecting(host, new World().host(1)))],
  [
    'an accepted connection',
    () => {
      const { server, s } = connected(new World());
      return { host: server, fd: s };
    },
  ],
  ['one that was reset', reset],
  [
    'one that was reset and told so',
    () => {
      const subject = reset();
      subject.host.sys.read(subject.fd, new Uint8Array(1));
      return subject;
    },
  ],
];

const byte = new Uint8Array(1);
const none = new Uint8Array(0);
const many = Array.from({ length: 1025 }, () => byte);
const pair = (name: SockAddr | number): string | number => (typeof name === 'number' ? said(name) : 'a name');

type Call = (sys: Syscalls, fd: number) => unknown;
type Row = readonly [call: string, make: Call, ...said: (string | number)[]];
const same = (what: string | number, times: number): (string | number)[] => Array(times).fill(what);

/** Filled in by running the same calls on Linux 6.18. */
const TABLE: readonly Row[] = [
  ['bind', (s, f) => s.bind(f, '0.0.0.0', 0), 'EBADF', 'ENOTSOCK', 0, 'EINVAL', 'EINVAL', 'EINVAL', 0, 0],
  ['listen', (s, f) => s.listen(f, 1), 'EBADF', 'ENOTSOCK', 0, 0, ...same('EINVAL', 4)],
  ['accept', (s, f) => s.accept(f), 'EBADF', 'ENOTSOCK', 'EINVAL', 'EAGAIN', ...same('EINVAL', 4)],
  ['accept4 with a flag that there is not', (s, f) => s.accept4(f, 1), 'EBADF', ...same('EINVAL', 7)],
  [
    'connect',
    (s, f) => s.connect(f, '10.0.0.2', 80),
    ...['EBADF', 'ENOTSOCK', 'EINPROGRESS', 'EISCONN', 'EALREADY', 'EISCONN', 'EISCONN', 'EISCONN'],
  ],
  ['read', (s, f) => s.read(f, byte), 'EBADF', 'EINVAL', 'ENOTCONN', 'ENOTCONN', 'EAGAIN', 'EAGAIN', 'ECONNRESET', 0],
  ['read of nothing', (s, f) => s.read(f, none), 'EBADF', 'EINVAL', ...same(0, 6)],
  ...(
    [
      ['recv', (s, f) => s.recv(f, byte, 0, 1, 0)],
      ['recv of nothing', (s, f) => s.recv(f, none, 0, 0, 0)],
      ['recv MSG_PEEK', (s, f) => s.recv(f, byte, 0, 1, MSG_PEEK)],
      ['recv MSG_TRUNC', (s, f) => s.recv(f, byte, 0, 1, MSG_TRUNC)],
      ['recvfrom', (s, f) => s.recvfrom(f, byte, 0, 1, 0)],
      ['recvmsg', (s, f) => s.recvmsg(f, { iov: [byte] })],
      ['recvmsg of nothing', (s, f) => s.recvmsg(f, { iov: [] })],
    ] as const satisfies [string, Call][]
  ).map(
    ([name, call]): Row => [
      name,
      call,
      ...['EBADF', 'ENOTSOCK', 'ENOTCONN', 'ENOTCONN', 'EAGAIN', 'EAGAIN', 'ECONNRESET', 0],
    ],
  ),
  [
    'recv MSG_OOB',
    (s, f) => s.recv(f, byte, 0, 1, MSG_OOB),
    'EBADF',
    'ENOTSOCK',
    'EINVAL',
    'ENOTCONN',
    ...same('EINVAL', 4),
  ],
  ['recv MSG_ERRQUEUE', (s, f) => s.recv(f, byte, 0, 1, MSG_ERRQUEUE), 'EBADF', 'ENOTSOCK', ...same('EAGAIN', 6)],
  [
    'recvmsg MSG_ERRQUEUE',
    (s, f) => s.recvmsg(f, { iov: [byte] }, MSG_ERRQUEUE),
    ...['EBADF', 'ENOTSOCK', ...same('EAGAIN', 6)],
  ],
  [
    'readv',
    (s, f) => s.readv(f, [byte]),
    'EBADF',
    'EINVAL',
    'ENOTCONN',
    'ENOTCONN',
    'EAGAIN',
    'EAGAIN',
    'ECONNRESET',
    0,
  ],
  ['readv of nothing', (s, f) => s.readv(f, []), 'EBADF', 'EINVAL', ...same(0, 6)],
  ['readv into 1025', (s, f) => s.readv(f, many), 'EBADF', ...same('EINVAL', 7)],
  ['recvmsg into 1025', (s, f) => s.recvmsg(f, { iov: many }), 'EBADF', 'ENOTSOCK', ...same('EMSGSIZE', 6)],
  ['write', (s, f) => s.write(f, byte), 'EBADF', 'EINVAL', 'EPIPE', 'EPIPE', 'EAGAIN', 1, 'ECONNRESET', 'EPIPE'],
  [
    'write of nothing',
    (s, f) => s.write(f, none),
    'EBADF',
    'EINVAL',
    'EPIPE',
    'EPIPE',
    'EAGAIN',
    0,
    'ECONNRESET',
    'EPIPE',
  ],
  ['writev', (s, f) => s.writev(f, [byte]), 'EBADF', 'EINVAL', 'EPIPE', 'EPIPE', 'EAGAIN', 1, 'ECONNRESET', 'EPIPE'],
  ['writev of nothing', (s, f) => s.writev(f, []), 'EBADF', 'EINVAL', ...same(0, 6)],
  ['writev of 1025', (s, f) => s.writev(f, many), 'EBADF', ...same('EINVAL', 7)],
  ...(
    [
      ['send', (s, f) => s.send(f, byte, 0, 1, 0)],
      ['send MSG_OOB', (s, f) => s.send(f, byte, 0, 1, MSG_OOB)],
      ['sendto', (s, f) => s.sendto(f, byte, 0, 1, 0, { address: '10.0.0.9', port: 9 })],
      ['sendmsg', (s, f) => s.sendmsg(f, { iov: [none, byte] })],
    ] as const satisfies [string, Call][]
  ).map(
    ([name, call]): Row => [name, call, ...['EBADF', 'ENOTSOCK', 'EPIPE', 'EPIPE', 'EAGAIN', 1, 'ECONNRESET', 'EPIPE']],
  ),
  [
    'sendmsg of nothing',
    (s, f) => s.sendmsg(f, { iov: [] }),
    ...['EBADF', 'ENOTSOCK', 'EPIPE', 'EPIPE', 'EAGAIN', 0, 'ECONNRESET', 'EPIPE'],
  ],
  ['sendmsg of 1025', (s, f) => s.sendmsg(f, { iov: many }), 'EBADF', 'ENOTSOCK', ...same('EMSGSIZE', 6)],
  [
    'shutdown SHUT_RD',
    (s, f) => s.shutdown(f, SHUT_RD),
    'EBADF',
    'ENOTSOCK',
    'ENOTCONN',
    0,
    0,
    0,
    'ENOTCONN',
    'ENOTCONN',
  ],
  [
    'shutdown SHUT_WR',
    (s, f) => s.shutdown(f, SHUT_WR),
    'EBADF',
    'ENOTSOCK',
    'ENOTCONN',
    0,
    0,
    0,
    'ENOTCONN',
    'ENOTCONN',
  ],
  ['shutdown 3', (s, f) => s.shutdown(f, 3), 'EBADF', 'ENOTSOCK', ...same('EINVAL', 6)],
  ['getsockname', (s, f) => pair(s.getsockname(f)), 'EBADF', 'ENOTSOCK', ...same('a name', 6)],
  [
    'getpeername',
    (s, f) => pair(s.getpeername(f)),
    ...['EBADF', 'ENOTSOCK', 'ENOTCONN', 'ENOTCONN', 'ENOTCONN', 'a name', 'ENOTCONN', 'ENOTCONN'],
  ],
  ['getsockopt SO_TYPE', (s, f) => s.getsockopt(f, SOL_SOCKET, SO_TYPE), 'EBADF', 'ENOTSOCK', ...same(SOCK_STREAM, 6)],
  ['getsockopt of none', (s, f) => s.getsockopt(f, SOL_SOCKET, 999), 'EBADF', 'ENOTSOCK', ...same('ENOPROTOOPT', 6)],
  ['getsockopt of no level', (s, f) => s.getsockopt(f, 99, 1), 'EBADF', 'ENOTSOCK', ...same('EOPNOTSUPP', 6)],
  ['setsockopt of no level', (s, f) => s.setsockopt(f, 99, 1, 1), 'EBADF', 'ENOTSOCK', ...same('ENOPROTOOPT', 6)],
  [
    'setsockopt SO_TYPE',
    (s, f) => s.setsockopt(f, SOL_SOCKET, SO_TYPE, 1),
    'EBADF',
    'ENOTSOCK',
    ...same('ENOPROTOOPT', 6),
  ],
  ['ioctl FIONREAD', (s, f) => s.ioctl(f, FIONREAD), 'EBADF', 'EINVAL', 0, 'EINVAL', ...same(0, 4)],
  ['ioctl SIOCOUTQ', (s, f) => s.ioctl(f, SIOCOUTQ), 'EBADF', 'EINVAL', 0, 'EINVAL', ...same(0, 4)],
  ['ioctl SIOCOUTQNSD', (s, f) => s.ioctl(f, SIOCOUTQNSD), 'EBADF', 'EINVAL', 0, 'EINVAL', ...same(0, 4)],
  ['ioctl SIOCATMARK', (s, f) => s.ioctl(f, SIOCATMARK), 'EBADF', 'EINVAL', ...same(0, 6)],
  ['ioctl FIONBIO', (s, f) => s.ioctl(f, FIONBIO, 1), 'EBADF', ...same(0, 7)],
  ['ioctl FIOCLEX', (s, f) => s.ioctl(f, FIOCLEX), 'EBADF', ...same(0, 7)],
  ['ioctl of none', (s, f) => s.ioctl(f, 1), 'EBADF', 'EINVAL', ...same('ENOTTY', 6)],
  ['fcntl F_GETFD', (s, f) => s.fcntl(f, F_GETFD), 'EBADF', ...same(0, 7)],
  ['fcntl F_GETFL', (s, f) => s.fcntl(f, F_GETFL), 'EBADF', ...same(2, 7)],
  ['fcntl F_SETFL O_DIRECT', (s, f) => s.fcntl(f, F_SETFL, O_DIRECT), 'EBADF', ...same('EINVAL', 7)],
  ['fcntl of none', (s, f) => s.fcntl(f, 99), 'EBADF', ...same('EINVAL', 7)],
  ['dup2 to -1', (s, f) => s.dup2(f, -1), ...same('EBADF', 8)],
  ['dup3 to itself', (s, f) => s.dup3(f, f, 0), ...same('EINVAL', 8)],
  ['epoll_wait', (s, f) => s.epoll_wait(f, [], 1), 'EBADF', 0, ...same('EINVAL', 6)],
  [
    'epoll_ctl in it',
    (s, f) => s.epoll_ctl(f, EPOLL_CTL_ADD, s.socket(), { events: 1, data: 0 }),
    ...['EBADF', 0, ...same('EINVAL', 6)],
  ],
];

for (const [call, make, ...answers] of TABLE) {
  describe(call, () => {
    test.each(KINDS.map(([kind, build], i) => [kind, answers[i], build] as const))(
      'of %s: %s',
      (_kind, answer, build) => {
        const { host, fd } = build();
        expect(said(make(host.sys, fd))).toBe(answer);
      },
    );
  });
}

describe('arguments that are wrong whatever the descriptor', () => {
  test('socket(): EAFNOSUPPORT, EINVAL, ESOCKTNOSUPPORT, EPROTONOSUPPORT', () => {
    const { sys } = new World().host(0);
    const ask = (...args: [number, number, number]) => said(sys.socket(...args));
    expect([ask(2, 1, 0), ask(2, 1, 6)]).toEqual([3, 4]);
    expect([ask(99, 1, 0), ask(0, 1, 0), ask(-1, 1, 0), ask(99, 11, 0)]).toEqual(same('EAFNOSUPPORT', 4));
    expect([ask(2, 11, 0), ask(2, 99, 0), ask(2, -1, 0), ask(2, 0x1001, 0), ask(45, 11, 0)]).toEqual(same('EINVAL', 5));
    expect([ask(2, 1, -1), ask(2, 1, 300)]).toEqual(['EINVAL', 'EINVAL']);
    expect([ask(2, 5, 0), ask(2, 0, 0), ask(2, 4, 0)]).toEqual(same('ESOCKTNOSUPPORT', 3));
    expect(ask(2, SOCK_STREAM, IPPROTO_UDP)).toBe('EPROTONOSUPPORT');
    expect(ask(2, SOCK_DGRAM | 0x10, 0)).toBe('EINVAL');
  });

  test('poll() takes no more entries than there can be descriptors: EINVAL', () => {
    const { sys } = new World({ settings: { descriptorsMax: 2 } }).host(0);
    const entries = (n: number): PollFd[] => Array.from({ length: n }, () => ({ fd: -1, events: 1, revents: 0 }));
    expect([sys.poll(entries(5)), said(sys.poll(entries(6)))]).toEqual([0, 'EINVAL']);
  });

  test('select(): EINVAL for a negative number, EBADF for one that is not open; the sets stay as they are', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    const [reads, writes] = [createFdSet(), createFdSet()];
    expect([said(sys.select(-1, reads, null, null)), sys.select(1024, null, null, null)]).toEqual(['EINVAL', 0]);
    FD_SET(fd, writes);
    FD_SET(900, reads);
    expect(said(sys.select(901, reads, writes, null))).toBe('EBADF');
    expect([FD_ISSET(900, reads), FD_ISSET(fd, writes)]).toEqual([true, true]);
    // What is not below nfds is not looked at.
    expect(sys.select(fd + 1, reads, writes, null)).toBe(1);
    FD_CLR(900, reads);
    FD_ZERO(writes);
    expect([FD_ISSET(900, reads), FD_ISSET(fd, writes)]).toEqual([false, false]);
  });

  test('a range that is not in the buffer: EINVAL, and nothing is read', () => {
    const { server, s } = connected(new World());
    for (const [at, end] of [
      [0, 2],
      [-1, 1],
      [1, 0],
      [Number.NaN, 1],
    ] as const) {
      expect(said(server.sys.read(s, byte, at, end))).toBe('EINVAL');
      expect(said(server.sys.write(s, byte, at, end))).toBe('EINVAL');
      expect(said(server.sys.recv(s, byte, at, end, 0))).toBe('EINVAL');
      expect(said(server.sys.sendto(s, byte, at, end, 0))).toBe('EINVAL');
    }
  });
});
