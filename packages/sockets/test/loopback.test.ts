/** The way from a Host to itself: 127.0.0.0/8, ::1 and its own addresses. */

import { describe, expect, test } from 'vitest';
import { AF_INET, AF_INET6, POLLIN, SO_ERROR, SOL_SOCKET } from '../src/constants.ts';
import { drain, expectNothingLeft, said, viewOf } from './calls.ts';
import { pattern, ping } from './packets.ts';
import { World } from './world.ts';

const DUAL = { hosts: [{ moreAddresses: ['10.0.0.7/24', 'fd00::1/64'] }] };

/** Connects from any address to `to`, where somebody listens on any. */
function toItself(world: World, to: string) {
  const { sys } = world.host(0);
  const domain = to.includes(':') ? AF_INET6 : AF_INET;
  const [listener, c] = [sys.socket(domain), sys.socket(domain)];
  sys.bind(listener, domain === AF_INET ? '0.0.0.0' : '::', 80);
  sys.listen(listener, 4);
  expect(said(sys.connect(c, to, 80))).toBe('EINPROGRESS');
  world.run(0);
  expect(sys.getsockopt(c, SOL_SOCKET, SO_ERROR)).toBe(0);
  return { sys, listener, c, s: sys.accept(listener) };
}

describe.each([
  ['127.0.0.1', '127.0.0.1'],
  ['127.8.9.10', '127.0.0.1'],
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.7', '10.0.0.7'],
  ['::1', '::1'],
  ['fd00::1', 'fd00::1'],
])('to %s', (to, from) => {
  test(`from ${from}, in no time, and nothing of it on the link (RFC 1122 §3.2.1.3 (g), RFC 4291 §2.5.3)`, () => {
    const world = new World(DUAL);
    const { sys, c, s } = toItself(world, to);
    expect(said(s)).toBe(5);
    expect(sys.getpeername(c)).toMatchObject({ address: to, port: 80 });
    expect(sys.getsockname(c)).toMatchObject({ address: from });
    expect(sys.getpeername(s)).toEqual(sys.getsockname(c));
    expect(sys.getsockname(s)).toMatchObject({ address: to, port: 80 });
    const sent = pattern(300_000);
    let at = 0;
    const got = new Uint8Array(sent.length);
    let gotBytes = 0;
    for (let round = 0; round < 50 && gotBytes < sent.length; round++) {
      at += Math.max(0, sys.write(c, sent, at));
      world.run(0);
      const { bytes } = drain(world.host(0), s);
      got.set(bytes, gotBytes);
      gotBytes += bytes.length;
      world.run(0);
    }
    expect(got).toEqual(sent);
    expect(world.nowMs).toBe(0);
    for (const fd of [c, s, 3]) sys.close(fd);
    world.run(120_000);
    expectNothingLeft(world.host(0));
    expect(world.log).toEqual([]);
  });
});

test.each([
  ['127.0.0.1', 65_495],
  ['::1', 65_476],
])('segments to %s are as large as a packet can be: Linux advertises an MSS of %i there', (to, mss) => {
  const world = new World(DUAL);
  const { c } = toItself(world, to);
  expect(viewOf(world.host(0), c).tcp?.mssBytes).toBe(mss - 12);
});

test('nobody listens: the reset comes back inside, too', () => {
  const world = new World(DUAL);
  const { sys } = world.host(0);
  const c = sys.socket();
  sys.connect(c, '127.0.0.1', 81);
  world.run(0);
  expect(said(-Number(sys.getsockopt(c, SOL_SOCKET, SO_ERROR)))).toBe('ECONNREFUSED');
  expect(world.log).toEqual([]);
});

test('while packets are under way the deadline is now, and a turn takes them', () => {
  const world = new World(DUAL);
  const host = world.host(0);
  host.advance(5);
  const c = host.sys.socket();
  host.sys.connect(c, '127.0.0.1', 81);
  expect(host.wantsTransmit()).toBe(true);
  world.nowMs = 5;
  world.settle();
  expect(host.pollDeadlineMs()).toBe(5);
  host.handleTimeout(5);
  expect(host.wantsTransmit()).toBe(true);
});

test('what is sent while packets are under way waits for them, and none is lost', () => {
  const world = new World(DUAL);
  const { sys } = world.host(0);
  const listener = sys.socket();
  sys.bind(listener, '0.0.0.0', 80);
  sys.listen(listener, 4);
  const fds = [sys.socket(), sys.socket()];
  for (const fd of fds) {
    sys.connect(fd, '127.0.0.1', 80);
    world.settle();
  }
  world.run(0);
  expect(fds.map((fd) => viewOf(world.host(0), fd).state)).toEqual(['ESTABLISHED', 'ESTABLISHED']);
});

test('a connection to itself: one socket, bound to the port that it calls (RFC 9293 §3.5, figure 7)', () => {
  const world = new World(DUAL);
  const { sys } = world.host(0);
  const fd = sys.socket();
  sys.bind(fd, '127.0.0.1', 4000);
  expect(said(sys.connect(fd, '127.0.0.1', 4000))).toBe('EINPROGRESS');
  world.run(0);
  expect(sys.getsockopt(fd, SOL_SOCKET, SO_ERROR)).toBe(0);
  expect(sys.getpeername(fd)).toEqual(sys.getsockname(fd));
  sys.write(fd, pattern(1000));
  world.run(0);
  expect(drain(world.host(0), fd).bytes).toEqual(pattern(1000));
});

test('any address means ourselves to connect(2), as in Linux', () => {
  const world = new World(DUAL);
  for (const [any, loopback] of [
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['::ffff:0.0.0.0', '::ffff:127.0.0.1'],
  ] as const) {
    const { sys } = world.host(0);
    const fd = sys.socket(any === '0.0.0.0' ? AF_INET : AF_INET6);
    expect(said(sys.connect(fd, any, 80))).toBe('EINPROGRESS');
    const name = sys.getsockname(fd);
    world.run(0);
    expect(name).toMatchObject({ address: loopback });
  }
});

test('a listener on one loopback address is reached by that one only', () => {
  const world = new World(DUAL);
  const { sys } = world.host(0);
  const listener = sys.socket();
  expect(said(sys.bind(listener, '127.0.0.2', 80))).toBe(0);
  sys.listen(listener, 4);
  const [a, b] = [sys.socket(), sys.socket()];
  sys.connect(a, '127.0.0.2', 80);
  sys.connect(b, '127.0.0.1', 80);
  world.run(0);
  expect(sys.getsockopt(a, SOL_SOCKET, SO_ERROR)).toBe(0);
  expect(said(-Number(sys.getsockopt(b, SOL_SOCKET, SO_ERROR)))).toBe('ECONNREFUSED');
  expect(sys.poll([{ fd: listener, events: POLLIN, revents: 0 }])).toBe(1);
});

test('packets with our own source address that come in over a link are not ours', () => {
  const world = new World(DUAL);
  const bytes = ping(new Uint8Array(8));
  bytes.set([10, 0, 0, 7], 12);
  // One's complement: what the address went up or down by, the checksum goes the other way.
  bytes[11] = (bytes[11] as number) + (99 - 7);
  world.injectInto(0, bytes).run(10);
  expect(world.host(0).counters()).toMatchObject({ badSources: 1, echoRequests: 0 });
});
