/** TCP_USER_TIMEOUT, TCP_SYNCNT, and what the IP layer learns of paths that fall silent (RFC 9293 §3.8.3). */

import { describe, expect, test } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  POLLIN,
  SO_ERROR,
  SOL_SOCKET,
  TCP_SYNCNT,
  TCP_USER_TIMEOUT,
} from '../src/constants.ts';
import { errnoName } from '../src/errno.ts';
import { connected, connecting, listening, said, states } from './calls.ts';
import { pattern } from './packets.ts';
import { addressOf, FAMILIES, World } from './world.ts';

describe.each(FAMILIES)('over %s', (_, family) => {
  const domain = family === 4 ? AF_INET : AF_INET6;
  test('TCP_SYNCNT and TCP_USER_TIMEOUT keep what they are given, in Linux’s ranges', () => {
    const { sys } = new World({ family }).host(0);
    const fd = sys.socket(domain);
    const get = (name: number) => sys.getsockopt(fd, IPPROTO_TCP, name);
    expect([TCP_SYNCNT, TCP_USER_TIMEOUT].map(get)).toEqual([7, 0]);
    for (const [name, bad] of [
      [TCP_SYNCNT, 0],
      [TCP_SYNCNT, 128],
      [TCP_USER_TIMEOUT, -1],
    ] as const) {
      expect(said(sys.setsockopt(fd, IPPROTO_TCP, name, bad))).toBe('EINVAL');
    }
    sys.setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, 127);
    sys.setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 30_000);
    expect([TCP_SYNCNT, TCP_USER_TIMEOUT].map(get)).toEqual([127, 30_000]);
  });

  describe('R2 is the application’s choice (RFC 9293 §3.8.3) [MUST-21]', () => {
    test('for a connection: ETIMEDOUT when TCP_USER_TIMEOUT milliseconds passed without an answer', () => {
      const world = new World({ family });
      const { client, c } = connected(world);
      client.sys.setsockopt(c, IPPROTO_TCP, TCP_USER_TIMEOUT, 3000);
      world.passes = () => false;
      client.sys.write(c, pattern(10));
      world.run(2999);
      expect(states(client)).toEqual(['ESTABLISHED']);
      world.run(1);
      expect(errnoName(Number(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)))).toBe('ETIMEDOUT');
    });

    test('for connect: TCP_SYNCNT SYNs more', () => {
      const world = new World({ family });
      const client = world.host(1);
      world.passes = () => false;
      const c = client.sys.socket(domain);
      client.sys.setsockopt(c, IPPROTO_TCP, TCP_SYNCNT, 1);
      client.sys.connect(c, addressOf(family, 0), 80);
      world.run(3000);
      expect(world.takeKinds()).toEqual(['SYN', 'SYN']);
      expect(errnoName(Number(client.sys.getsockopt(c, SOL_SOCKET, SO_ERROR)))).toBe('ETIMEDOUT');
    });

    test('accepted connections have that of their listener', () => {
      const world = new World({ family });
      const [server, client] = [world.host(0), world.host(1)];
      const listener = listening(server);
      server.sys.setsockopt(listener, IPPROTO_TCP, TCP_USER_TIMEOUT, 3000);
      connecting(client, server);
      world.settle();
      const s = server.sys.accept(listener);
      world.passes = () => false;
      server.sys.write(s, pattern(10));
      world.run(3000);
      expect(errnoName(Number(server.sys.getsockopt(s, SOL_SOCKET, SO_ERROR)))).toBe('ETIMEDOUT');
    });
  });

  test('from R1 on the IP layer is advised against the path, and the user is not woken for it [MUST-20 negative advice]', () => {
    const world = new World({ family });
    const { client, c } = connected(world);
    world.passes = () => false;
    client.sys.write(c, pattern(10));
    const ready = new Int32Array(8);
    client.pollReady(ready);
    world.run(1300);
    expect(client.counters()['deadPathAdvice']).toBe(0);
    world.run(2000);
    expect(client.counters()['timeouts']).toBe(4);
    expect(client.counters()['deadPathAdvice']).toBe(2);
    expect(client.pollReady(ready)).toBe(0);
    // Nothing stands in the way of the data once the path is back.
    world.passes = () => true;
    world.run(60_000);
    expect(client.sys.poll([{ fd: c, events: POLLIN, revents: 0 }])).toBe(0);
    expect(states(client)).toEqual(['ESTABLISHED']);
  });
});
