/** sysctl: the settings by the kernel's names, and what changes when they do. */

import { describe, expect, test } from 'vitest';
import {
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_SNDBUF,
  SOL_SOCKET,
  TCP_CONGESTION,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_LINGER2,
  TCP_SYNCNT,
} from '../src/constants.ts';
import { settingsFrom } from '../src/settings.ts';
import { SYSCTL_ROWS } from '../src/sysctl.ts';
import { connected, connecting, drain, listening, said, states, viewOf } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

const NAMES = SYSCTL_ROWS.map(({ name }) => name);
const settable = SYSCTL_ROWS.filter(({ set }) => set !== null).map(({ name }) => name);

describe('every name', () => {
  test('is listed once, in order, and can be read', () => {
    const { sysctl } = new World().host(0);
    expect(sysctl.names()).toEqual(NAMES);
    expect([...new Set(NAMES)].sort()).toEqual(NAMES);
    expect(NAMES.filter((name) => typeof sysctl.get(name) !== 'string')).toEqual([]);
  });

  test.each(settable)('%s takes what it says itself, and stays so', (name) => {
    const { sysctl } = new World().host(0);
    const value = sysctl.get(name);
    expect(said(sysctl.set(name, value))).toBe(0);
    expect(sysctl.get(name)).toBe(value);
  });

  test.each(settable)('%s does not take what is no value of it, and stays as it was', (name) => {
    const { sysctl } = new World().host(0);
    const before = sysctl.get(name);
    for (const value of ['', 'x', '-1', '1.5', '1 2 3 4', '99999999999']) {
      // An empty list is one.
      if (value === '' && name.endsWith('reserved_ports')) continue;
      expect(['EINVAL', 'ENOENT'], value).toContain(said(sysctl.set(name, value)));
    }
    expect(sysctl.get(name)).toBe(before);
  });
});

describe('reading and setting', () => {
  test('ENOENT for a name that there is not, EACCES for what can only be read', () => {
    const { sysctl } = new World().host(0);
    expect([sysctl.get('net.ipv4.tcp_nonsense'), sysctl.set('net.ipv4.tcp_nonsense', 1)].map(said)).toEqual([
      'ENOENT',
      'ENOENT',
    ]);
    expect(sysctl.get('net.ipv4.tcp_available_congestion_control')).toBe('reno cubic bbr none');
    expect(said(sysctl.set('net.ipv4.tcp_available_congestion_control', 'reno'))).toBe('EACCES');
  });

  test('text or number; blanks around, tabs between, 0x before: as the kernel takes them', () => {
    const { sysctl } = new World().host(0);
    const give = (name: string, value: string | number) => [said(sysctl.set(name, value)), sysctl.get(name)];
    expect(give('net.core.somaxconn', 7)).toEqual([0, '7']);
    expect(give('net.core.somaxconn', ' 0x10\n')).toEqual([0, '16']);
    expect(give('net.ipv4.tcp_rmem', '5000  6000\t7000\n')).toEqual([0, '5000\t6000\t7000']);
    expect(give('net.ipv4.tcp_rmem', '5000 4000 7000')).toEqual([0, '5000\t4000\t7000']);
    expect(give('net.ipv4.tcp_rmem', '5000 6000')).toEqual(['EINVAL', '5000\t4000\t7000']);
    expect(give('net.ipv4.tcp_rmem', '5000 0 7000')).toEqual(['EINVAL', '5000\t4000\t7000']);
    expect(give('net.ipv4.tcp_mem', '100 100 100')).toEqual([0, '100\t100\t100']);
    expect(give('net.ipv4.tcp_mem', '100 200 300')).toEqual(['EINVAL', '100\t100\t100']);
    expect(give('net.ipv4.tcp_congestion_control', 'reno\n')).toEqual([0, 'reno']);
    expect(give('net.ipv4.tcp_congestion_control', 'vegas')).toEqual(['ENOENT', 'reno']);
    expect(give('net.ipv4.tcp_notsent_lowat', '4294967295')).toEqual([0, '4294967295']);
    expect(give('net.ipv4.tcp_early_retrans', 0)).toEqual([0, '0']);
    expect(give('net.ipv4.tcp_frto', 0)).toEqual([0, '0']);
    expect(give('net.ipv4.tcp_recovery', 0)).toEqual([0, '0']);
  });

  test('it is one with the settings that the Host was made with, and each Host has its own', () => {
    const world = new World({ hosts: [{ settings: { finTimeoutMs: 7000, sack: false } }, {}] });
    const [a, b] = [world.host(0).sysctl, world.host(1).sysctl];
    expect([a.get('net.ipv4.tcp_fin_timeout'), a.get('net.ipv4.tcp_sack')]).toEqual(['7', '0']);
    a.set('net.ipv4.tcp_fin_timeout', 8);
    expect([a.get('net.ipv4.tcp_fin_timeout'), b.get('net.ipv4.tcp_fin_timeout')]).toEqual(['8', '60']);
  });
});

describe('the settings that a Host is made with', () => {
  const made = (settings: object) => () => new World({ settings });
  const known = settingsFrom({});
  const numbers = Object.entries(known).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));

  test.each(numbers)('%s is a number that is not negative, and whole', (name) => {
    for (const value of [-1, Number.NaN, '5', undefined]) expect(made({ [name]: value })).toThrow(name);
    // What Linux counts in seconds or pages may have parts of them.
    if (!/Ms$|MemoryMax/.test(name)) expect(made({ [name]: 1.5 })).toThrow(RangeError);
  });

  test.each(Object.keys(known))('%s is of the type of its default', (name) => {
    for (const value of [null, 'no, sense', Symbol.iterator]) expect(made({ [name]: value })).toThrow(RangeError);
  });

  test('are in the range of sysctl, and the error says which is not', () => {
    expect(made({ ecn: 3 })).toThrow(
      new RangeError('the setting ecn is out of range: net.ipv4.tcp_ecn must be 0 to 2, not 3'),
    );
    expect(made({ keepIdleMs: 500 })).toThrow(
      'keepIdleMs is out of range: net.ipv4.tcp_keepalive_time must be 1 or more, not 0',
    );
    expect(made({ congestion: 'vegas' })).toThrow('congestion is out of range');
    expect(made({ lossDetection: 'luck' })).toThrow('lossDetection');
    expect(made({ localPortRange: [2000, 1000] })).toThrow('localPortRange');
    expect(made({ localPortRange: [2000] })).toThrow('localPortRange');
    expect(made({ localReservedPorts: '70000' })).toThrow('localReservedPorts');
    expect(made({ receiveBufferBytes: 0 })).toThrow('receiveBufferBytes');
    expect(made({ nonsense: 1 })).toThrow('there is no setting nonsense');
  });

  test('the bounds of a range are in it', () => {
    const bounds = { ecn: 0, synCookies: 2, keepProbes: 255, minSendMssBytes: 48 } as const;
    const host = new World({ settings: { ...bounds, notSentLowBytes: Infinity, sendBufferBytes: 2 ** 31 - 1 } }).host(
      0,
    );
    expect(host.sysctl.get('net.ipv4.tcp_keepalive_probes')).toBe('255');
    expect(host.sysctl.get('net.ipv4.tcp_wmem')).toBe('4096\t2147483647\t4194304');
  });
});

describe('what they do', () => {
  test('options of SYNs: of connections that begin later', () => {
    const world = new World();
    const [server, client] = [world.host(0), world.host(1)];
    listening(server);
    const optionsOf = () => {
      world.log.length = 0;
      connecting(client, server);
      world.settle();
      const { options } = world.sentBy(1, 'SYN')[0]?.tcp ?? {};
      return (options ?? []).map(({ name }) => name).join();
    };
    const before = optionsOf();
    for (const name of ['timestamps', 'sack', 'window_scaling']) client.sysctl.set(`net.ipv4.tcp_${name}`, 0);
    expect([before.split(',').length > 3, optionsOf()]).toEqual([true, 'mss']);
  });

  test('congestion control and buffers: of sockets that are made later, not of those that there are', () => {
    const { sys, sysctl } = new World().host(0);
    const old = sys.socket();
    sysctl.set('net.ipv4.tcp_congestion_control', 'bbr');
    sysctl.set('net.ipv4.tcp_rmem', '4096 10000 20000');
    sysctl.set('net.ipv4.tcp_wmem', '4096 11000 22000');
    const of = (fd: number) => [
      sys.getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION),
      sys.getsockopt(fd, SOL_SOCKET, SO_RCVBUF),
      sys.getsockopt(fd, SOL_SOCKET, SO_SNDBUF),
    ];
    expect(of(old)).toEqual(['cubic', 1 << 20, 1 << 20]);
    expect(of(sys.socket())).toEqual(['bbr', 10_000, 11_000]);
  });

  test('net.core.rmem_max and wmem_max bound what SO_RCVBUF and SO_SNDBUF give, tcp_rmem and tcp_wmem from below', () => {
    const { sys, sysctl } = new World().host(0);
    sysctl.set('net.core.rmem_max', 50_000);
    sysctl.set('net.core.wmem_max', 60_000);
    sysctl.set('net.ipv4.tcp_rmem', '9000 9000 9000');
    sysctl.set('net.ipv4.tcp_wmem', '8000 8000 8000');
    const fd = sys.socket();
    const give = (name: number, value: number) => {
      sys.setsockopt(fd, SOL_SOCKET, name, value);
      return sys.getsockopt(fd, SOL_SOCKET, name);
    };
    expect([give(SO_RCVBUF, 2 ** 30), give(SO_RCVBUF, 1)]).toEqual([50_000, 9000]);
    expect([give(SO_SNDBUF, 2 ** 30), give(SO_SNDBUF, 1)]).toEqual([60_000, 8000]);
  });

  test('net.core.somaxconn: of listen() from then on', () => {
    const { sys, sysctl } = new World().host(0);
    const fd = sys.socket();
    sys.listen(fd, 100);
    sysctl.set('net.core.somaxconn', 3);
    expect(sys.listen(fd, 100)).toBe(0);
    const host = new World().host(0);
    host.sysctl.set('net.core.somaxconn', 3);
    expect(viewOf(host, listening(host, 100)).backlogSegs).toBe(3);
  });

  test('keep-alives: of connections that live, where their user set nothing', () => {
    const world = new World();
    const { client, c } = connected(world);
    const get = (name: number) => client.sys.getsockopt(c, IPPROTO_TCP, name);
    expect([TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT].map(get)).toEqual([7200, 75, 9, 7]);
    client.sysctl.set('net.ipv4.tcp_keepalive_time', 100);
    client.sysctl.set('net.ipv4.tcp_keepalive_intvl', 10);
    client.sysctl.set('net.ipv4.tcp_keepalive_probes', 2);
    client.sysctl.set('net.ipv4.tcp_syn_retries', 3);
    expect([TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT].map(get)).toEqual([100, 10, 2, 3]);
    client.sys.setsockopt(c, IPPROTO_TCP, TCP_KEEPIDLE, 50);
    client.sysctl.set('net.ipv4.tcp_keepalive_time', 200);
    expect(get(TCP_KEEPIDLE)).toBe(50);
    world.passes = () => false;
    client.sys.setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, 1);
    world.run(60_000);
    expect(world.sentBy(1).map(({ sentAtMs }) => sentAtMs)).toEqual([50_000, 60_000]);
    expect(states(client)).toEqual(['ESTABLISHED']);
    world.run(10_000);
    expect(states(client)).toEqual(['CLOSED']);
  });

  test('tcp_syn_retries and tcp_retries2: of connections that live', () => {
    const world = new World();
    const { client, server, c } = connected(world);
    world.passes = () => false;
    const second = connecting(client, server);
    client.sys.write(c, pattern(10));
    client.sysctl.set('net.ipv4.tcp_syn_retries', 2);
    client.sysctl.set('net.ipv4.tcp_retries2', 3);
    world.run(8000);
    expect([viewOf(client, second).state, viewOf(client, c).state]).toEqual(['CLOSED', 'CLOSED']);
    expect(world.sentBy(1, 'SYN')).toHaveLength(3);
  });

  test('tcp_fin_timeout: of TCP_LINGER2, and of FIN-WAIT-2 that begins later', () => {
    const world = new World();
    const { client, c } = connected(world);
    client.sysctl.set('net.ipv4.tcp_fin_timeout', 5);
    expect(client.sys.getsockopt(c, IPPROTO_TCP, TCP_LINGER2)).toBe(5);
    client.sys.close(c);
    world.settle();
    expect(states(client)).toEqual(['FIN-WAIT-2']);
    world.run(5000);
    expect(states(client)).toEqual([]);
  });

  test('tcp_notsent_lowat: of all connections', () => {
    const world = new World();
    const { client, c } = connected(world);
    client.sysctl.set('net.ipv4.tcp_notsent_lowat', 3000);
    expect(client.sys.write(c, pattern(500_000))).toBe((viewOf(client, c).tcp?.cwndBytes ?? 0) + 3000);
  });

  test('tcp_moderate_rcvbuf and tcp_rmem: whether buffers grow, and how far', () => {
    const grownTo = (name: string, value: string) => {
      const world = new World({ delayMs: 20, settings: { receiveBufferBytes: 20_000 } });
      const { client, server, c, s } = connected(world);
      server.sysctl.set(name, value);
      for (let i = 0; i < 60; i++) {
        client.sys.write(c, pattern(100_000));
        world.run(10);
        drain(server, s);
      }
      return server.sys.getsockopt(s, SOL_SOCKET, SO_RCVBUF);
    };
    expect(grownTo('net.ipv4.tcp_moderate_rcvbuf', '1')).toBeGreaterThan(60_000);
    expect(grownTo('net.ipv4.tcp_moderate_rcvbuf', '0')).toBe(20_000);
    expect(grownTo('net.ipv4.tcp_rmem', '4096 20000 50000')).toBe(50_000);
  });

  test('tcp_min_snd_mss: a peer may not ask for less', () => {
    const world = new World({ hosts: [{}, { mtuBytes: 100 }] });
    world.host(0).sysctl.set('net.ipv4.tcp_min_snd_mss', 300);
    const { server, s } = connected(world);
    expect(viewOf(server, s).tcp?.mssBytes).toBe(300 - 12);
  });
});
