/** Calls that wait for readiness, with a time-out or without; and what makes the others wait less, or longer. */

import {
  EPOLL_CTL_ADD,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLIN,
  F_SETFL,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_WAITALL,
  O_NONBLOCK,
  POLLIN,
  POLLOUT,
  SHUT_WR,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import { createFdSet, FD_ISSET, FD_SET } from '@tcpstack/sockets/fd-set';
import { Host } from '@tcpstack/sockets/host';
import type { EpollEvent } from '@tcpstack/sockets/syscalls';
import { expect, onTestFinished, test } from 'vitest';
import { Driver } from '../src/driver.ts';
import { createMemoryLinkPair } from '../src/memory-link.ts';

/** Two hosts and a connection between them. */
async function connected(): Promise<{ server: Driver; client: Driver; listener: number; s: number; c: number }> {
  const [server, client] = createMemoryLinkPair().map((link, i) => {
    const host = new Host({
      address: `10.0.0.${i + 1}`,
      mtuBytes: link.mtuBytes,
      checksum: link.checksum,
      entropy: new Uint8Array(32).fill(i),
    });
    const driver = new Driver(host, link);
    onTestFinished(() => driver.close());
    return driver;
  }) as [Driver, Driver];
  const listener = server.sys.socket();
  server.sys.bind(listener, '0.0.0.0', 80);
  server.sys.listen(listener, 16);
  const accepted = server.accept(listener);
  const c = client.sys.socket();
  await client.connect(c, '10.0.0.1', 80);
  return { server, client, listener, s: await accepted, c };
}

/** What a promise gives in the end, errors by their code. */
function outcome(promise: Promise<number>): Promise<number | string> {
  return promise.catch((error: { code: string }) => error.code);
}

test('poll() resolves with what is ready at once, when something becomes ready, and with 0 when its time is over', async () => {
  const { server, client, listener, s, c } = await connected();
  const entries = [
    { fd: listener, events: POLLIN, revents: 0 },
    { fd: s, events: POLLIN, revents: 0 },
  ];
  expect(await server.poll([{ fd: s, events: POLLOUT, revents: 0 }], -1)).toBe(1);
  expect([await server.poll(entries, 0), await server.poll(entries, 5)]).toEqual([0, 0]);
  const waiting = server.poll(entries, -1);
  client.sys.write(c, new Uint8Array(3));
  expect(await waiting).toBe(1);
  expect(entries.map(({ revents }) => revents)).toEqual([0, POLLIN]);
});

test('many may poll one descriptor, also while a watcher or a read waits on it', async () => {
  const { server, client, s, c } = await connected();
  let watched = 0;
  const reading = server.read(s, new Uint8Array(2));
  const polls = [Infinity, 60_000, -1].map((ms) => server.poll([{ fd: s, events: POLLIN, revents: 0 }], ms));
  server.watch(3, () => watched++);
  client.sys.write(c, new Uint8Array(3));
  expect(await reading).toBe(2);
  expect(await Promise.all(polls)).toEqual([1, 1, 1]);
  expect(watched).toBe(0);
});

test('epollWait() waits for the next edge, and for an instance within an instance', async () => {
  const { server, client, s, c } = await connected();
  const [inner, outer] = [server.sys.epoll_create1(0), server.sys.epoll_create1(0)];
  server.sys.epoll_ctl(inner, EPOLL_CTL_ADD, s, { events: EPOLLIN | EPOLLET, data: 77 });
  server.sys.epoll_ctl(outer, EPOLL_CTL_ADD, inner, { events: EPOLLIN, data: 88 });
  const events: EpollEvent[] = [];
  expect(await server.epollWait(inner, events, 4, 5)).toBe(0);
  for (let i = 0; i < 2; i++) {
    const both = [server.epollWait(outer, events, 4, -1), server.epollWait(inner, [], 4, -1)];
    client.sys.write(c, new Uint8Array(3));
    expect(await Promise.all(both)).toEqual([1, 1]);
    expect(events).toEqual([{ events: EPOLLIN, data: 88 }]);
  }
  expect(await server.epollWait(inner, events, 4, 5)).toBe(0);
});

test('of two epollWait() on one listener with EPOLLEXCLUSIVE, one connection ends one', async () => {
  const { server, client, listener } = await connected();
  const waiting = [1, 2].map((data) => {
    const epfd = server.sys.epoll_create1(0);
    server.sys.epoll_ctl(epfd, EPOLL_CTL_ADD, listener, { events: EPOLLIN | EPOLLEXCLUSIVE, data });
    return server.epollWait(epfd, [], 4, -1).then(() => data);
  });
  let ended = 0;
  for (const one of waiting) void one.then(() => ended++);
  const again = (): Promise<void> => client.connect(client.sys.socket(), '10.0.0.1', 80);
  await again();
  expect([await Promise.race(waiting), ended]).toEqual([1, 1]);
  await again();
  expect([await Promise.all(waiting), ended]).toEqual([[1, 2], 2]);
});

test('select() asks for all of its sets each time, and leaves them empty when its time is over', async () => {
  const { server, client, listener, s, c } = await connected();
  const reads = createFdSet();
  for (const fd of [listener, s]) FD_SET(fd, reads);
  const waiting = server.select(s + 1, { reads }, 60_000);
  client.sys.write(c, new Uint8Array(3));
  expect(await waiting).toBe(1);
  expect([FD_ISSET(listener, reads), FD_ISSET(s, reads)]).toEqual([false, true]);
  const excepts = createFdSet();
  FD_SET(s, excepts);
  expect(await server.select(s + 1, { excepts }, 5)).toBe(0);
  expect(FD_ISSET(s, excepts)).toBe(false);
});

test('they reject with the errors of the calls, and with ECONNABORTED when the driver closes', async () => {
  const { server, s } = await connected();
  const set = createFdSet();
  FD_SET(900, set);
  expect(await outcome(server.select(901, { reads: set }, -1))).toBe('EBADF');
  expect(await outcome(server.epollWait(s, [], 4, -1))).toBe('EINVAL');
  const waiting = [
    server.poll([{ fd: s, events: POLLIN, revents: 0 }], 60_000),
    server.poll([{ fd: s, events: POLLIN, revents: 0 }], -1),
  ].map(outcome);
  await server.close();
  expect(await Promise.all(waiting)).toEqual(['ECONNABORTED', 'ECONNABORTED']);
});

test('an epoll instance that is closed while somebody waits on it: EBADF with the next thing that happens', async () => {
  const { server, client, s, c } = await connected();
  const epfd = server.sys.epoll_create1(0);
  const waiting = outcome(server.epollWait(epfd, [], 1, -1));
  server.closeFd(epfd);
  client.sys.write(c, new Uint8Array(3));
  expect(await waiting).toBe('EBADF');
  expect(await server.read(s, new Uint8Array(9))).toBe(3);
});

test('O_NONBLOCK and MSG_DONTWAIT do not wait', async () => {
  const { server, client, listener, s, c } = await connected();
  expect(await outcome(server.recv(s, new Uint8Array(9), 0, 9, MSG_DONTWAIT))).toBe('EAGAIN');
  for (const fd of [listener, s]) server.sys.fcntl(fd, F_SETFL, O_NONBLOCK);
  expect(await outcome(server.accept(listener))).toBe('EAGAIN');
  expect(await outcome(server.read(s, new Uint8Array(9)))).toBe('EAGAIN');
  const taken = await server.write(s, new Uint8Array(64 * 1024 * 1024));
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(64 * 1024 * 1024);
  const another = client.sys.socket();
  client.sys.fcntl(another, F_SETFL, O_NONBLOCK);
  expect(await outcome(client.connect(another, '10.0.0.1', 80).then(() => 0))).toBe('EINPROGRESS');
  client.sys.close(c);
});

test('MSG_WAITALL waits for all of it, SO_RCVLOWAT for as much as it says, and neither beyond the end', async () => {
  const { server, client, s, c } = await connected();
  const into = new Uint8Array(100);
  const all = server.recv(s, into, 0, 10, MSG_WAITALL);
  client.sys.write(c, new Uint8Array(4).fill(1));
  client.defer(() => client.sys.write(c, new Uint8Array(8).fill(2)));
  expect(await all).toBe(10);
  expect([...into.subarray(0, 11)]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0]);
  const look = server.recv(s, into, 0, 5, MSG_WAITALL | MSG_PEEK);
  client.sys.write(c, new Uint8Array(3).fill(3));
  expect([await look, await server.read(s, into)]).toEqual([5, 5]);

  const isReadable = [{ fd: s, events: POLLIN, revents: 0 }];
  client.sys.write(c, new Uint8Array(4));
  expect(await server.poll(isReadable, -1)).toBe(1);
  server.sys.setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, 6);
  expect(await server.poll(isReadable, 0)).toBe(0);
  const six = server.read(s, into);
  client.sys.write(c, new Uint8Array(4));
  expect(await six).toBe(8);
  // Fewer are asked for.
  client.sys.write(c, new Uint8Array(7));
  expect([await server.read(s, into, 0, 5), await outcome(server.recv(s, into, 0, 9, MSG_DONTWAIT))]).toEqual([5, 2]);
  const ahead = server.recv(s, into, 0, 50, MSG_WAITALL | MSG_PEEK);
  const last = server.recv(s, into, 0, 50, MSG_WAITALL);
  client.sys.write(c, new Uint8Array(3));
  client.sys.shutdown(c, SHUT_WR);
  expect([await ahead, await last, await server.read(s, into)]).toEqual([3, 3, 0]);
});

test('SO_RCVTIMEO and SO_SNDTIMEO end the waiting: EAGAIN, or as much as there was', async () => {
  const { server, client, listener, s, c } = await connected();
  const soon = { sec: 0, usec: 10_000 };
  for (const fd of [listener, s]) server.sys.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, soon);
  server.sys.setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, soon);
  expect(await outcome(server.read(s, new Uint8Array(9)))).toBe('EAGAIN');
  expect(await outcome(server.accept(listener))).toBe('EAGAIN');
  client.sys.write(c, new Uint8Array(4));
  expect(await server.recv(s, new Uint8Array(9), 0, 9, MSG_WAITALL)).toBe(4);
  const taken = await server.write(s, new Uint8Array(64 * 1024 * 1024));
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(64 * 1024 * 1024);
  // The peer takes some more, and then nothing.
  let last: number | string = taken;
  for (let i = 0; i < 100 && last !== 'EAGAIN'; i++) last = await outcome(server.write(s, new Uint8Array(1 << 20)));
  expect(last).toBe('EAGAIN');
});
