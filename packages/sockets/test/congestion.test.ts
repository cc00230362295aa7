/** Which congestion control a connection gets: from its Host, and by TCP_CONGESTION. */

import { CONGESTION_NAMES } from '@tcpstack/tcp/congestion';
import { describe, expect, test } from 'vitest';
import { IPPROTO_TCP, SO_SNDBUF, SOL_SOCKET, TCP_CONGESTION, TCP_NODELAY } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, connecting, drain, listening, said } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

const set = (host: Host, fd: number, value: string | number) =>
  said(host.sys.setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, value));
const get = (host: Host, fd: number) => host.sys.getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION);

interface Seen {
  readonly name: string;
  readonly cwndBytes: number;
  readonly ssthreshBytes: number;
}

/** What the only connection of this host has. */
function controlOf(host: Host): Seen {
  const seen: Seen[] = [];
  host.eachConnection(({ congestion }) => {
    const { name, cwndBytes, ssthreshBytes } = congestion;
    seen.push({ name, cwndBytes, ssthreshBytes });
  });
  expect(seen.length).toBe(1);
  return seen[0] as Seen;
}

function opened(options: ConstructorParameters<typeof World>[0]): World {
  const world = new World(options);
  listening(world.host(1));
  connecting(world.host(0), world.host(1));
  return world.settle();
}

describe('the setting of a Host', () => {
  test.each(CONGESTION_NAMES)('%s is for every connection, opened actively or passively', (congestion) => {
    const world = opened({ settings: { congestion } });
    expect(world.hosts.map((host) => controlOf(host).name)).toEqual([congestion, congestion]);
    expect(get(world.host(0), world.host(0).sys.socket())).toBe(congestion);
  });

  test('each Host has its own; without one it is cubic, as in Linux', () => {
    const world = opened({ hosts: [{ settings: { congestion: 'reno' } }, {}] });
    expect(world.hosts.map((host) => controlOf(host).name)).toEqual(['reno', 'cubic']);
  });
});

describe('TCP_CONGESTION (RFC 9293 §3.8.2 [MAY-18])', () => {
  test('before connect() it is what the connection begins with', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server);
    const c = client.sys.socket();
    expect([get(client, c), set(client, c, 'reno'), get(client, c)]).toEqual(['cubic', 0, 'reno']);
    client.sys.connect(c, server.address, 80);
    world.settle();
    expect([controlOf(client).name, controlOf(server).name]).toEqual(['reno', 'cubic']);
    expect(controlOf(client).cwndBytes).toBe(10 * 1448);
  });

  test('of a listener it goes to what it accepts', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    const listener = listening(server);
    set(server, listener, 'bbr');
    connecting(client, server);
    world.settle();
    expect(controlOf(server).name).toBe('bbr');
    expect(get(server, server.sys.accept(listener))).toBe('bbr');
  });

  test('a live connection goes on with its window and its threshold', () => {
    const world = new World({ delayMs: 10 });
    const { server, client, s, c } = connected(world);
    client.sys.setsockopt(c, SOL_SOCKET, SO_SNDBUF, 1 << 20);
    const transfer = () => {
      client.sys.write(c, pattern(400_000));
      world.run(500);
      expect(drain(server, s).bytes.length).toBe(400_000);
    };
    transfer();
    const before = controlOf(client);
    expect(before.cwndBytes).toBeGreaterThan(40 * 1448);
    expect([set(client, c, 'reno'), get(client, c)]).toEqual([0, 'reno']);
    expect(controlOf(client)).toEqual({ ...before, name: 'reno' });
    transfer();
    for (const name of ['bbr', 'none', 'cubic'] as const) {
      expect([set(client, c, name), controlOf(client).name]).toEqual([0, name]);
      transfer();
    }
    // "none" had measured nothing.
    set(client, c, 'none');
    set(client, c, 'cubic');
    expect(controlOf(client).cwndBytes).toBe(10 * 1448);
  });

  test('the name that it has already changes nothing', () => {
    const { client, c } = connected(new World());
    const controls: unknown[] = [];
    client.eachConnection((tcb) => controls.push(tcb.congestion));
    set(client, c, 'cubic');
    client.eachConnection((tcb) => controls.push(tcb.congestion));
    expect(controls[1]).toBe(controls[0]);
  });

  test('ENOENT for a name that there is not, EINVAL for none and for a number; all change nothing', () => {
    const { client, c } = connected(new World());
    expect(['vegas', '', 'Reno'].map((name) => set(client, c, name))).toEqual(['ENOENT', 'EINVAL', 'ENOENT']);
    expect([0, 1, 0.5].map((value) => set(client, c, value))).toEqual(['EINVAL', 'EINVAL', 'EINVAL']);
    expect([get(client, c), controlOf(client).name]).toEqual(['cubic', 'cubic']);
  });

  test('EINVAL for a string where a number belongs, EBADF and ENOPROTOOPT as for numbers', () => {
    const { sys } = new World().host(0);
    const fd = sys.socket();
    expect(said(sys.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, '1'))).toBe('EINVAL');
    expect(said(sys.setsockopt(fd, IPPROTO_TCP, 999, 'reno'))).toBe('ENOPROTOOPT');
    expect(said(sys.setsockopt(77, IPPROTO_TCP, TCP_CONGESTION, 'reno'))).toBe('EBADF');
  });
});
