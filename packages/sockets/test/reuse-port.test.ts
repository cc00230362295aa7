/** SO_REUSEPORT: several listeners on one port, and who gets what. */

import { ACK, RST, SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { SO_REUSEADDR, SO_REUSEPORT, SOL_SOCKET } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { listening, said, viewOf } from './calls.ts';
import { segment } from './packets.ts';
import { World, type WorldOptions } from './world.ts';

function sharing(host: Host, address = '0.0.0.0', option = SO_REUSEPORT): number | string {
  const fd = host.sys.socket();
  host.sys.setsockopt(fd, SOL_SOCKET, option, 1);
  const bound = said(host.sys.bind(fd, address, 80));
  if (bound !== 0) return bound;
  const listens = said(host.sys.listen(fd, 1000));
  return listens === 0 ? fd : listens;
}

function group(world: World, members: number): number[] {
  return Array.from({ length: members }, () => {
    const fd = sharing(world.host(0));
    expect(typeof fd).toBe('number');
    return fd as number;
  });
}

/** How many half-open connections each has. */
function shares(host: Host, fds: readonly number[]): number[] {
  return fds.map((fd) => viewOf(host, fd).synQueueLength);
}

function syns(world: World, count: number, salt = 0): void {
  for (let i = 0; i < count; i++) {
    world.inject(
      segment({ flags: SYN, from: `10.${8 + salt}.${i >> 8}.${i & 255}`, fromPort: 1024 + ((i * 7) % 60_000) }),
    );
  }
}

describe('who may listen on a port that another listens on', () => {
  test('only where both said so before bind()', () => {
    const host = new World().host(0);
    expect(sharing(host)).toBe(3);
    expect(sharing(host)).toBe(4);
    expect(sharing(host, '0.0.0.0', SO_REUSEADDR)).toBe('EADDRINUSE');
    expect(() => listening(host)).toThrow('EADDRINUSE');
  });

  test('nobody where the first did not', () => {
    const host = new World().host(0);
    listening(host);
    expect(sharing(host)).toBe('EADDRINUSE');
  });
});

describe('a group', () => {
  test('shares connections about equally', () => {
    const world = new World();
    const fds = group(world, 4);
    syns(world, 2000);
    const each = shares(world.host(0), fds);
    expect(each.reduce((a, b) => a + b)).toBe(2000);
    for (const share of each) expect(Math.abs(share - 500)).toBeLessThan(100);
  });

  test('shares otherwise on another host, so that a stranger cannot choose a member', () => {
    const shown = [1, 2].map((seed) => {
      const world = new World({ seed });
      const fds = group(world, 16);
      syns(world, 1);
      return shares(world.host(0), fds).indexOf(1);
    });
    expect(shown[0]).not.toBe(shown[1]);
  });

  test('gives one 4-tuple always to the same member, and the rest of a handshake to whom it began with', () => {
    const world = new World({ settings: { synCookies: 2 } });
    const fds = group(world, 8);
    const got = new Set<number>();
    for (let round = 0; round < 5; round++) {
      world.inject(segment({ flags: SYN, seq: 1000 })).settle();
      const ack = (world.last().tcp?.seq ?? 0) + 1;
      world.inject(segment({ flags: ACK, seq: 1001, ack })).settle();
      const member = fds.findIndex((fd) => viewOf(world.host(0), fd).acceptQueueLength === 1);
      got.add(member);
      world.host(0).sys.accept(fds[member] ?? -1);
      world.inject(segment({ flags: RST, seq: 1001 })).settle();
    }
    expect([...got]).toHaveLength(1);
    expect(got.has(-1)).toBe(false);
  });

  test('goes on without a member that is closed; a cookie of the one is good for the others', () => {
    const options: WorldOptions = { settings: { synCookies: 2 } };
    const world = new World(options);
    const fds = group(world, 3);
    world.inject(segment({ flags: SYN, seq: 1000 })).settle();
    const ack = (world.last().tcp?.seq ?? 0) + 1;
    // Who answered is not told: it is one of two that close now, or the third.
    const [first, second, third] = fds as [number, number, number];
    world.host(0).sys.close(first);
    world.host(0).sys.close(second);
    world.inject(segment({ flags: ACK, seq: 1001, ack })).settle();
    expect(viewOf(world.host(0), third).acceptQueueLength).toBe(1);
  });

  test('of one address goes before a group of any address', () => {
    const world = new World();
    const any = group(world, 2);
    const own = [sharing(world.host(0), '10.0.0.1'), sharing(world.host(0), '10.0.0.1')] as number[];
    syns(world, 100);
    expect(shares(world.host(0), any)).toEqual([0, 0]);
    expect(shares(world.host(0), own).every((share) => share > 20)).toBe(true);
  });

  test('does not take a connection from a member because a new one came', () => {
    const world = new World();
    const [first] = group(world, 1) as [number];
    world.inject(segment({ flags: SYN, seq: 1000 })).settle();
    const ack = (world.last().tcp?.seq ?? 0) + 1;
    group(world, 9);
    world.inject(segment({ flags: ACK, seq: 1001, ack })).settle();
    expect(viewOf(world.host(0), first).acceptQueueLength).toBe(1);
  });
});
