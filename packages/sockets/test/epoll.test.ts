/** epoll(7): level- and edge-triggered, once and again, nested, and told fairly; as Linux does it. */

import { describe, expect, test } from 'vitest';
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLRDNORM,
  EPOLLWRNORM,
  F_GETFD,
  F_GETFL,
  MSG_OOB,
  O_RDWR,
  POLLIN,
  SHUT_RD,
  SHUT_WR,
  SO_LINGER,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SO_SNDBUF,
  SOL_SOCKET,
} from '../src/constants.ts';
import type { EpollEvent, Syscalls } from '../src/syscalls.ts';
import { connected, connecting, drain, levels, listening, said } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

/** All names of bits, for failures that can be read. */
const NAMES: readonly (readonly [number, string])[] = [
  [EPOLLIN, 'IN'],
  [EPOLLPRI, 'PRI'],
  [EPOLLOUT, 'OUT'],
  [EPOLLERR, 'ERR'],
  [EPOLLHUP, 'HUP'],
  [EPOLLRDHUP, 'RDHUP'],
  [EPOLLRDNORM, 'RDNORM'],
  [EPOLLWRNORM, 'WRNORM'],
];

/** What epoll_wait() tells: the data of each event, and its bits by name. */
function told(sys: Syscalls, epfd: number, maxEvents = 64): [number, string][] {
  const events: EpollEvent[] = [];
  const n = sys.epoll_wait(epfd, events, maxEvents);
  expect(n).toBe(events.length);
  return events.map((event) => [
    event.data,
    NAMES.filter(([bit]) => (event.events & bit) !== 0)
      .map(([, name]) => name)
      .join(' '),
  ]);
}

/** An instance that watches these descriptors, each with its number as data. */
function watching(sys: Syscalls, events: number, ...fds: readonly number[]): number {
  const epfd = sys.epoll_create1(0);
  for (const fd of fds) expect(said(sys.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, { events, data: fd }))).toBe(0);
  return epfd;
}

const byte = new Uint8Array(1);

describe('level-triggered', () => {
  test('tells as long as it is so, with the data that was given', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN, s);
    expect(told(server.sys, epfd)).toEqual([]);
    client.sys.write(c, pattern(10));
    world.settle();
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[s, 'IN']], [[s, 'IN']]]);
    server.sys.read(s, new Uint8Array(9));
    expect(told(server.sys, epfd)).toEqual([[s, 'IN']]);
    server.sys.read(s, byte);
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[], []]);
  });

  test('only what was asked for, and ERR and HUP always', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, 0, s);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(told(server.sys, epfd)).toEqual([]);
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    expect(told(server.sys, epfd)).toEqual([[s, 'ERR HUP']]);
    drain(server, s);
    expect(told(server.sys, epfd)).toEqual([[s, 'HUP']]);
  });

  test('IN and OUT are also RDNORM and WRNORM, for who asks for those', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLRDNORM | EPOLLWRNORM, s);
    expect(told(server.sys, epfd)).toEqual([[s, 'WRNORM']]);
    client.sys.write(c, pattern(1));
    world.settle();
    expect(told(server.sys, epfd)).toEqual([[s, 'RDNORM WRNORM']]);
  });

  test('a listener: IN while somebody waits for accept()', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const epfd = watching(server.sys, EPOLLIN | EPOLLOUT | EPOLLRDHUP, listener);
    for (let i = 0; i < 2; i++) connecting(client, server);
    world.settle();
    expect(told(server.sys, epfd)).toEqual([[listener, 'IN']]);
    server.sys.accept(listener);
    expect(told(server.sys, epfd)).toEqual([[listener, 'IN']]);
    server.sys.accept(listener);
    expect(told(server.sys, epfd)).toEqual([]);
  });

  test('half-closed by the peer: IN RDHUP; by both: HUP too; by us alone: nothing but OUT', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const all = EPOLLIN | EPOLLOUT | EPOLLRDHUP;
    const [atServer, atClient] = [watching(server.sys, all, s), watching(client.sys, all, c)];
    client.sys.shutdown(c, SHUT_WR);
    world.settle();
    expect([told(server.sys, atServer), told(client.sys, atClient)]).toEqual([[[s, 'IN OUT RDHUP']], [[c, 'OUT']]]);
    server.sys.shutdown(s, SHUT_WR);
    expect(told(server.sys, atServer)).toEqual([[s, 'IN OUT HUP RDHUP']]);
    world.settle();
    expect(told(client.sys, atClient)).toEqual([[c, 'IN OUT HUP RDHUP']]);
  });

  test('urgent data: PRI until it was read', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLPRI, s);
    client.sys.send(c, pattern(1), 0, 1, MSG_OOB);
    world.settle();
    expect(told(server.sys, epfd)).toEqual([[s, 'PRI']]);
    expect(server.sys.recv(s, byte, 0, 1, MSG_OOB)).toBe(1);
    expect(told(server.sys, epfd)).toEqual([]);
  });

  test('more ready descriptors than fit take turns', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server, 16);
    const fds = Array.from({ length: 5 }, () => connecting(client, server));
    world.settle();
    const epfd = watching(client.sys, EPOLLOUT, ...fds);
    const rounds = Array.from({ length: 5 }, () => told(client.sys, epfd, 2).map(([fd]) => fd));
    expect(rounds.flat().map((fd) => fds.indexOf(fd))).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  });
});

describe('edge-triggered', () => {
  test('tells each time new bytes come, also when older ones were not read, and not in between', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN | EPOLLET, s);
    for (let i = 0; i < 3; i++) {
      client.sys.write(c, pattern(10));
      world.settle();
      expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[s, 'IN']], []]);
    }
    server.sys.read(s, new Uint8Array(5));
    expect(told(server.sys, epfd)).toEqual([]);
  });

  test('what came and was read before anyone looked is not told', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN | EPOLLET, s);
    client.sys.write(c, pattern(10));
    world.settle();
    drain(server, s);
    expect(told(server.sys, epfd)).toEqual([]);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(told(server.sys, epfd)).toEqual([[s, 'IN']]);
  });

  test('each event says all that it is ready for: bytes that come say OUT again', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN | EPOLLOUT | EPOLLET, s);
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[s, 'OUT']], []]);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(told(server.sys, epfd)).toEqual([[s, 'IN OUT']]);
  });

  test('bytes that come are no edge for who waits for OUT alone, nor ACKs while there was room', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLOUT | EPOLLET, s);
    expect(told(server.sys, epfd)).toEqual([[s, 'OUT']]);
    client.sys.write(c, pattern(10));
    server.sys.write(s, pattern(10));
    world.run(100);
    expect(told(server.sys, epfd)).toEqual([]);
  });

  test('OUT: once after a full buffer has room again, and not for every ACK beyond', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    client.sys.setsockopt(c, SOL_SOCKET, SO_SNDBUF, 30_000);
    const epfd = watching(client.sys, EPOLLOUT | EPOLLET, c);
    told(client.sys, epfd);
    let passed = 0;
    world.passes = ({ kind, from }) => from === '10.0.0.2' || kind !== 'ACK' || passed-- > 0;
    while (client.sys.write(c, pattern(1000)) > 0);
    const edges: number[] = [];
    for (let i = 0; i < 40; i++) {
      passed = 1;
      world.run(20);
      drain(server, s);
      const before = told(client.sys, epfd);
      if (before.length > 0) edges.push(i);
    }
    expect(edges.length).toBe(1);
  });

  test('a watcher that saw no room is told of it, though nobody tried to write', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    client.sys.setsockopt(c, SOL_SOCKET, SO_SNDBUF, 30_000);
    // Fills it to the brim and not beyond: no write met the end.
    const room = 2 * 30_000;
    let filled = 0;
    while (filled < room && (levels(client, c) & EPOLLOUT) !== 0) filled += client.sys.write(c, pattern(500));
    const epfd = watching(client.sys, EPOLLOUT | EPOLLET, c);
    expect(told(client.sys, epfd)).toEqual([]);
    world.run(200);
    drain(server, s);
    expect(told(client.sys, epfd)).toEqual([[c, 'OUT']]);
  });

  test('the end of the peer, and of us, are edges; shutdown() is one by itself', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN | EPOLLRDHUP | EPOLLET, s);
    server.sys.shutdown(s, SHUT_RD);
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[s, 'IN RDHUP']], []]);
    client.sys.shutdown(c, SHUT_WR);
    world.settle();
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[s, 'IN RDHUP']], []]);
    server.sys.shutdown(s, SHUT_WR);
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[s, 'IN HUP RDHUP']], []]);
    world.settle();
  });

  test('a listener: an edge for each connection that comes, also when others wait', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const epfd = watching(server.sys, EPOLLIN | EPOLLET, listener);
    for (let i = 0; i < 2; i++) {
      connecting(client, server);
      world.settle();
      expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[listener, 'IN']], []]);
    }
    server.sys.accept(listener);
    expect(told(server.sys, epfd)).toEqual([]);
  });

  test('connecting: OUT when it is done; ERR and HUP when it is refused', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server);
    const good = connecting(client, server);
    const bad = connecting(client, server, 81);
    const epfd = watching(client.sys, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, good, bad);
    expect(told(client.sys, epfd)).toEqual([]);
    world.settle();
    expect(told(client.sys, epfd).sort()).toEqual([
      [good, 'OUT'],
      [bad, 'IN OUT ERR HUP RDHUP'],
    ]);
    expect(told(client.sys, epfd)).toEqual([]);
  });

  test('EPOLL_CTL_MOD tells again what is so, and so does taking it out and in', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN | EPOLLET, s);
    client.sys.write(c, pattern(10));
    world.settle();
    told(server.sys, epfd);
    expect(server.sys.epoll_ctl(epfd, EPOLL_CTL_MOD, s, { events: EPOLLIN | EPOLLET, data: 7 })).toBe(0);
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[7, 'IN']], []]);
    expect(server.sys.epoll_ctl(epfd, EPOLL_CTL_DEL, s)).toBe(0);
    expect(server.sys.epoll_ctl(epfd, EPOLL_CTL_ADD, s, { events: EPOLLIN | EPOLLET, data: 8 })).toBe(0);
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[8, 'IN']], []]);
  });

  test('SO_RCVLOWAT: fewer bytes are neither readable nor an edge', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    server.sys.setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, 25);
    const epfd = watching(server.sys, EPOLLIN | EPOLLET, s);
    const into = new Int32Array(16);
    server.pollReady(into);
    const reported: number[] = [];
    const counts = [10, 10, 10, 10].map((n) => {
      client.sys.write(c, pattern(n));
      world.settle();
      reported.push(
        [...into.subarray(0, 2 * server.pollReady(into))].filter((fd, i) => i % 2 === 0 && fd === s).length,
      );
      return told(server.sys, epfd).length;
    });
    expect(counts).toEqual([0, 0, 1, 1]);
    expect(reported).toEqual([0, 0, 1, 1]);
    expect(server.sys.read(s, new Uint8Array(20))).toBe(20);
    expect(levels(server, s) & POLLIN).toBe(0);
    // A read that does not wait gives what is there.
    expect(server.sys.read(s, new Uint8Array(100))).toBe(20);
    client.sys.write(c, pattern(3));
    client.sys.shutdown(c, SHUT_WR);
    world.settle();
    expect(levels(server, s) & POLLIN).toBe(POLLIN);
  });
});

test('SO_RCVLOWAT never waits for more than the window lets in', () => {
  const world = new World();
  const [server, client] = [world.host(0), world.host(1)];
  const listener = listening(server);
  server.sys.setsockopt(listener, SOL_SOCKET, SO_RCVLOWAT, 500_000);
  server.sys.setsockopt(listener, SOL_SOCKET, SO_RCVBUF, 4096);
  const c = connecting(client, server);
  world.settle();
  const s = server.sys.accept(listener);
  const epfd = watching(server.sys, EPOLLIN | EPOLLET, s);
  client.sys.write(c, pattern(1000));
  world.settle();
  expect(told(server.sys, epfd)).toEqual([]);
  client.sys.write(c, pattern(50_000));
  world.run(100);
  expect(told(server.sys, epfd)).toEqual([[s, 'IN']]);
});

describe('EPOLLONESHOT', () => {
  test('tells once, then nothing, not even HUP, until EPOLL_CTL_MOD', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN | EPOLLONESHOT, s);
    client.sys.write(c, pattern(10));
    world.settle();
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[s, 'IN']], []]);
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    expect(told(server.sys, epfd)).toEqual([]);
    expect(server.sys.epoll_ctl(epfd, EPOLL_CTL_MOD, s, { events: EPOLLIN | EPOLLONESHOT, data: s })).toBe(0);
    expect([told(server.sys, epfd), told(server.sys, epfd)]).toEqual([[[s, 'IN ERR HUP']], []]);
    expect(said(server.sys.epoll_ctl(epfd, EPOLL_CTL_ADD, s, { events: EPOLLIN, data: s }))).toBe('EEXIST');
  });
});

describe('numbers and files', () => {
  test('one file may be watched by each of its numbers; a watch lives as long as the file, not the number', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const copy = server.sys.dup(s);
    const epfd = watching(server.sys, EPOLLIN, s, copy);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(told(server.sys, epfd).sort()).toEqual([
      [s, 'IN'],
      [copy, 'IN'],
    ]);
    server.sys.close(s);
    expect(told(server.sys, epfd).map(([fd]) => fd)).toEqual([s, copy]);
    // There is no number to take it out by.
    expect(said(server.sys.epoll_ctl(epfd, EPOLL_CTL_DEL, s))).toBe('EBADF');
    expect(server.sys.dup2(copy, s)).toBe(s);
    expect(server.sys.epoll_ctl(epfd, EPOLL_CTL_DEL, s)).toBe(0);
    expect(told(server.sys, epfd).map(([fd]) => fd)).toEqual([copy]);
    server.sys.close(s);
    server.sys.close(copy);
    expect(told(server.sys, epfd)).toEqual([]);
  });

  test('closing takes it out: the next owner of the number is not watched, nor told of what was there', () => {
    const world = new World();
    const { server, client, listener, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN | EPOLLET, s);
    client.sys.write(c, pattern(10));
    const second = connecting(client, server);
    world.settle();
    server.sys.close(s);
    expect(server.sys.accept(listener)).toBe(s);
    client.sys.write(second, pattern(10));
    world.settle();
    expect(told(server.sys, epfd)).toEqual([]);
    expect(said(server.sys.epoll_ctl(epfd, EPOLL_CTL_MOD, s, { events: EPOLLIN, data: 0 }))).toBe('ENOENT');
    expect(server.sys.epoll_ctl(epfd, EPOLL_CTL_ADD, s, { events: EPOLLIN, data: 5 })).toBe(0);
    expect(told(server.sys, epfd)).toEqual([[5, 'IN']]);
  });

  test('an instance is a file: FD_CLOEXEC by its flag, dup(), and readable while it has something to tell', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const { sys } = server;
    const epfd = sys.epoll_create1(EPOLL_CLOEXEC);
    expect([sys.fcntl(epfd, F_GETFD), sys.fcntl(epfd, F_GETFL)]).toEqual([1, O_RDWR]);
    const copy = sys.dup(epfd);
    sys.epoll_ctl(copy, EPOLL_CTL_ADD, s, { events: EPOLLIN, data: 1 });
    sys.close(epfd);
    expect(levels(server, copy)).toBe(0);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(levels(server, copy)).toBe(POLLIN);
    drain(server, s);
    expect(levels(server, copy)).toBe(0);
    sys.close(copy);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(said(sys.epoll_wait(copy, [], 1))).toBe('EBADF');
  });

  test('pollReady tells of an instance, as of any file', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN, s);
    const into = new Int32Array(16);
    server.pollReady(into);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(server.pollReady(into)).toBe(2);
    expect([...into.subarray(0, 4)]).toEqual([s, POLLIN | EPOLLOUT, epfd, POLLIN]);
  });

  test('owners that share an instance share its watches, and each has its own numbers', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const epfd = watching(server.sys, EPOLLIN, s);
    const child = server.fork();
    server.sys.close(s);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(told(server.sys, epfd)).toEqual([[s, 'IN']]);
    expect(told(child.sys, epfd)).toEqual([[s, 'IN']]);
    child.exit();
    expect(told(server.sys, epfd)).toEqual([]);
  });
});

describe('an instance that watches an instance', () => {
  test('is told when that one has something to tell, edge-triggered at each change', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const inner = watching(server.sys, EPOLLIN, s);
    const level = watching(server.sys, EPOLLIN, inner);
    const edge = watching(server.sys, EPOLLIN | EPOLLET, inner);
    expect([told(server.sys, level), told(server.sys, edge)]).toEqual([[], []]);
    for (let i = 0; i < 2; i++) {
      client.sys.write(c, pattern(10));
      world.settle();
      expect([told(server.sys, edge), told(server.sys, edge)]).toEqual([[[inner, 'IN']], []]);
      expect([told(server.sys, level), told(server.sys, level)]).toEqual([[[inner, 'IN']], [[inner, 'IN']]]);
    }
    drain(server, s);
    expect([told(server.sys, level), told(server.sys, inner)]).toEqual([[], []]);
  });

  test('ELOOP for a ring, and for a chain of more than five, from either end or in the middle', () => {
    const { sys } = new World().host(0);
    const add = (outer: number, inner: number) =>
      said(sys.epoll_ctl(outer, EPOLL_CTL_ADD, inner, { events: 1, data: 0 }));
    const chain = Array.from({ length: 5 }, () => sys.epoll_create1(0));
    for (let i = 1; i < 5; i++) expect(add(chain[i - 1] as number, chain[i] as number)).toBe(0);
    const other = sys.epoll_create1(0);
    expect([add(other, chain[0] as number), add(chain[4] as number, other)]).toEqual(['ELOOP', 'ELOOP']);
    expect(add(chain[3] as number, other)).toBe(0);
    const below = sys.epoll_create1(0);
    expect(add(other, below)).toBe('ELOOP');
    expect([add(chain[4] as number, chain[0] as number), add(chain[1] as number, chain[0] as number)]).toEqual([
      'ELOOP',
      'ELOOP',
    ]);
  });
});

describe('errors', () => {
  test('epoll_create(), epoll_create1(): EINVAL, EMFILE, ENFILE', () => {
    const { sys } = new World({ settings: { descriptorsMax: 1 } }).host(0);
    expect([sys.epoll_create(0), sys.epoll_create(-1), sys.epoll_create1(1)].map(said)).toEqual(
      Array(3).fill('EINVAL'),
    );
    expect(sys.epoll_create(1)).toBe(3);
    expect(said(sys.epoll_create1(0))).toBe('EMFILE');
    const full = new World({ settings: { filesMax: 0 } }).host(0);
    expect(said(full.sys.epoll_create1(0))).toBe('ENFILE');
  });

  test('epoll_ctl()', () => {
    const { sys } = new World({ settings: { epollWatchesMax: 1 } }).host(0);
    const [epfd, other, fd] = [sys.epoll_create1(0), sys.epoll_create1(0), sys.socket()];
    const event = { events: EPOLLIN, data: 0 };
    const { ADD, MOD, DEL } = { ADD: EPOLL_CTL_ADD, MOD: EPOLL_CTL_MOD, DEL: EPOLL_CTL_DEL };
    const ctl = (...args: Parameters<Syscalls['epoll_ctl']>) => said(sys.epoll_ctl(...args));
    expect([ctl(99, ADD, fd, event), ctl(epfd, ADD, 99, event), ctl(99, DEL, fd)]).toEqual(Array(3).fill('EBADF'));
    expect([ctl(fd, ADD, other, event), ctl(epfd, ADD, epfd, event), ctl(epfd, 4, fd, event)]).toEqual(
      Array(3).fill('EINVAL'),
    );
    expect([ctl(epfd, ADD, fd), ctl(epfd, MOD, fd, null)]).toEqual(['EFAULT', 'EFAULT']);
    expect([ctl(epfd, MOD, fd, event), ctl(epfd, DEL, fd)]).toEqual(['ENOENT', 'ENOENT']);
    expect([ctl(epfd, ADD, fd, event), ctl(epfd, ADD, fd, event), ctl(epfd, MOD, fd, event)]).toEqual([0, 'EEXIST', 0]);
    // The limit is of all instances; taking one out makes room.
    expect([ctl(other, ADD, fd, event), ctl(epfd, DEL, fd), ctl(other, ADD, fd, event)]).toEqual(['ENOSPC', 0, 0]);
    sys.close(other);
    expect(ctl(epfd, ADD, fd, event)).toBe(0);
    sys.close(fd);
    expect(ctl(epfd, ADD, sys.socket(), event)).toBe(0);
  });

  test('EPOLLEXCLUSIVE: not by MOD, not changed by MOD, not for an instance, not with bits that it does not go with', () => {
    const { sys } = new World().host(0);
    const [epfd, other, fd] = [sys.epoll_create1(0), sys.epoll_create1(0), sys.socket()];
    const ctl = (op: number, of: number, events: number) =>
      said(sys.epoll_ctl(epfd, op, of, { events: events | EPOLLEXCLUSIVE, data: 0 }));
    expect([ctl(EPOLL_CTL_ADD, other, EPOLLIN), ctl(EPOLL_CTL_MOD, fd, EPOLLIN)]).toEqual(['EINVAL', 'EINVAL']);
    for (const bits of [EPOLLRDHUP, EPOLLONESHOT, EPOLLPRI]) {
      expect(ctl(EPOLL_CTL_ADD, fd, bits)).toBe('EINVAL');
    }
    expect(ctl(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLET | EPOLLHUP | EPOLLERR)).toBe(0);
    expect(said(sys.epoll_ctl(epfd, EPOLL_CTL_MOD, fd, { events: EPOLLIN, data: 0 }))).toBe('EINVAL');
    expect(told(sys, epfd)).toEqual([[0, 'OUT HUP']]);
    expect(sys.epoll_ctl(epfd, EPOLL_CTL_DEL, fd)).toBe(0);
  });

  test('epoll_wait(): EBADF, EINVAL for what is no instance and for no room', () => {
    const { sys } = new World().host(0);
    const epfd = sys.epoll_create1(0);
    expect([sys.epoll_wait(99, [], 1), sys.epoll_wait(99, [], 0)].map(said)).toEqual(['EBADF', 'EBADF']);
    expect([sys.epoll_wait(sys.socket(), [], 1), sys.epoll_wait(epfd, [], 0)].map(said)).toEqual(['EINVAL', 'EINVAL']);
    expect([sys.epoll_wait(epfd, [], -1), sys.epoll_wait(epfd, [], 2 ** 31)].map(said)).toEqual(['EINVAL', 'EINVAL']);
  });
});

test('records that are in the array are filled again', () => {
  const { sys } = new World().host(0);
  const epfd = watching(sys, EPOLLOUT, sys.socket());
  const events: EpollEvent[] = [{ events: 0, data: 0 }];
  const [first] = events;
  expect(sys.epoll_wait(epfd, events, 8)).toBe(1);
  expect(events).toEqual([{ events: EPOLLOUT | EPOLLHUP, data: 3 }]);
  expect(events[0]).toBe(first);
});
