/** Options that socket calls read later: what they take, what they answer, and to whom they pass. */

import { describe, expect, test } from 'vitest';
import {
  IP_MTU,
  IP_MTU_DISCOVER,
  IP_PMTUDISC_WANT,
  IPPROTO_IP,
  IPPROTO_TCP,
  POLLOUT,
  SO_LINGER,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SO_SNDLOWAT,
  SO_SNDTIMEO,
  SOL_SOCKET,
  TCP_DEFER_ACCEPT,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
  TCP_FASTOPEN_NO_COOKIE,
  TCP_LINGER2,
  TCP_NOTSENT_LOWAT,
  TCP_WINDOW_CLAMP,
} from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import type { OptionValue } from '../src/syscalls.ts';
import { connected, connecting, drain, levels, listening, said, viewOf } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

/** Sets an option of this socket, and reads it. */
const trial =
  ({ sys }: Host, fd: number, level: number, name: number) =>
  (value: OptionValue) => {
    const outcome = said(sys.setsockopt(fd, level, name, value));
    return outcome === 0 ? sys.getsockopt(fd, level, name) : outcome;
  };

/** The same of a fresh socket. */
function fresh(level: number, name: number) {
  const host = new World().host(0);
  const fd = host.sys.socket();
  return { host, fd, first: host.sys.getsockopt(fd, level, name), give: trial(host, fd, level, name) };
}

describe('SO_LINGER', () => {
  test('two numbers; off, the seconds that were set stay; below 0 they are many, as in Linux', () => {
    const { first, give } = fresh(SOL_SOCKET, SO_LINGER);
    expect(first).toEqual({ onoff: 0, linger: 0 });
    expect(give({ onoff: 5, linger: 7 })).toEqual({ onoff: 1, linger: 7 });
    expect(give({ onoff: 0, linger: 9 })).toEqual({ onoff: 0, linger: 7 });
    expect(give({ onoff: 1, linger: -1 })).toEqual({ onoff: 1, linger: -1 });
  });

  test('EINVAL for anything but two whole numbers', () => {
    const { give } = fresh(SOL_SOCKET, SO_LINGER);
    for (const value of [1, '1', { sec: 1, usec: 0 }, { onoff: 1, linger: 0.5 }]) expect(give(value)).toBe('EINVAL');
  });
});

describe('SO_RCVTIMEO and SO_SNDTIMEO', () => {
  const NAMES = [SO_RCVTIMEO, SO_SNDTIMEO];

  test('a time; zeros are for ever', () => {
    for (const name of NAMES) {
      const { first, give } = fresh(SOL_SOCKET, name);
      expect(first).toEqual({ sec: 0, usec: 0 });
      expect(give({ sec: 3, usec: 250_000 })).toEqual({ sec: 3, usec: 250_000 });
      expect(give({ sec: 0, usec: 0 })).toEqual({ sec: 0, usec: 0 });
    }
  });

  test('EDOM for microseconds that are none or make a second; EINVAL for anything but a time', () => {
    for (const name of NAMES) {
      const { give } = fresh(SOL_SOCKET, name);
      expect([give({ sec: 1, usec: -1 }), give({ sec: 1, usec: 1_000_000 })]).toEqual(['EDOM', 'EDOM']);
      for (const value of [1, '1', { onoff: 1, linger: 0 }]) expect(give(value)).toBe('EINVAL');
    }
  });
});

describe('SO_RCVLOWAT, SO_SNDLOWAT, SO_PROTOCOL', () => {
  test('1 at first and for 0; half of what the buffer may become at most, also for less than nothing', () => {
    const { host, fd, first, give } = fresh(SOL_SOCKET, SO_RCVLOWAT);
    expect([first, give(100), give(0)]).toEqual([1, 100, 1]);
    expect([give(-1), give(2 ** 30)]).toEqual([4 << 20, 4 << 20]);
    host.sys.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, 10_000);
    expect([give(-1), give(5001), give(4999)]).toEqual([5000, 5000, 4999]);
  });

  test('SO_SNDLOWAT and SO_PROTOCOL are only read', () => {
    const lowWater = fresh(SOL_SOCKET, SO_SNDLOWAT);
    expect([lowWater.first, lowWater.give(1)]).toEqual([1, 'ENOPROTOOPT']);
    const protocol = fresh(SOL_SOCKET, SO_PROTOCOL);
    expect([protocol.first, protocol.give(6)]).toEqual([6, 'ENOPROTOOPT']);
  });
});

describe('TCP_LINGER2', () => {
  test('0 is what the setting says, below 0 is -1, and two minutes are the most', () => {
    const { first, give } = fresh(IPPROTO_TCP, TCP_LINGER2);
    expect(first).toBe(60);
    expect([give(30), give(0), give(-7), give(121), give(120)]).toEqual([30, 60, -1, 120, 120]);
  });
});

describe('TCP_DEFER_ACCEPT', () => {
  test('seconds become so many SYN-ACKs, and are read as the time that these take', () => {
    const { first, give } = fresh(IPPROTO_TCP, TCP_DEFER_ACCEPT);
    expect(first).toBe(0);
    expect([1, 2, 3, 4, 7, 8, 127, 128, 247, 248].map(give)).toEqual([1, 3, 3, 7, 7, 15, 127, 247, 247, 367]);
    expect([give(0), give(-5)]).toEqual([0, 0]);
    // No more than 255 SYN-ACKs.
    expect(give(2 ** 31 - 1)).toBe(127 + 248 * 120);
  });
});

describe('TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE', () => {
  test('a listener has a backlog of `somaxconn` at most; EINVAL below 0, and for a connection', () => {
    const { first, give } = fresh(IPPROTO_TCP, TCP_FASTOPEN);
    expect([first, give(5), give(-1), give(100_000)]).toEqual([0, 5, 'EINVAL', 4096]);
    const { client, server, c, listener } = connected(new World());
    expect(trial(client, c, IPPROTO_TCP, TCP_FASTOPEN)(5)).toBe('EINVAL');
    expect(trial(server, listener, IPPROTO_TCP, TCP_FASTOPEN)(5)).toBe(5);
  });

  test('TCP_FASTOPEN_CONNECT and _NO_COOKIE are 0 or 1, and come before the connection; EINVAL otherwise', () => {
    for (const name of [TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE]) {
      const { first, give } = fresh(IPPROTO_TCP, name);
      expect([first, give(1), give(2), give(-1), give(0)]).toEqual([0, 1, 'EINVAL', 'EINVAL', 0]);
      const { client, c } = connected(new World());
      expect(trial(client, c, IPPROTO_TCP, name)(1)).toBe('EINVAL');
    }
    const { server, listener } = connected(new World());
    expect(trial(server, listener, IPPROTO_TCP, TCP_FASTOPEN_CONNECT)(1)).toBe('EINVAL');
    expect(trial(server, listener, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE)(1)).toBe(1);
  });
});

describe('TCP_WINDOW_CLAMP', () => {
  test('1152 at least; 0 takes it away, before there is a connection or a listener only: EINVAL', () => {
    const { first, give } = fresh(IPPROTO_TCP, TCP_WINDOW_CLAMP);
    expect([first, give(50_000), give(1), give(-1), give(0)]).toEqual([0, 50_000, 1152, 1152, 0]);
    const { client, server, c, listener } = connected(new World());
    expect(trial(client, c, IPPROTO_TCP, TCP_WINDOW_CLAMP)(0)).toBe('EINVAL');
    expect(trial(server, listener, IPPROTO_TCP, TCP_WINDOW_CLAMP)(0)).toBe('EINVAL');
    expect(client.sys.getsockopt(c, IPPROTO_TCP, TCP_WINDOW_CLAMP)).toBe(1 << 20);
  });

  test('a listener offers no larger window in what it accepts, also when the buffer has more', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    server.sys.setsockopt(listener, IPPROTO_TCP, TCP_WINDOW_CLAMP, 5000);
    const c = connecting(client, server);
    world.settle();
    expect(world.sentBy(0, 'ACK,SYN')[0]?.tcp?.window).toBe(5000);
    client.sys.write(c, pattern(20_000));
    world.settle();
    expect(viewOf(server, server.sys.accept(listener)).recvQueueBytes).toBe(20_000);
    expect(Math.max(...world.sentBy(0).map(({ tcp }) => tcp?.window ?? 0))).toBe(5000);
  });
});

describe('TCP_NOTSENT_LOWAT', () => {
  test('any int, which Linux keeps as unsigned', () => {
    const { first, give } = fresh(IPPROTO_TCP, TCP_NOTSENT_LOWAT);
    expect([first, give(16_384), give(-1), give(0)]).toEqual([0, 16_384, -1, 0]);
  });

  test('the socket is writable only while less than that waits to be sent, and is reported when it is again', () => {
    const world = new World({ delayMs: 10 });
    const { client, server, c, s } = connected(world);
    client.sys.setsockopt(c, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 8000);
    const taken = client.sys.write(c, pattern(500_000));
    expect(taken).toBe((viewOf(client, c).tcp?.cwndBytes ?? 0) + 8000);
    expect([said(client.sys.write(c, pattern(1))), levels(client, c) & POLLOUT]).toEqual(['EAGAIN', 0]);
    while (client.pollReady(new Int32Array(64)) > 0);
    world.run(20);
    const ready = new Int32Array(2);
    expect([client.pollReady(ready), ready[0], (ready[1] ?? 0) & POLLOUT]).toEqual([1, c, POLLOUT]);
    world.run(1000);
    expect(drain(server, s).bytes).toHaveLength(taken);
  });
});

describe('SO_SNDBUFFORCE and SO_RCVBUFFORCE', () => {
  test('go beyond what SO_SNDBUF and SO_RCVBUF give; below 0 is the least; both are only set', () => {
    for (const [force, usual] of [
      [SO_SNDBUFFORCE, SO_SNDBUF],
      [SO_RCVBUFFORCE, SO_RCVBUF],
    ] as const) {
      const { host, fd } = fresh(SOL_SOCKET, force);
      const give = (value: number) => {
        expect(host.sys.setsockopt(fd, SOL_SOCKET, force, value)).toBe(0);
        return host.sys.getsockopt(fd, SOL_SOCKET, usual);
      };
      expect([give(50 << 20), give(-1), give(2 ** 31 - 1)]).toEqual([50 << 20, 4096, 2 ** 30]);
      expect(said(host.sys.getsockopt(fd, SOL_SOCKET, force))).toBe('ENOPROTOOPT');
    }
  });
});

describe('the path MTU', () => {
  test('IP_MTU and IPV6_MTU are read of a connection only: ENOTCONN', () => {
    const { client, c } = connected(new World({ hosts: [{}, { mtuBytes: 1400 }] }));
    expect(client.sys.getsockopt(c, IPPROTO_IP, IP_MTU)).toBe(1400);
    const { host, fd, give } = fresh(IPPROTO_IP, IP_MTU);
    expect(said(host.sys.getsockopt(fd, IPPROTO_IP, IP_MTU))).toBe('ENOTCONN');
    expect(give(1400)).toBe('ENOPROTOOPT');
  });

  test('IP_MTU_DISCOVER is one of six; EINVAL for others', () => {
    const { first, give } = fresh(IPPROTO_IP, IP_MTU_DISCOVER);
    expect(first).toBe(IP_PMTUDISC_WANT);
    expect([0, 1, 2, 3, 4, 5].map(give)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([give(-1), give(6)]).toEqual(['EINVAL', 'EINVAL']);
  });
});

test('accepted sockets have what their listener was told', () => {
  const world = new World();
  const [server, client] = [world.host(0), world.host(1)];
  const listener = listening(server);
  const told = [
    [SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 7 }],
    [SOL_SOCKET, SO_RCVTIMEO, { sec: 1, usec: 2 }],
    [SOL_SOCKET, SO_SNDTIMEO, { sec: 3, usec: 4 }],
    [SOL_SOCKET, SO_RCVLOWAT, 100],
    [IPPROTO_TCP, TCP_LINGER2, 11],
    [IPPROTO_TCP, TCP_WINDOW_CLAMP, 12_000],
    [IPPROTO_TCP, TCP_NOTSENT_LOWAT, 13_000],
    [IPPROTO_IP, IP_MTU_DISCOVER, 2],
  ] as const;
  for (const [level, name, value] of told) server.sys.setsockopt(listener, level, name, value);
  connecting(client, server);
  world.settle();
  const s = server.sys.accept(listener);
  expect(told.map(([level, name]) => server.sys.getsockopt(s, level, name))).toEqual(told.map(([, , value]) => value));
});
