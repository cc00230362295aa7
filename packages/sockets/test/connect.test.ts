/** connect(2): how it begins, how it ends, and what it may not do. */

import { ACK, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, SO_ERROR, SO_LINGER, SOL_SOCKET } from '../src/constants.ts';
import { ECONNREFUSED, ETIMEDOUT } from '../src/errno.ts';
import { connected, connecting, drain, expectNothingLeft, levels, listening, said, viewOf } from './calls.ts';
import { pattern, segment } from './packets.ts';
import { World } from './world.ts';

const byte = new Uint8Array(1);

test('connect(2): EINPROGRESS at once; POLLOUT when it is done; SO_ERROR says how: 0', () => {
  const world = new World({ delayMs: 10 });
  const [server, client] = [world.host(0), world.host(1)];
  listening(server);
  const c = connecting(client, server);
  world.run(19);
  expect(levels(client, c)).toBe(0);
  expect(viewOf(client, c).state).toBe('SYN-SENT');
  world.run(1);
  expect(levels(client, c)).toBe(POLLOUT);
  expect(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)).toBe(0);
  expect(viewOf(client, c)).toMatchObject({ state: 'ESTABLISHED', tcp: { srttMs: 20 } });
  expect(client.sys.getpeername(c)).toMatchObject({ address: '10.0.0.1', port: 80 });
});

test('ECONNREFUSED: the answer was RST; every event bit is up, and the error is told once', () => {
  const world = new World();
  const client = world.host(1);
  const c = connecting(client, world.host(0));
  world.settle();
  expect(world.takeKinds()).toEqual(['SYN', 'ACK,RST']);
  expect(levels(client, c)).toBe(POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
  expect(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)).toBe(ECONNREFUSED);
  expect(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)).toBe(0);
  expect(levels(client, c) & POLLERR).toBe(0);
  expect(said(client.sys.read(c, byte))).toBe(0);
  expect(said(client.sys.write(c, byte))).toBe('EPIPE');
  expect(said(client.sys.getpeername(c))).toBe('ENOTCONN');
  client.sys.close(c);
  expectNothingLeft(client);
});

test('ETIMEDOUT: the SYN was sent eight times, at 0, 1, 3, 7, 15, 31, 63 and 127 s, and 120 s more brought nothing (RFC 9293 §3.8.3) [MUST-23]', () => {
  const world = new World();
  const client = world.host(1);
  world.passes = () => false;
  const c = connecting(client, world.host(0));
  world.run(246_999);
  expect(world.log.map(({ kind, sentAtMs }) => `${kind} ${sentAtMs}`)).toEqual(
    [0, 1000, 3000, 7000, 15_000, 31_000, 63_000, 127_000].map((ms) => `SYN ${ms}`),
  );
  expect(levels(client, c)).toBe(0);
  world.run(1);
  expect(levels(client, c) & (POLLOUT | POLLERR)).toBe(POLLOUT | POLLERR);
  expect(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)).toBe(ETIMEDOUT);
});

describe('RFC 9293 §3.10.7.3, SYN-SENT', () => {
  test('a RST that acknowledges nothing of ours is not believed', () => {
    const world = new World();
    const client = world.host(1);
    world.passes = () => false;
    const c = connecting(client, world.host(0));
    world.settle();
    const { seq = 0, sourcePort = 0 } = world.last().tcp ?? {};
    const from = { from: '10.0.0.1', fromPort: 80, to: '10.0.0.2', toPort: sourcePort };
    world.inject(segment({ ...from, flags: RST, seq: 0 }));
    world.inject(segment({ ...from, flags: RST | ACK, seq: 0, ack: seq + 2 }));
    expect(viewOf(client, c).state).toBe('SYN-SENT');
    world.inject(segment({ ...from, flags: SYN | ACK, seq: 5, ack: seq })).settle();
    expect(world.last().tcp).toMatchObject({ flags: ['RST'], seq });
    expect(viewOf(client, c).state).toBe('SYN-SENT');
    world.inject(segment({ ...from, flags: RST | ACK, seq: 0, ack: seq + 1 }));
    expect(said(client.sys.read(c, byte))).toBe('ECONNREFUSED');
  });
});

describe('what connect(2) may not do', () => {
  test('EALREADY while it is under way, 0 once when it is done, and EISCONN from then on, as in Linux', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server);
    const c = connecting(client, server);
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('EALREADY');
    world.settle();
    expect(client.sys.connect(c, '10.0.0.1', 80)).toBe(0);
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('EISCONN');
    expect(said(client.sys.connect(c, '10.0.0.3', 81))).toBe('EISCONN');
  });

  test('EISCONN on a listener, as in Linux; EINVAL without a proper address and port', () => {
    const { sys } = new World().host(0);
    expect(said(sys.connect(listening(new World().host(0)), '10.0.0.2', 80))).toBe('EBADF');
    const fd = sys.socket();
    for (const port of [0, -1, 65_536, 0.5]) expect(said(sys.connect(fd, '10.0.0.2', port))).toBe('EINVAL');
    for (const address of ['', '10.0.0', 'example.org']) expect(said(sys.connect(fd, address, 80))).toBe('EINVAL');
    sys.listen(fd, 1);
    expect(said(sys.connect(fd, '10.0.0.2', 80))).toBe('EISCONN');
  });

  test('ENETUNREACH: no such destination is reached from here (RFC 1122 §3.2.1.3)', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    for (const address of ['0.1.2.3', '224.0.0.1', '255.255.255.255']) {
      expect(said(sys.connect(fd, address, 80))).toBe('ENETUNREACH');
    }
  });

  test('EADDRNOTAVAIL: a bound port whose 4-tuple is in use', () => {
    const { sys } = new World().host(0);
    const [a, b] = [sys.socket(), sys.socket()];
    for (const fd of [a, b]) {
      sys.setsockopt(fd, SOL_SOCKET, 2, 1);
      expect(said(sys.bind(fd, '0.0.0.0', 4000))).toBe(0);
    }
    expect(said(sys.connect(a, '10.0.0.2', 80))).toBe('EINPROGRESS');
    expect(said(sys.connect(b, '10.0.0.2', 80))).toBe('EADDRNOTAVAIL');
    expect(said(sys.connect(b, '10.0.0.2', 81))).toBe('EINPROGRESS');
  });
});

describe('connect(2) on a socket whose last attempt failed, as in Linux', () => {
  test('tells the error if nobody asked for it yet, and then tries again', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const c = connecting(client, server);
    world.settle();
    listening(server);
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('ECONNREFUSED');
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('EINPROGRESS');
    world.settle();
    expect(viewOf(client, c).state).toBe('ESTABLISHED');
  });

  test('ECONNABORTED when the error was taken before, and then tries again', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const c = connecting(client, server);
    world.settle();
    expect(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)).toBe(ECONNREFUSED);
    expect(levels(client, c)).toBe(POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('ECONNABORTED');
    expect(levels(client, c)).toBe(POLLOUT | POLLHUP);
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('EINPROGRESS');
  });

  test('a reset that came before connect() was called again is told by it, and what was not read is gone', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    server.sys.write(s, pattern(100));
    world.settle();
    server.sys.setsockopt(s, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    server.sys.close(s);
    world.settle();
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('ECONNRESET');
    expect(said(client.sys.read(c, new Uint8Array(1)))).toBe('ENOTCONN');
    expectNothingLeft(server);
    expect(client.bufferBytes()).toBe(0);
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('EINPROGRESS');
  });

  test('EISCONN once connect() said 0, even after a reset; unread bytes stay to be read, and no memory is lost', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    expect(client.sys.connect(c, '10.0.0.1', 80)).toBe(0);
    server.sys.write(s, pattern(100));
    world.settle();
    server.sys.setsockopt(s, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    server.sys.close(s);
    world.settle();
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('EISCONN');
    expect(drain(client, c)).toEqual({ bytes: pattern(100), end: 'ECONNRESET' });
    expect(said(client.sys.connect(c, '10.0.0.1', 80))).toBe('EISCONN');
    client.sys.close(c);
    expectNothingLeft(client);
  });
});

test('close(2) in SYN-SENT forgets the attempt, and a SYN-ACK that comes later is reset (RFC 9293 §3.10.4)', () => {
  const world = new World({ delayMs: 10 });
  const [server, client] = [world.host(0), world.host(1)];
  const listener = listening(server);
  const c = connecting(client, server);
  world.run(10);
  client.sys.close(c);
  expectNothingLeft(client);
  world.run(20);
  expect(world.takeKinds()).toEqual(['SYN', 'ACK,SYN', 'RST']);
  expect(viewOf(server, listener)).toMatchObject({ synQueueLength: 0, acceptQueueLength: 0 });
});
