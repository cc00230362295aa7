/** getsockopt(2) and setsockopt(2), and what the options do. */

import { describe, expect, test } from 'vitest';
import {
  IPPROTO_TCP,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_LINGER,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_CORK,
  TCP_MAXSEG,
  TCP_NODELAY,
  TCP_QUICKACK,
} from '../src/constants.ts';
import { connected, connecting, drain, listening, said, states, viewOf } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

describe('what a fresh socket says', () => {
  test('SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_REUSEADDR, SO_REUSEPORT, the buffers, TCP_NODELAY, TCP_MAXSEG', () => {
    const { sys } = new World({ settings: { sendBufferBytes: 70_000, receiveBufferBytes: 80_000 } }).host(0);
    const fd = sys.socket();
    const get = (name: number) => sys.getsockopt(fd, SOL_SOCKET, name);
    expect([SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_REUSEADDR, SO_REUSEPORT].map(get)).toEqual([SOCK_STREAM, 0, 0, 0, 0]);
    expect([SO_SNDBUF, SO_RCVBUF].map(get)).toEqual([70_000, 80_000]);
    expect(sys.getsockopt(fd, IPPROTO_TCP, TCP_NODELAY)).toBe(0);
    expect(sys.getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG)).toBe(536);
  });

  test('what was set is what is read', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    const setThenGet = (level: number, name: number, value: number) => {
      expect(said(sys.setsockopt(fd, level, name, value))).toBe(0);
      return sys.getsockopt(fd, level, name);
    };
    expect(setThenGet(SOL_SOCKET, SO_REUSEADDR, 5)).toBe(1);
    expect(setThenGet(SOL_SOCKET, SO_REUSEADDR, 0)).toBe(0);
    expect(setThenGet(SOL_SOCKET, SO_REUSEPORT, -1)).toBe(1);
    expect(setThenGet(SOL_SOCKET, SO_SNDBUF, 100_000)).toBe(100_000);
    expect(setThenGet(SOL_SOCKET, SO_RCVBUF, 100_001)).toBe(100_001);
    expect(setThenGet(IPPROTO_TCP, TCP_NODELAY, 1)).toBe(1);
    expect(setThenGet(IPPROTO_TCP, TCP_NODELAY, 0)).toBe(0);
  });

  test('buffers stay between 4 KiB and 32 MiB', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    for (const name of [SO_SNDBUF, SO_RCVBUF]) {
      sys.setsockopt(fd, SOL_SOCKET, name, 0);
      expect(sys.getsockopt(fd, SOL_SOCKET, name)).toBe(4096);
      // Like Linux: what is below 0 is a very large unsigned number.
      for (const large of [2 ** 30, -1]) {
        sys.setsockopt(fd, SOL_SOCKET, name, large);
        expect(sys.getsockopt(fd, SOL_SOCKET, name)).toBe(32 << 20);
      }
    }
  });
});

describe('whose they are', () => {
  test('what one socket is told, no other is: not a fresh one, nor the listener, nor what it accepts later', () => {
    const world = new World();
    const { server, client, listener, s } = connected(world);
    const noDelay = (fd: number) => server.sys.getsockopt(fd, IPPROTO_TCP, TCP_NODELAY);
    server.sys.setsockopt(s, IPPROTO_TCP, TCP_NODELAY, 1);
    expect([s, listener, server.sys.socket()].map(noDelay)).toEqual([1, 0, 0]);
    server.sys.setsockopt(s, IPPROTO_TCP, TCP_NODELAY, 0);
    server.sys.setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, 1);
    connecting(client, server);
    world.settle();
    expect([s, listener, server.sys.accept(listener)].map(noDelay)).toEqual([0, 1, 1]);
  });
});

describe('errors', () => {
  test('ENOPROTOOPT for an option or level that does not exist', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    for (const [level, name] of [
      [SOL_SOCKET, 999],
      [IPPROTO_TCP, 999],
      [41, TCP_NODELAY],
    ] as const) {
      // Linux: an IPv4 socket has another word for a level that it does not know.
      expect(said(sys.getsockopt(fd, level, name))).toBe(level === 41 ? 'EOPNOTSUPP' : 'ENOPROTOOPT');
      expect(said(sys.setsockopt(fd, level, name, 1))).toBe('ENOPROTOOPT');
    }
  });

  test('ENOPROTOOPT to setting what can only be read', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    for (const name of [SO_TYPE, SO_ERROR, SO_ACCEPTCONN]) {
      expect(said(sys.setsockopt(fd, SOL_SOCKET, name, 1))).toBe('ENOPROTOOPT');
    }
  });

  test('EINVAL for a value that is no whole number, or of another type', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    for (const value of [0.5, Number.NaN, Infinity]) {
      expect(said(sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, value))).toBe('EINVAL');
    }
    for (const value of ['1', { onoff: 1, linger: 1 }, { sec: 1, usec: 1 }]) {
      expect(said(sys.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, value))).toBe('EINVAL');
    }
  });
});

describe('what they do', () => {
  test('SO_ACCEPTCONN tells a listener; an accepted socket is none', () => {
    const { server, listener, s } = connected(new World());
    expect(server.sys.getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN)).toBe(1);
    expect(server.sys.getsockopt(s, SOL_SOCKET, SO_ACCEPTCONN)).toBe(0);
  });

  test('TCP_MAXSEG of a connection is what a segment carries: the smaller MSS less the timestamps', () => {
    const world = new World({ hosts: [{ mtuBytes: 1000 }, {}] });
    const { client, server, c, s } = connected(world);
    expect(client.sys.getsockopt(c, IPPROTO_TCP, TCP_MAXSEG)).toBe(1000 - 40 - 12);
    expect(server.sys.getsockopt(s, IPPROTO_TCP, TCP_MAXSEG)).toBe(1000 - 40 - 12);
    client.sys.write(c, pattern(5000));
    world.settle();
    expect(Math.max(...world.sentBy(1).map(({ bytes }) => bytes.length))).toBe(1000);
  });

  test('accepted sockets inherit TCP_NODELAY, SO_LINGER and the buffers of their listener, as in Linux', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    server.sys.setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, 1);
    server.sys.setsockopt(listener, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    server.sys.setsockopt(listener, SOL_SOCKET, SO_SNDBUF, 5000);
    server.sys.setsockopt(listener, SOL_SOCKET, SO_RCVBUF, 6000);
    connecting(client, server);
    world.settle();
    const s = server.sys.accept(listener);
    expect(server.sys.getsockopt(s, IPPROTO_TCP, TCP_NODELAY)).toBe(1);
    expect(server.sys.getsockopt(s, SOL_SOCKET, SO_SNDBUF)).toBe(5000);
    expect(server.sys.getsockopt(s, SOL_SOCKET, SO_RCVBUF)).toBe(6000);
    expect(viewOf(server, s).tcp?.rcvWndBytes).toBeLessThanOrEqual(6000);
    server.sys.close(s);
    world.settle();
    expect(world.last().kind).toBe('ACK,RST');
  });

  test('TCP_NODELAY lets small segments leave while others are outstanding (RFC 9293 §3.7.4 [MUST-17])', () => {
    const world = new World({ delayMs: 10 });
    const { client, c } = connected(world);
    const sentAtOnce = () => {
      world.log.length = 0;
      for (let i = 0; i < 3; i++) {
        client.sys.write(c, pattern(10));
        world.settle();
      }
      return world.sentBy(1).filter(({ payloadBytes }) => payloadBytes > 0).length;
    };
    expect(sentAtOnce()).toBe(1);
    // Setting it sends what was held back.
    client.sys.setsockopt(c, IPPROTO_TCP, TCP_NODELAY, 1);
    world.settle();
    expect(world.last().payloadBytes).toBe(20);
    world.run(1000);
    expect(sentAtOnce()).toBe(3);
  });

  test('TCP_QUICKACK sends the ACK that is owed; whether ACKs hurry can be asked', () => {
    const world = new World();
    const { server, client, s, c } = connected(world);
    expect(server.sys.getsockopt(s, IPPROTO_TCP, TCP_QUICKACK)).toBe(1);
    expect(said(server.sys.setsockopt(s, IPPROTO_TCP, TCP_QUICKACK, 0))).toBe(0);
    expect(server.sys.getsockopt(s, IPPROTO_TCP, TCP_QUICKACK)).toBe(0);
    client.sys.write(c, pattern(10));
    world.settle();
    expect(world.sentBy(0)).toEqual([]);
    server.sys.setsockopt(s, IPPROTO_TCP, TCP_QUICKACK, 1);
    world.settle();
    expect(world.sentBy(0, 'ACK')).toHaveLength(1);
    const fresh = server.sys.socket();
    expect(said(server.sys.setsockopt(fresh, IPPROTO_TCP, TCP_QUICKACK, 1))).toBe(0);
    expect(server.sys.getsockopt(fresh, IPPROTO_TCP, TCP_QUICKACK)).toBe(1);
  });

  test('TCP_CORK keeps back what is less than a segment, until it is off or 200 ms are over, and is inherited', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    expect(said(server.sys.setsockopt(listener, IPPROTO_TCP, TCP_CORK, 1))).toBe(0);
    connecting(client, server);
    world.settle();
    const s = server.sys.accept(listener);
    expect(server.sys.getsockopt(s, IPPROTO_TCP, TCP_CORK)).toBe(1);
    const sentWhen = () => world.sentBy(0).flatMap((sent) => (sent.payloadBytes > 0 ? [sent.sentAtMs] : []));
    server.sys.write(s, pattern(10));
    world.run(199);
    expect(sentWhen()).toEqual([]);
    world.run(1);
    expect(sentWhen()).toEqual([200]);
    server.sys.write(s, pattern(10));
    world.run(50);
    expect(sentWhen()).toEqual([200]);
    server.sys.setsockopt(s, IPPROTO_TCP, TCP_CORK, 0);
    world.settle();
    expect(sentWhen()).toEqual([200, 250]);
  });

  test('SO_RCVBUF of an open connection makes its window larger, never smaller (RFC 9293 §3.8.6 [SHLD-14])', () => {
    const world = new World({ settings: { receiveBufferBytes: 10_000 } });
    const { server, client, s, c } = connected(world);
    const offered = () => viewOf(server, s).tcp?.rcvWndBytes ?? 0;
    server.sys.setsockopt(s, SOL_SOCKET, SO_RCVBUF, 4096);
    client.sys.write(c, pattern(100));
    world.settle();
    drain(server, s);
    client.sys.write(c, pattern(100));
    world.settle();
    expect(offered()).toBeGreaterThan(9000);
    server.sys.setsockopt(s, SOL_SOCKET, SO_RCVBUF, 200_000);
    client.sys.write(c, pattern(100));
    world.settle();
    expect(offered()).toBeGreaterThan(190_000);
  });

  test.each([
    ['may be bound again', 1, 0],
    ['may not when they did not have the option, too', 0, 'EADDRINUSE'],
  ])('SO_REUSEADDR: a port whose old connections are still closing %s', (_, theirs, outcome) => {
    const world = new World();
    const { server, client, listener, s, c } = connected(world);
    server.sys.setsockopt(s, SOL_SOCKET, SO_REUSEADDR, theirs);
    server.sys.close(s);
    world.settle();
    client.sys.close(c);
    world.settle();
    server.sys.close(listener);
    expect(states(server)).toEqual(['TIME-WAIT']);
    const fd = server.sys.socket();
    expect(said(server.sys.bind(fd, '0.0.0.0', 80))).toBe('EADDRINUSE');
    server.sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    expect(said(server.sys.bind(fd, '0.0.0.0', 80))).toBe(outcome);
  });

  test('SO_REUSEADDR on both lets two sockets share a port, but only one listens', () => {
    const { sys } = new World().host(0);
    const fds = [sys.socket(), sys.socket(), sys.socket()];
    for (const fd of fds) sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    expect(fds.slice(0, 2).map((fd) => said(sys.bind(fd, '0.0.0.0', 80)))).toEqual([0, 0]);
    expect(fds.slice(0, 2).map((fd) => said(sys.listen(fd, 1)))).toEqual([0, 'EADDRINUSE']);
    expect(said(sys.bind(fds[2] as number, '0.0.0.0', 80))).toBe('EADDRINUSE');
  });
});
