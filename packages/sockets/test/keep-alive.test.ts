/** SO_KEEPALIVE and its numbers (RFC 9293 §3.8.4). */

import { describe, expect, test } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  SO_ERROR,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
} from '../src/constants.ts';
import { errnoName } from '../src/errno.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, listening, said, states } from './calls.ts';
import { FAMILIES, World } from './world.ts';

describe.each(FAMILIES)('over %s', (_, family) => {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const NUMBERS = [TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT];

  function set(host: Host, fd: number, idle: number, interval: number, probes: number): void {
    [idle, interval, probes].forEach((value, i) => {
      expect(said(host.sys.setsockopt(fd, IPPROTO_TCP, NUMBERS[i] as number, value))).toBe(0);
    });
  }

  describe('the numbers', () => {
    test('are Linux’s by default: off, 7200 s, 75 s, 9 [MUST-25] [MUST-28]', () => {
      const { sys } = new World({ family }).host(0);
      const fd = sys.socket(domain);
      expect(sys.getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE)).toBe(0);
      expect(NUMBERS.map((name) => sys.getsockopt(fd, IPPROTO_TCP, name))).toEqual([7200, 75, 9]);
    });

    test.each([
      [TCP_KEEPIDLE, 32_767],
      [TCP_KEEPINTVL, 32_767],
      [TCP_KEEPCNT, 127],
    ])('option %i goes from 1 to %i; EINVAL beyond [MUST-27]', (name, most) => {
      const { sys } = new World({ family }).host(0);
      const fd = sys.socket(domain);
      for (const value of [0, -1, most + 1]) expect(said(sys.setsockopt(fd, IPPROTO_TCP, name, value))).toBe('EINVAL');
      for (const value of [1, most]) {
        expect(sys.setsockopt(fd, IPPROTO_TCP, name, value)).toBe(0);
        expect(sys.getsockopt(fd, IPPROTO_TCP, name)).toBe(value);
      }
    });
  });

  describe('the probes', () => {
    test('begin when the option is set on an open, idle connection, and stop with it [MUST-24]', () => {
      const world = new World({ family });
      const { client, c } = connected(world);
      set(client, c, 10, 1, 3);
      world.run(60_000);
      expect(world.log).toEqual([]);
      // 60 s of silence are more than 10: the first leaves at once.
      client.sys.setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, 1);
      world.run(25_000);
      expect(world.sentBy(1).map(({ kind, payloadBytes }) => [kind, payloadBytes])).toEqual(
        [1, 2, 3].map(() => ['ACK', 0]),
      );
      expect(world.sentBy(0).length).toBe(3);
      client.sys.setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, 0);
      world.log.length = 0;
      world.run(60_000);
      expect(world.log).toEqual([]);
      expect(states(client)).toEqual(['ESTABLISHED']);
    });

    test('without an answer end the connection: ETIMEDOUT', () => {
      const world = new World({ family });
      const { client, c } = connected(world);
      set(client, c, 10, 1, 3);
      client.sys.setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, 1);
      world.passes = () => false;
      world.run(12_999);
      expect(states(client)).toEqual(['ESTABLISHED']);
      expect(world.sentBy(1).length).toBe(3);
      world.run(1);
      expect(errnoName(Number(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)))).toBe('ETIMEDOUT');
    });

    test('of accepted connections are those of their listener', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      const listener = listening(server);
      server.sys.setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
      set(server, listener, 7, 2, 5);
      connecting(client, server);
      world.settle();
      const s = server.sys.accept(listener);
      expect(server.sys.getsockopt(s, SOL_SOCKET, SO_KEEPALIVE)).toBe(1);
      expect(NUMBERS.map((name) => server.sys.getsockopt(s, IPPROTO_TCP, name))).toEqual([7, 2, 5]);
      world.log.length = 0;
      world.run(7000);
      expect(world.sentBy(0).length).toBe(1);
    });

    test('of a socket that connects are those that it was given before', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      listening(server);
      const fd = client.sys.socket(domain);
      client.sys.setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
      set(client, fd, 7, 2, 5);
      client.sys.connect(fd, server.address, 80);
      world.settle();
      world.log.length = 0;
      world.run(7000);
      expect(world.sentBy(1).length).toBe(1);
    });
  });
});
