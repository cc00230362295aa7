/** dup(2), fcntl(2), and descriptors of several owners: what belongs to the number, and what to the file. */

import { describe, expect, test } from 'vitest';
import {
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  O_APPEND,
  O_CLOEXEC,
  O_DIRECT,
  O_NONBLOCK,
  O_RDWR,
  POLLERR,
  SO_ERROR,
  SO_LINGER,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from '../src/constants.ts';
import { connected, connecting, drain, expectNothingLeft, levels, listening, said, states } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

const byte = new Uint8Array(1);

/** Descriptors that pollReady reports now. */
function reported(host: World['hosts'][number]): number[] {
  const into = new Int32Array(64);
  const pairs = host.pollReady(into);
  return Array.from({ length: pairs }, (_, i) => into[2 * i] as number);
}

describe('dup(2), dup2(2), dup3(2), and F_DUPFD', () => {
  test('give the lowest free number, that number, and the lowest from another on', () => {
    const { sys } = new World().host(0);
    const a = sys.socket();
    expect([a, sys.dup(a), sys.dup2(a, 10), sys.dup3(a, 12, 0), sys.dup(a)]).toEqual([3, 4, 10, 12, 5]);
    expect([sys.fcntl(a, F_DUPFD, 0), sys.fcntl(a, F_DUPFD, 10), sys.fcntl(a, F_DUPFD_CLOEXEC, 100)]).toEqual([
      6, 11, 100,
    ]);
    expect(sys.close(5)).toBe(0);
    expect(sys.socket()).toBe(5);
    expect([sys.dup2(a, a), sys.dup2(a, 1), sys.close(1)]).toEqual([a, 1, 0]);
  });

  test('dup2 closes what had the number before', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    expect(server.sys.dup2(server.sys.socket(), s)).toBe(s);
    world.settle();
    expect(drain(client, c).end).toBe(0);
    expect(said(server.sys.read(s, byte))).toBe('ENOTCONN');
  });

  test('both numbers read and write one stream, and the connection ends with the last of them', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const copy = server.sys.dup(s);
    client.sys.write(c, pattern(10));
    world.settle();
    expect([server.sys.read(s, new Uint8Array(4)), server.sys.read(copy, new Uint8Array(10))]).toEqual([4, 6]);
    expect(server.sys.close(s)).toBe(0);
    expect(said(server.sys.read(s, byte))).toBe('EBADF');
    world.run(1000);
    expect(world.sentBy(0, 'FIN,ACK')).toEqual([]);
    expect(server.sys.write(copy, pattern(5))).toBe(5);
    world.settle();
    expect(drain(client, c).bytes).toEqual(pattern(5));
    expect(server.sockets().filter(({ state }) => state === 'ESTABLISHED')).toMatchObject([{ fd: copy }]);
    expect(server.sys.close(copy)).toBe(0);
    world.settle();
    expect(drain(client, c).end).toBe(0);
  });

  test('a listener listens until its last number is closed, also when the first goes first', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const copy = server.sys.dup(listener);
    server.sys.close(listener);
    connecting(client, server);
    world.settle();
    expect(server.sys.accept(copy)).toBe(listener);
    server.sys.close(copy);
    const refused = connecting(client, server);
    world.settle();
    expect(said(client.sys.read(refused, byte))).toBe('ECONNREFUSED');
  });

  test('errors: EBADF for a bad source or a target out of range, EINVAL for flags and equal numbers, EMFILE', () => {
    const { sys } = new World({ settings: { descriptorsMax: 5 } }).host(0);
    const a = sys.socket();
    expect([sys.dup(99), sys.dup(-1), sys.dup2(99, 99), sys.dup2(99, 4), sys.dup3(99, 4, 0)].map(said)).toEqual(
      Array(5).fill('EBADF'),
    );
    // 5 and the three standard streams: numbers end at 7.
    expect([sys.dup2(a, 8), sys.dup2(a, -1), sys.dup3(a, 8, 0), sys.dup2(a, 7)].map(said)).toEqual([
      'EBADF',
      'EBADF',
      'EBADF',
      7,
    ]);
    expect([sys.dup3(a, a, 0), sys.dup3(a, 4, O_NONBLOCK), sys.dup3(99, 99, 0)].map(said)).toEqual(
      Array(3).fill('EINVAL'),
    );
    expect([sys.fcntl(99, F_DUPFD, 0), sys.fcntl(a, F_DUPFD, -1), sys.fcntl(a, F_DUPFD, 8)].map(said)).toEqual([
      'EBADF',
      'EINVAL',
      'EINVAL',
    ]);
    expect(said(sys.fcntl(a, F_DUPFD, 7))).toBe('EMFILE');
    expect([sys.dup(a), sys.dup(a), sys.dup(a)]).toEqual([4, 5, 6]);
    expect([sys.dup(a), sys.fcntl(a, F_DUPFD_CLOEXEC, 0), sys.socket()].map(said)).toEqual(Array(3).fill('EMFILE'));
    // A number that is taken needs no room.
    expect(sys.dup2(a, 5)).toBe(5);
  });
});

describe('fcntl(2)', () => {
  test('FD_CLOEXEC belongs to the number: dup() clears it, dup3() and F_DUPFD_CLOEXEC may set it', () => {
    const { sys } = new World().host(0);
    const a = sys.socket();
    expect([sys.fcntl(a, F_GETFD), sys.fcntl(a, F_SETFD, FD_CLOEXEC), sys.fcntl(a, F_GETFD)]).toEqual([0, 0, 1]);
    expect(sys.fcntl(sys.dup(a), F_GETFD)).toBe(0);
    expect(sys.fcntl(sys.dup3(a, 20, O_CLOEXEC), F_GETFD)).toBe(1);
    expect(sys.fcntl(sys.fcntl(a, F_DUPFD_CLOEXEC, 30), F_GETFD)).toBe(1);
    expect(sys.fcntl(sys.fcntl(a, F_DUPFD, 40), F_GETFD)).toBe(0);
    expect([sys.dup2(a, 20), sys.fcntl(20, F_GETFD)]).toEqual([20, 0]);
    expect([sys.fcntl(a, F_SETFD, 0), sys.fcntl(a, F_GETFD)]).toEqual([0, 0]);
  });

  test('O_NONBLOCK belongs to the file: all its numbers have it', () => {
    const { sys } = new World().host(0);
    const a = sys.socket();
    const b = sys.dup(a);
    expect(sys.fcntl(a, F_GETFL)).toBe(O_RDWR);
    expect(sys.fcntl(b, F_SETFL, O_NONBLOCK | O_APPEND)).toBe(0);
    expect(sys.fcntl(a, F_GETFL)).toBe(O_RDWR | O_NONBLOCK | O_APPEND);
    expect([sys.fcntl(a, F_SETFL, 0), sys.fcntl(b, F_GETFL)]).toEqual([0, O_RDWR]);
  });

  test('accept4() takes both from its flags, and nothing from the listener', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    server.sys.fcntl(listener, F_SETFL, O_NONBLOCK);
    for (let i = 0; i < 2; i++) connecting(client, server);
    world.settle();
    expect(said(server.sys.accept4(listener, 1))).toBe('EINVAL');
    const plain = server.sys.accept(listener);
    const both = server.sys.accept4(listener, SOCK_NONBLOCK | SOCK_CLOEXEC);
    expect([server.sys.fcntl(plain, F_GETFL), server.sys.fcntl(plain, F_GETFD)]).toEqual([O_RDWR, 0]);
    expect([server.sys.fcntl(both, F_GETFL), server.sys.fcntl(both, F_GETFD)]).toEqual([O_RDWR | O_NONBLOCK, 1]);
  });

  test('errors: EBADF, EINVAL for a command that is not there and for O_DIRECT', () => {
    const { sys } = new World().host(0);
    const a = sys.socket();
    expect([sys.fcntl(99, F_GETFD), sys.fcntl(a, 4711), sys.fcntl(a, F_SETFL, O_DIRECT)].map(said)).toEqual([
      'EBADF',
      'EINVAL',
      'EINVAL',
    ]);
  });
});

describe('several owners of descriptors on one Host', () => {
  test('each has its own numbers and limit; EMFILE of one is not EMFILE of another, ENFILE is of all', () => {
    const host = new World({ settings: { filesMax: 4 } }).host(0);
    const [a, b] = [host.process(1), host.process()];
    expect([a.sys.socket(), b.sys.socket(), host.sys.socket()]).toEqual([3, 3, 3]);
    expect(said(a.sys.socket())).toBe('EMFILE');
    expect(b.sys.socket()).toBe(4);
    expect([b.sys.socket(), host.sys.socket()].map(said)).toEqual(['ENFILE', 'ENFILE']);
    // Another number for the same file takes no place in the table of files.
    expect(b.sys.dup(3)).toBe(5);
    b.sys.close(3);
    expect(said(host.sys.socket())).toBe('ENFILE');
    b.sys.close(5);
    expect(host.sys.socket()).toBe(4);
    expect(said(a.sys.close(4))).toBe('EBADF');
  });

  test('accept() and accept4() without a free place in the table of files: ENFILE, and the connection waits on', () => {
    const world = new World({ settings: { filesMax: 2 } });
    const server = world.host(0);
    const l = listening(server);
    connecting(world.host(1), server);
    world.run(0);
    const other = server.sys.epoll_create1(0);
    expect([server.sys.accept(l), server.sys.accept4(l, 0), server.sys.accept(l)].map(said)).toEqual([
      ...['ENFILE', 'ENFILE', 'ENFILE'],
    ]);
    server.sys.close(other);
    expect(server.sys.accept(l)).toBe(other);
  });

  test('a descriptor that is passed refers to the same connection, which ends with the last one', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const worker = server.process();
    const forked = server.fork();
    expect([forked.pass(99, worker), forked.pass(s, server.process(0))].map(said)).toEqual(['EBADF', 'EMFILE']);
    server.sys.close(s);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(forked.pass(s, worker)).toBe(3);
    expect(worker.sys.fcntl(3, F_GETFD)).toBe(0);
    forked.exit();
    const into = new Uint8Array(20);
    expect(worker.sys.read(3, into)).toBe(10);
    expect(worker.sys.write(3, pattern(7))).toBe(7);
    world.settle();
    expect(drain(client, c)).toEqual({ bytes: pattern(7), end: 'EAGAIN' });
    worker.exit();
    world.settle();
    expect(drain(client, c).end).toBe(0);
  });

  test('the end of an owner closes all that only it had, and nothing can be opened after', () => {
    const world = new World();
    const [host, client] = [world.host(0), world.host(1)];
    const server = host.process();
    const fd = server.sys.socket();
    server.sys.bind(fd, '0.0.0.0', 80);
    server.sys.listen(fd, 5);
    const c = connecting(client, host);
    const half = connecting(client, host);
    world.settle();
    server.sys.accept(fd);
    expect(server.open).toBe(2);
    server.exit();
    expect(server.open).toBe(0);
    world.settle();
    expect(drain(client, c).end).toBe(0);
    // It was in the accept queue, which nobody has any more.
    expect(drain(client, half).end).toBe('ECONNRESET');
    expect([server.sys.socket(), server.sys.accept(fd), server.sys.close(fd)].map(said)).toEqual([
      'EMFILE',
      'EBADF',
      'EBADF',
    ]);
    for (const left of [c, half]) client.sys.close(left);
    world.run(200_000);
    expectNothingLeft(host);
    expect(host.sockets()).toEqual([]);
  });

  test('fork copies every number with its FD_CLOEXEC; exec closes those that have it', () => {
    const host = new World().host(0);
    const parent = host.process();
    const [keeps, loses] = [parent.sys.socket(), parent.sys.socket()];
    parent.sys.fcntl(loses, F_SETFD, FD_CLOEXEC);
    const child = parent.fork();
    expect([child.sys.fcntl(keeps, F_GETFD), child.sys.fcntl(loses, F_GETFD)]).toEqual([0, 1]);
    child.exec();
    expect([child.sys.fcntl(keeps, F_GETFD), child.sys.fcntl(loses, F_GETFD)].map(said)).toEqual([0, 'EBADF']);
    expect(parent.sys.fcntl(loses, F_GETFD)).toBe(1);
    expect(host.sockets().length).toBe(2);
  });

  test('pollReady tells of the numbers of the Host itself, each of them when there are several', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    const copy = server.sys.dup(s);
    reported(server);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(reported(server)).toEqual([s, copy]);
    server.sys.close(s);
    const own = server.sys.socket();
    expect(own).toBe(s);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(reported(server)).toEqual([copy]);
    // The same number in the table of another.
    const moved = server.fork();
    server.sys.close(copy);
    expect(server.sys.dup(own)).toBe(copy);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(moved.sys.read(copy, new Uint8Array(100))).toBe(30);
    expect(reported(server)).toEqual([]);
  });
});

describe('a number never reaches its next owner with old state', () => {
  test('readiness of the old socket is not told of the new one', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    reported(server);
    client.sys.write(c, pattern(10));
    world.settle();
    server.sys.close(s);
    expect(server.sys.socket()).toBe(s);
    expect(reported(server)).toEqual([]);
    expect(said(server.sys.read(s, byte))).toBe('ENOTCONN');
    expect(levels(server, s)).toBe(0x4 | 0x10);
  });

  test('nor twice of the new one, when something happens to that before anyone looks', () => {
    const world = new World();
    const { server, client, listener, s, c } = connected(world);
    reported(server);
    client.sys.write(c, pattern(10));
    const second = connecting(client, server);
    world.settle();
    server.sys.close(s);
    expect(server.sys.accept(listener)).toBe(s);
    client.sys.write(second, pattern(3));
    world.settle();
    expect(reported(server).sort()).toEqual([listener, s]);
    expect(drain(server, s).bytes).toEqual(pattern(3));
  });

  test('the segments of the old connection do not reach the new socket', () => {
    const world = new World({ delayMs: 10 });
    const { server, client, listener, s, c } = connected(world);
    client.sys.write(c, pattern(100));
    world.settle();
    // Under way while the descriptor changes hands.
    server.sys.setsockopt(s, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    server.sys.close(s);
    const second = connecting(client, server);
    world.run(50);
    expect(server.sys.accept(listener)).toBe(s);
    expect(said(server.sys.read(s, byte))).toBe('EAGAIN');
    client.sys.write(second, pattern(5, 3));
    world.run(50);
    expect(drain(server, s).bytes).toEqual(pattern(5, 3));
    expect(drain(client, c).end).toBe('ECONNRESET');
  });

  test('a reset in the accept queue: what it brought and its error are of that number, and of no later one', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const [gone, stays] = [connecting(client, server), connecting(client, server)];
    world.settle();
    client.sys.setsockopt(gone, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.write(gone, pattern(9));
    client.sys.write(stays, pattern(4, 2));
    world.settle();
    client.sys.close(gone);
    world.settle();
    const dead = server.sys.accept(listener);
    expect(levels(server, dead) & POLLERR).toBe(POLLERR);
    server.sys.close(dead);
    const s = server.sys.accept(listener);
    expect(s).toBe(dead);
    expect(drain(server, s)).toEqual({ bytes: pattern(4, 2), end: 'EAGAIN' });
    expect(said(server.sys.accept(listener))).toBe('EAGAIN');
    expect(states(server)).toEqual(['LISTEN', 'ESTABLISHED']);
    expect(reported(server)).toEqual([listener, s]);
  });

  test('resets in the accept queue of a listener that closes: no memory is left', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const fds = [connecting(client, server), connecting(client, server)];
    world.settle();
    for (const fd of fds) {
      client.sys.write(fd, pattern(500));
      world.settle();
      client.sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
      client.sys.close(fd);
    }
    world.settle();
    expect(server.bufferBytes()).toBeGreaterThan(0);
    server.sys.close(listener);
    expectNothingLeft(server);
  });

  test('O_NONBLOCK, FD_CLOEXEC, options and errors do not stay with the number', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    server.sys.fcntl(s, F_SETFD, FD_CLOEXEC);
    server.sys.fcntl(s, F_SETFL, O_NONBLOCK);
    server.sys.setsockopt(s, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 5 });
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    server.sys.close(s);
    expect(server.sys.socket()).toBe(s);
    expect([server.sys.fcntl(s, F_GETFD), server.sys.fcntl(s, F_GETFL)]).toEqual([0, O_RDWR]);
    expect(server.sys.getsockopt(s, SOL_SOCKET, SO_LINGER)).toEqual({ onoff: 0, linger: 0 });
    expect(server.sys.getsockopt(s, SOL_SOCKET, SO_ERROR)).toBe(0);
  });
});
