/** Shorthand for the socket calls of tests: two words instead of ten lines. */

import { expect } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
  SO_ERROR,
  SOL_SOCKET,
} from '../src/constants.ts';
import { errnoName } from '../src/errno.ts';
import type { Host } from '../src/host.ts';
import type { SocketView } from '../src/views.ts';
import type { World } from './world.ts';

/** What a call returned, a negative number by its name: 0, 5, 'EAGAIN'. */
export function said<T>(result: T): T | string {
  return typeof result === 'number' && result < 0 ? errnoName(result) : result;
}

/** The domain of sockets that reach it. */
export function domainOf({ address }: Host): number {
  return address.includes(':') ? AF_INET6 : AF_INET;
}

/** A socket that listens on port 80 (or another). */
export function listening(host: Host, backlog = 16, port = 80): number {
  const fd = host.sys.socket(domainOf(host));
  expect(said(host.sys.bind(fd, domainOf(host) === AF_INET ? '0.0.0.0' : '::', port))).toBe(0);
  expect(said(host.sys.listen(fd, backlog))).toBe(0);
  return fd;
}

/** A socket of `host` whose SYN to this port waits to be sent. */
export function connecting(host: Host, to: Host, port = 80): number {
  const fd = host.sys.socket(domainOf(to));
  expect(said(host.sys.connect(fd, to.address, port))).toBe('EINPROGRESS');
  return fd;
}

/** One connection: host 1 called host 0. */
export interface Pair {
  readonly server: Host;
  readonly client: Host;
  readonly listener: number;
  /** Descriptors of the two ends. */
  readonly s: number;
  readonly c: number;
}

/** Opens a connection from host 1 to port 80 of host 0, and forgets the packets that it took. */
export function connected(world: World): Pair {
  const server = world.host(0);
  const client = world.host(1);
  const listener = listening(server);
  const c = connecting(client, server);
  world.run(0);
  for (let i = 0; i < 4 && server.sys.poll([{ fd: listener, events: 1, revents: 0 }]) === 0; i++) world.run(50);
  const s = server.sys.accept(listener);
  expect(said(s)).toBe(4);
  expect(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)).toBe(0);
  world.log.length = 0;
  return { server, client, listener, s, c };
}

/** Reads all that is there: the bytes, then how it ended. */
export function drain(host: Host, fd: number): { bytes: Uint8Array; end: number | string } {
  const parts: number[] = [];
  const into = new Uint8Array(4096);
  for (;;) {
    const n = host.sys.read(fd, into);
    if (n <= 0) return { bytes: Uint8Array.from(parts), end: said(n) };
    for (let i = 0; i < n; i++) parts.push(into[i] as number);
  }
}

/** The levels of one descriptor; not those bits that only say one of them again. */
export function levels(host: Host, fd: number): number {
  const entry = { fd, events: 0xffff & ~(POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND), revents: 0 };
  host.sys.poll([entry]);
  return entry.revents;
}

/** What `sockets()` says of this descriptor. */
export function viewOf(host: Host, fd: number): SocketView {
  const view = host.sockets().find((one) => one.fd === fd);
  if (view === undefined) throw new Error(`descriptor ${fd} is not in the list of sockets`);
  return view;
}

/** The states of everything that `sockets()` lists. */
export function states(host: Host): string[] {
  return host.sockets().map(({ state }) => state);
}

/** Nothing is left of any connection: no entry, no memory, no deadline. */
export function expectNothingLeft(host: Host): void {
  expect(host.sockets().filter(({ state }) => state !== 'LISTEN')).toEqual([]);
  expect(host.bufferBytes()).toBe(0);
  expect(host.pollDeadlineMs()).toBe(Infinity);
  expect(host.wantsTransmit()).toBe(false);
}
