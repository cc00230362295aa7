/** Ephemeral ports and initial sequence numbers. */

import { SYN } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { SO_LINGER, SOL_SOCKET } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import type { SockAddr } from '../src/syscalls.ts';
import { connected, connecting, listening, said, viewOf } from './calls.ts';
import { segment } from './packets.ts';
import { World } from './world.ts';

/** Linux's `ip_local_port_range`. */
const EPHEMERAL_PORT_MIN = 32_768;
const EPHEMERAL_PORT_MAX = 60_999;
const RANGE = EPHEMERAL_PORT_MAX - EPHEMERAL_PORT_MIN + 1;

function portOf(host: Host, fd: number): number {
  return (host.sys.getsockname(fd) as SockAddr).port;
}

function calling(host: Host, address: string, port: number): number {
  const fd = host.sys.socket();
  expect(said(host.sys.connect(fd, address, port))).toBe('EINPROGRESS');
  return portOf(host, fd);
}

describe('ephemeral ports (RFC 6056 §3.3.4)', () => {
  test("lie in Linux's range, and no two connections to one place share one", () => {
    const host = new World().host(0);
    const ports = Array.from({ length: 500 }, () => calling(host, '10.0.0.2', 80));
    expect(new Set(ports).size).toBe(500);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(EPHEMERAL_PORT_MIN);
    expect(Math.max(...ports)).toBeLessThanOrEqual(EPHEMERAL_PORT_MAX);
  });

  test('where they begin differs by destination and by host, so that a stranger cannot guess them', () => {
    const begins = (seed: number) =>
      [
        ['10.0.0.2', 80],
        ['10.0.0.3', 80],
        ['10.0.0.2', 81],
      ].map(([address, port]) => calling(new World({ seed }).host(0), address as string, port as number));
    const all = [...begins(1), ...begins(2)];
    expect(new Set(all).size).toBe(6);
  });

  test('EADDRNOTAVAIL when all 28232 to one destination are taken; another destination has its own', () => {
    const { sys } = new World({ settings: { descriptorsMax: RANGE + 10 } }).host(0);
    const fds: number[] = [];
    for (let i = 0; i < RANGE; i++) {
      fds.push(sys.socket());
      if (sys.connect(fds[i] as number, '10.0.0.2', 80) !== -115) throw new Error(`connect ${i} failed`);
    }
    const late = sys.socket();
    expect(said(sys.connect(late, '10.0.0.2', 80))).toBe('EADDRNOTAVAIL');
    expect(said(sys.connect(sys.socket(), '10.0.0.2', 81))).toBe('EINPROGRESS');
    const { port } = sys.getsockname(fds[1234] as number) as SockAddr;
    // The second connection uses one of these ports too, to another place.
    sys.close(fds[1234] as number);
    expect(said(sys.connect(late, '10.0.0.2', 80))).toBe('EINPROGRESS');
    expect(sys.getsockname(late)).toMatchObject({ port });
  });

  test('bind(2) to port 0 passes over ports that connections use, and EADDRINUSE when none is left', () => {
    const ports = 2048;
    const { sys } = new World({ settings: { localPortRange: [40_000, 40_000 + ports - 1] } }).host(0);
    const taken = new Set<number>();
    for (let i = 0; i < ports / 2; i++) {
      const fd = sys.socket();
      sys.connect(fd, '10.0.0.2', 80);
      taken.add((sys.getsockname(fd) as SockAddr).port);
    }
    for (let i = 0; i < ports / 2; i++) {
      const fd = sys.socket();
      const bound = sys.bind(fd, '0.0.0.0', 0);
      if (bound !== 0) throw new Error(`bind ${i}: ${said(bound)}`);
      taken.add((sys.getsockname(fd) as SockAddr).port);
    }
    expect(taken.size).toBe(ports);
    expect(said(sys.bind(sys.socket(), '0.0.0.0', 0))).toBe('EADDRINUSE');
  });

  test('connect(2) passes over ports that somebody bound', () => {
    const world = new World();
    const host = world.host(0);
    const next = calling(new World().host(0), '10.0.0.2', 80);
    const fd = host.sys.socket();
    expect(said(host.sys.bind(fd, '0.0.0.0', next))).toBe(0);
    expect(calling(host, '10.0.0.2', 80)).not.toBe(next);
  });

  test('a port is free again when its connection is gone', () => {
    const world = new World();
    const { client, c } = connected(world);
    const port = portOf(client, c);
    const fd = client.sys.socket();
    expect(said(client.sys.bind(fd, '0.0.0.0', port))).toBe('EADDRINUSE');
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    expect(said(client.sys.bind(fd, '0.0.0.0', port))).toBe(0);
  });
});

describe('getsockname(2) and getpeername(2)', () => {
  test('before and after connect(2), and of an accepted socket', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    const c = client.sys.socket();
    expect(client.sys.getsockname(c)).toMatchObject({ address: '0.0.0.0', port: 0 });
    expect(said(client.sys.getpeername(c))).toBe('ENOTCONN');
    client.sys.connect(c, '10.0.0.1', 80);
    const local = client.sys.getsockname(c);
    expect(local).toMatchObject({ address: '10.0.0.2' });
    expect(said(client.sys.getpeername(c))).toBe('ENOTCONN');
    world.settle();
    expect(client.sys.getsockname(c)).toEqual(local);
    expect(client.sys.getpeername(c)).toMatchObject({ address: '10.0.0.1', port: 80 });
    expect(server.sys.getsockname(listener)).toMatchObject({ address: '0.0.0.0', port: 80 });
    expect(said(server.sys.getpeername(listener))).toBe('ENOTCONN');
    const s = server.sys.accept(listener);
    expect(server.sys.getsockname(s)).toMatchObject({ address: '10.0.0.1', port: 80 });
    expect(server.sys.getpeername(s)).toEqual(local);
    client.sys.setsockopt(c, SOL_SOCKET, SO_LINGER, { onoff: 1, linger: 0 });
    client.sys.close(c);
    world.settle();
    expect(said(server.sys.getpeername(s))).toBe('ENOTCONN');
  });
});

describe('initial sequence numbers (RFC 6528 §3)', () => {
  const issOf = (host: Host, fd: number) => viewOf(host, fd).tcp?.iss ?? 0;

  test('of one 4-tuple grow by 250 a millisecond (RFC 9293 §3.4.1) [MUST-8]', () => {
    const world = new World();
    const host = world.host(0);
    const iss = () => {
      const fd = host.sys.socket();
      expect(said(host.sys.bind(fd, '0.0.0.0', 4000))).toBe(0);
      host.sys.connect(fd, '10.0.0.2', 80);
      const number = issOf(host, fd);
      host.sys.close(fd);
      return number;
    };
    const first = iss();
    world.run(1000);
    expect((iss() - first) | 0).toBe(250_000);
    world.run(60_000);
    expect((iss() - first) | 0).toBe(61 * 250_000);
  });

  test('differ at one moment by port, by destination and by secret, also in SYN-ACKs (RFC 9293 §3.4.1) [SHLD-1] [MUST-9]', () => {
    const world = new World();
    const host = world.host(0);
    listening(host);
    const numbers = [connecting(host, world.host(1)), connecting(host, world.host(1))].map((fd) => issOf(host, fd));
    for (const fromPort of [1000, 1001]) {
      world.inject(segment({ fromPort, flags: SYN })).settle();
      numbers.push(world.last().tcp?.seq ?? 0);
    }
    expect(new Set(numbers).size).toBe(4);
    const other = new World({ seed: 2 });
    listening(other.host(0));
    other.inject(segment({ fromPort: 1000, flags: SYN })).settle();
    expect(other.last().tcp?.seq).not.toBe(numbers[2]);
  });
});

describe('net.ipv4.ip_local_port_range and ip_local_reserved_ports', () => {
  test('count at once, for connect(2) and for bind(2) to port 0', () => {
    const host = new World().host(0);
    const { sysctl } = host;
    expect(sysctl.get('net.ipv4.ip_local_port_range')).toBe('32768\t60999');
    expect(said(sysctl.set('net.ipv4.ip_local_port_range', '7000 7003'))).toBe(0);
    expect(said(sysctl.set('net.ipv4.ip_local_reserved_ports', '7000-7001'))).toBe(0);
    const fd = host.sys.socket();
    expect(said(host.sys.bind(fd, '0.0.0.0', 0))).toBe(0);
    expect([portOf(host, fd), calling(host, '10.0.0.2', 80)].sort()).toEqual([7002, 7003]);
    expect(said(host.sys.bind(host.sys.socket(), '0.0.0.0', 0))).toBe('EADDRINUSE');
    expect(said(host.sys.bind(host.sys.socket(), '0.0.0.0', 7000))).toBe(0);
    expect(sysctl.get('net.ipv4.ip_local_reserved_ports')).toBe('7000-7001');
  });

  test.each([
    ['ip_local_port_range', '0 100'],
    ['ip_local_port_range', '200 100'],
    ['ip_local_port_range', '1 65536'],
    ['ip_local_port_range', '1'],
    ['ip_local_reserved_ports', '1-'],
  ])('%s does not take "%s"', (name, value) => {
    expect(said(new World().host(0).sysctl.set(`net.ipv4.${name}`, value) as number)).toBe('EINVAL');
  });
});
