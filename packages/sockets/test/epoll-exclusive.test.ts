/** EPOLLEXCLUSIVE: of several instances that watch one descriptor, one that is waited for is told; as Linux does it. */

import { expect, test } from 'vitest';
import { EPOLL_CTL_ADD, EPOLLERR, EPOLLEXCLUSIVE, EPOLLHUP, EPOLLIN, EPOLLOUT } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, listening } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

/** Instances that watch `fd`, each for these events. */
function watching(host: Host, fd: number, ...events: readonly number[]): number[] {
  return events.map((bits) => {
    const epfd = host.sys.epoll_create1(0);
    expect(host.sys.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, { events: bits, data: 0 })).toBe(0);
    return epfd;
  });
}

/** How many events each instance tells; those that tell none are waited for from now on when it is asked patiently. */
function told(host: Host, epfds: readonly number[], isPatient: boolean): number[] {
  return epfds.map((epfd) => host.sys.epoll_wait(epfd, [], 4, isPatient));
}

const ALONE = EPOLLEXCLUSIVE | EPOLLIN;

function twoWaiters(...events: readonly number[]) {
  const world = new World();
  const server = world.host(0);
  const listener = listening(server);
  const epfds = watching(server, listener, ...events);
  const come = (): void => {
    connecting(world.host(1), server);
    world.settle();
  };
  return { server, listener, epfds, come };
}

test('the first that waits is told of a connection, and the next one of the next while that one is busy', () => {
  const { server, listener, epfds, come } = twoWaiters(ALONE, ALONE, ALONE);
  expect(told(server, epfds, true)).toEqual([0, 0, 0]);
  come();
  expect(told(server, epfds, false)).toEqual([1, 0, 0]);
  expect(told(server, epfds.slice(1), true)).toEqual([0, 0]);
  come();
  expect(told(server, epfds.slice(1), false)).toEqual([1, 0]);
  server.sys.accept(listener);
  server.sys.accept(listener);
  expect(told(server, epfds, true)).toEqual([0, 0, 0]);
  come();
  expect(told(server, epfds, true)).toEqual([1, 0, 0]);
});

test('where nobody waits, all are told', () => {
  const { server, epfds, come } = twoWaiters(ALONE, ALONE);
  expect(told(server, epfds, false)).toEqual([0, 0]);
  come();
  expect(told(server, epfds, false)).toEqual([1, 1]);
});

test('who waits without it is told beside them', () => {
  const { server, epfds, come } = twoWaiters(EPOLLIN, ALONE, ALONE, EPOLLIN);
  expect(told(server, epfds, true)).toEqual([0, 0, 0, 0]);
  come();
  expect(told(server, epfds, false)).toEqual([1, 1, 0, 1]);
});

test('who waits for something else takes nothing from others', () => {
  const { server, epfds, come } = twoWaiters(EPOLLEXCLUSIVE | EPOLLOUT, ALONE);
  expect(told(server, epfds, true)).toEqual([0, 0]);
  come();
  expect(told(server, epfds, false)).toEqual([0, 1]);
});

test('an end that everybody must know is told one as well', () => {
  const world = new World();
  const { server, client, s, c } = connected(world);
  const epfds = watching(server, s, ALONE | EPOLLERR | EPOLLHUP, ALONE);
  expect(told(server, epfds, true)).toEqual([0, 0]);
  client.sys.write(c, pattern(1));
  world.settle();
  expect(told(server, epfds, true)).toEqual([1, 0]);
  client.sys.close(c);
  world.settle();
  expect(told(server, [epfds[1] as number], true)).toEqual([1]);
});
