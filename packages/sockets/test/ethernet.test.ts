/** Hosts on an Ethernet hub: connections over both families, addresses and routes that the link layer finds. */

import { ARP_REPLY, writeArp } from '@tcpstack/wire/arp';
import { MAC_BROADCAST, writeEthernet } from '@tcpstack/wire/ethernet';
import { finishIcmpv6 } from '@tcpstack/wire/icmpv6';
import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import {
  SOURCE_LINK_LAYER_ADDRESS,
  writeLinkLayerAddress,
  writeMtuOption,
  writePrefix,
} from '@tcpstack/wire/ndp-options';
import { writeRouterAdvertisement } from '@tcpstack/wire/ndp-write';
import { describe, expect, test } from 'vitest';
import { AF_INET, AF_INET6, IP_RECVERR, IPPROTO_IP, SO_ERROR, SOCK_DGRAM, SOL_SOCKET } from '../src/constants.ts';
import { errnoName } from '../src/errno.ts';
import type { Host } from '../src/host.ts';
import { said } from './calls.ts';
import { EthernetWorld, type HubHost, macOf } from './ethernet-world.ts';

const ROUTER = 0x0200_0000_00ff;
const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;

/** A world whose addresses are checked and whose hosts have fallen silent, routers unasked for. */
function world(...hosts: readonly HubHost[]): EthernetWorld {
  const quiet = { acceptRouterAdvertisements: false };
  const made = new EthernetWorld(hosts.map((host) => ({ ...quiet, ...host }))).run(5000);
  made.log.length = 0;
  return made;
}

const pair = () => world({ addresses: ['10.0.0.1/24', 'fd00::1/64'] }, { addresses: ['10.0.0.2/24', 'fd00::2/64'] });

function socketFor(host: Host, address: string): number {
  return host.sys.socket(address.includes(':') ? AF_INET6 : AF_INET);
}

function listen(host: Host, address: string): number {
  const fd = socketFor(host, address);
  expect(said(host.sys.bind(fd, address, 80))).toBe(0);
  expect(said(host.sys.listen(fd, 8))).toBe(0);
  return fd;
}

function connect(host: Host, address: string): number {
  const fd = socketFor(host, address);
  expect(said(host.sys.connect(fd, address, 80))).toBe('EINPROGRESS');
  return fd;
}

/** The error that waits on a socket, by its name; '' for none. */
function errorOf(host: Host, fd: number): string {
  const error = Number(host.sys.getsockopt(fd, SOL_SOCKET, SO_ERROR));
  return error === 0 ? '' : errnoName(error);
}

/** What an advertisement of the router fe80::ff says. */
function advertisement(lifetimeS: number, prefix: string | null, mtuBytes = 0, flags = 0xc0): Uint8Array {
  const bytes = new Uint8Array(200);
  const [from, to] = [ip('fe80::ff'), ip('ff02::1')];
  const ipAt = writeEthernet(bytes, 0, 0x3333_0000_0001, ROUTER, 0x86dd);
  let end = writeRouterAdvertisement(bytes, ipAt + 40, { routerLifetimeS: lifetimeS, hops: 33 });
  end = writeLinkLayerAddress(bytes, end, SOURCE_LINK_LAYER_ADDRESS, ROUTER);
  if (mtuBytes > 0) end = writeMtuOption(bytes, end, mtuBytes);
  if (prefix !== null) {
    end = writePrefix(bytes, end, { prefix: ip(prefix), prefixBits: 64, flags, validS: 7200, preferredS: 3600 });
  }
  writeIpv6(bytes, ipAt, end - ipAt, PROTOCOL_ICMPV6, from, to, 255, 0, 0);
  finishIcmpv6(bytes, ipAt + 40, end, pseudoHeaderSum6(from, to, PROTOCOL_ICMPV6));
  return bytes.slice(0, end);
}

describe.each(['10.0.0.', 'fd00::'])('two hosts at %s', (net) => {
  test('find each other, and carry a stream both ways', () => {
    const w = pair();
    const [server, client] = [w.host(0), w.host(1)];
    const listener = listen(server, `${net}1`);
    const c = connect(client, `${net}1`);
    w.run(100);
    const s = server.sys.accept(listener);
    expect(s).toBeGreaterThan(listener);
    const sent = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7);
    const received: number[] = [];
    let written = 0;
    const into = new Uint8Array(65_536);
    for (let i = 0; i < 1000 && received.length < sent.length; i++) {
      written += Math.max(0, client.sys.write(c, sent, written));
      w.run(10);
      const n = server.sys.read(s, into);
      if (n > 0) received.push(...into.subarray(0, n));
    }
    expect(Uint8Array.from(received)).toEqual(sent);
    server.sys.write(s, sent.subarray(0, 1000));
    w.run(10);
    expect(client.sys.read(c, into)).toBe(1000);
  });

  test('ask once for each other, and not again while they talk', () => {
    const w = pair();
    const listener = listen(w.host(0), `${net}1`);
    const c = connect(w.host(1), `${net}1`);
    w.run(100);
    w.host(0).sys.accept(listener);
    const asked = () => w.takeLines().filter((line) => /who has|neighbor solicitation/.test(line)).length;
    expect(asked()).toBe(1);
    for (let i = 0; i < 120; i++) {
      w.host(1).sys.write(c, new Uint8Array(10));
      w.run(1000);
    }
    // Who only acknowledges has no word of its own neighbour but the data that come: it asks now and then.
    expect(w.log.filter(({ from, line }) => from === 1 && /who has|neighbor solicitation/.test(line))).toEqual([]);
  });

  test('a connection to nobody fails after three questions with EHOSTUNREACH, as in Linux', () => {
    const w = pair();
    const c = connect(w.host(1), `${net}9`);
    w.run(2999);
    expect(errorOf(w.host(1), c)).toBe('');
    w.run(1);
    expect(errorOf(w.host(1), c)).toBe('EHOSTUNREACH');
    expect(w.log).toHaveLength(3);
    expect(w.host(1).counters()).toMatchObject({ neighboursFailed: 1 });
  });

  test('a connection outlives a neighbour that is silent for a while', () => {
    const w = pair();
    const listener = listen(w.host(0), `${net}1`);
    const c = connect(w.host(1), `${net}1`);
    w.run(100);
    const s = w.host(0).sys.accept(listener);
    w.run(60_000);
    w.hears = () => false;
    w.host(1).sys.write(c, new Uint8Array(10));
    w.run(30_000);
    w.hears = () => true;
    w.run(30_000);
    expect(w.host(0).sys.read(s, new Uint8Array(20))).toBe(10);
  });
});

test('a datagram to nobody is told to a socket with IP_RECVERR, as in Linux', () => {
  const w = pair();
  const { sys } = w.host(1);
  const [told, untold] = [sys.socket(AF_INET, SOCK_DGRAM), sys.socket(AF_INET, SOCK_DGRAM)];
  sys.setsockopt(told, IPPROTO_IP, IP_RECVERR, 1);
  for (const fd of [told, untold]) {
    expect(said(sys.connect(fd, '10.0.0.9', 53))).toBe(0);
    expect(sys.write(fd, new Uint8Array(5))).toBe(5);
  }
  w.run(2999);
  expect(errorOf(w.host(1), told)).toBe('');
  w.run(1);
  expect(errorOf(w.host(1), told)).toBe('EHOSTUNREACH');
  expect(errorOf(w.host(1), untold)).toBe('');
});

test('packets to another network go to the router on the link', () => {
  const w = world(
    { addresses: ['10.0.0.1/24', 'fd00::1/64'] },
    {
      addresses: ['10.0.0.2/24', 'fd00::2/64'],
      routes: [
        { to: '0.0.0.0/0', via: '10.0.0.1' },
        { to: '::/0', via: 'fd00::1' },
      ],
    },
  );
  const before = w.host(0).counters()['notForUs'] ?? 0;
  connect(w.host(1), '192.0.2.1');
  connect(w.host(1), '2001:db8::1');
  w.run(0);
  expect(w.log.filter(({ tcp }) => tcp !== null).map(({ ethernet }) => ethernet?.destination)).toEqual([
    macOf(0),
    macOf(0),
  ]);
  expect((w.host(0).counters()['notForUs'] ?? 0) - before).toBe(2);
});

test('a router is not asked for again while what is behind it acknowledges', () => {
  const w = world(
    { addresses: ['10.0.0.1/24', '192.0.2.1/32'] },
    { addresses: ['10.0.0.2/24'], routes: [{ to: '0.0.0.0/0', via: '10.0.0.1' }] },
  );
  listen(w.host(0), '192.0.2.1');
  const c = connect(w.host(1), '192.0.2.1');
  w.run(100);
  w.log.length = 0;
  for (let i = 0; i < 120; i++) {
    w.host(1).sys.write(c, new Uint8Array(10));
    w.run(1000);
  }
  expect(w.log.filter(({ from, line }) => from === 1 && line.includes('who has'))).toEqual([]);
});

test('a batch that is full of packets that must wait leaves room for those behind them', () => {
  const quiet = { acceptRouterAdvertisements: false };
  const hosts = [
    { addresses: ['10.0.0.1/24'], ...quiet },
    { addresses: ['10.0.0.2/24'], ...quiet },
  ];
  const w = new EthernetWorld(hosts, 2048).run(5000);
  w.hears = (_, listener) => listener === 0;
  connect(w.host(0), '10.0.0.2');
  w.run(0);
  w.log.length = 0;
  for (let i = 0; i < 50; i++) connect(w.host(0), '10.0.0.2');
  w.run(0);
  expect(w.log).toEqual([]);
  w.hears = () => true;
  w.run(1100);
  const ports = w.log.flatMap(({ from, tcp }) => (from === 0 && tcp !== null ? [tcp.sourcePort] : []));
  expect(new Set(ports).size).toBe(51);
});

test('a host that scans 10,000 addresses keeps its neighbours, and its memory', () => {
  const scan = world({ addresses: ['10.0.0.1/8'] }, { addresses: ['10.0.0.2/8'] });
  listen(scan.host(0), '10.0.0.1');
  const client = scan.host(1);
  for (let i = 0; i < 10_000; i++) {
    const fd = client.sys.socket();
    client.sys.connect(fd, `10.9.${i >> 8}.${i & 255}`, 80);
    if (i % 100 === 0) scan.run(10);
  }
  scan.log.length = 0;
  scan.run(10_000);
  expect(client.counters()['neighbourTableFull']).toBeGreaterThan(0);
  const c = connect(client, '10.0.0.1');
  scan.run(1000);
  expect(errorOf(client, c)).toBe('');
  expect(scan.host(0).sys.accept(3)).toBeGreaterThan(3);
});

describe('the addresses of a host', () => {
  test('of IPv6 are good once they are checked: before, nobody can bind them, and nothing comes from them', () => {
    const w = new EthernetWorld([{ addresses: ['fd00::1/64'], acceptRouterAdvertisements: false }, {}]);
    const fd = w.host(0).sys.socket(AF_INET6);
    expect(said(w.host(0).sys.bind(fd, 'fd00::1', 80))).toBe('EADDRNOTAVAIL');
    w.settle();
    expect(said(w.host(0).sys.bind(fd, 'fd00::1', 80))).toBe('EADDRNOTAVAIL');
    const early = w.host(0).sys.socket(AF_INET6);
    expect(said(w.host(0).sys.connect(early, 'fd00::2', 80))).toMatch(/EADDRNOTAVAIL|ENETUNREACH/);
    w.run(3000);
    expect(said(w.host(0).sys.bind(fd, 'fd00::1', 80))).toBe(0);
  });

  test('are checked each after a delay of its own (RFC 4862 §5.4.2)', () => {
    const w = new EthernetWorld([{ addresses: ['fd00::1/64', 'fd00::2/64'], linkLocal: false }]).run(5000);
    const asked = w.log.filter(({ line }) => line.includes('neighbor solicitation')).map(({ atMs }) => atMs);
    expect(new Set(asked).size).toBe(2);
  });

  test('that two have are kept by the first (RFC 4862 §5.4)', () => {
    const w = new EthernetWorld([{ addresses: ['fd00::1/64'] }, { addresses: ['fd00::1/64'] }]);
    w.hears = (_, listener) => listener === 0;
    w.run(700);
    w.hears = () => true;
    w.run(5000);
    const duplicates = w.hosts.map((host) => host.counters()['duplicateAddresses']);
    expect(duplicates.reduce((a = 0, b = 0) => a + b)).toBeGreaterThan(0);
  });

  test('of IPv4 are defended once, and then given up (RFC 5227 §2.4)', () => {
    const w = world({ addresses: ['10.0.0.1/24'] });
    const conflict = new Uint8Array(60);
    const at = writeEthernet(conflict, 0, MAC_BROADCAST, ROUTER, 0x0806);
    writeArp(conflict, at, ARP_REPLY, ROUTER, ip('10.0.0.1').w3, 0, ip('10.0.0.9').w3);
    w.inject(conflict);
    expect(w.takeLines()).toEqual([
      'ARP, 10.0.0.1 is at 02:00:00:00:00:ff',
      `ARP, announcement of 10.0.0.1 at ${macOf(0)}`,
    ]);
    const fd = w.host(0).sys.socket();
    w.inject(conflict);
    expect(said(w.host(0).sys.bind(fd, '10.0.0.1', 80))).toBe('EADDRNOTAVAIL');
    expect(w.host(0).counters()).toMatchObject({ conflicts: 2, defences: 1, duplicateAddresses: 1 });
  });

  describe('that are lost', () => {
    const sentFrom = (w: EthernetWorld, address: string) =>
      w.log.filter(({ ipv4, ipv6, tcp, from }) => from === 0 && tcp !== null && (ipv4 ?? ipv6)?.source === address);

    test('to another host: nothing leaves from them any more, not even a reset (RFC 5227 §2.4); connections run out, listeners stay', () => {
      const w = pair();
      const { sys } = w.host(0);
      const listener = listen(w.host(0), '10.0.0.1');
      const [first, second] = [connect(w.host(1), '10.0.0.1'), connect(w.host(1), '10.0.0.1')];
      w.run(100);
      const [kept, cut, datagrams] = [sys.accept(listener), sys.accept(listener), sys.socket(AF_INET, SOCK_DGRAM)];
      expect(said(sys.bind(datagrams, '10.0.0.1', 9))).toBe(0);
      for (const fd of [first, second]) w.host(1).sys.write(fd, new Uint8Array(10));
      w.run(100);
      const conflict = new Uint8Array(60);
      const at = writeEthernet(conflict, 0, MAC_BROADCAST, ROUTER, 0x0806);
      writeArp(conflict, at, ARP_REPLY, ROUTER, ip('10.0.0.1').w3, 0, ip('10.0.0.9').w3);
      w.inject(conflict).inject(conflict);
      w.log.length = 0;
      expect(sys.write(kept, new Uint8Array(100))).toBe(100);
      expect(said(sys.sendto(datagrams, new Uint8Array(1), 0, 1, 0, { address: '10.0.0.2', port: 9 }))).toBe(
        'ENETUNREACH',
      );
      // With bytes unread, which asks for a reset.
      expect(sys.close(cut)).toBe(0);
      w.run(60_000);
      expect(sentFrom(w, '10.0.0.1')).toEqual([]);
      expect(
        w
          .host(0)
          .sockets()
          .map(({ state }) => state),
      ).toEqual(expect.arrayContaining(['LISTEN', 'ESTABLISHED']));
      w.run(1_200_000);
      expect(errorOf(w.host(0), kept)).toBe('ETIMEDOUT');
      expect(sentFrom(w, '10.0.0.1')).toEqual([]);
      expect(
        w
          .host(0)
          .sockets()
          .map(({ state }) => state),
      ).toContain('LISTEN');
    });

    test('as their lifetime is over (RFC 4862 §5.5.4), and come back in time: the connection goes on', () => {
      const w = new EthernetWorld([{}, { addresses: ['fd77::2/64'], acceptRouterAdvertisements: false }]).run(5000);
      w.inject(advertisement(0, 'fd77::')).run(5000);
      const own = 'fd77::ff:fe00:1';
      const listener = listen(w.host(1), 'fd77::2');
      const c = connect(w.host(0), 'fd77::2');
      w.run(100);
      const s = w.host(1).sys.accept(listener);
      expect(sentFrom(w, own).length).toBeGreaterThan(0);
      w.run(7_200_000);
      w.log.length = 0;
      w.host(0).sys.write(c, new Uint8Array(100));
      w.run(5000);
      expect(sentFrom(w, own)).toEqual([]);
      w.inject(advertisement(0, 'fd77::')).run(10_000);
      expect(w.host(1).sys.read(s, new Uint8Array(200))).toBe(100);
    });
  });

  test('are probed for when that is asked (RFC 5227 §2.1.1)', () => {
    const w = new EthernetWorld([{ addresses: ['10.0.0.1/24'], probeAddresses: true, linkLocal: false }]);
    w.settle();
    const fd = w.host(0).sys.socket();
    expect(said(w.host(0).sys.bind(fd, '10.0.0.1', 80))).toBe('EADDRNOTAVAIL');
    w.run(8000);
    expect(said(w.host(0).sys.bind(fd, '10.0.0.1', 80))).toBe(0);
  });

  test('make a link-local one unless told otherwise, by which neighbours talk', () => {
    const w = world({}, {});
    const fd = w.host(0).sys.socket(AF_INET6);
    expect(said(w.host(0).sys.bind(fd, { address: 'fe80::ff:fe00:1', port: 80, scopeId: 1 }))).toBe(0);
    expect(said(w.host(0).sys.listen(fd, 1))).toBe(0);
    const c = w.host(1).sys.socket(AF_INET6);
    const to = { address: 'fe80::ff:fe00:1', port: 80, scopeId: 1 };
    expect(said(w.host(1).sys.connect(c, to))).toBe('EINPROGRESS');
    w.run(100);
    expect(w.host(0).sys.accept(fd)).toBeGreaterThan(fd);
  });
});

describe('a router that advertises a prefix', () => {
  test('gives the host an address, a way to its neighbours and a way out (RFC 4862 §5.5)', () => {
    const w = world({ acceptRouterAdvertisements: true }, { addresses: ['2001:db8::2/64'] });
    w.inject(advertisement(1800, '2001:db8::'));
    w.run(3000);
    const fd = w.host(0).sys.socket(AF_INET6);
    expect(said(w.host(0).sys.bind(fd, '2001:db8::ff:fe00:1', 80))).toBe(0);
    expect(said(w.host(0).sys.listen(fd, 1))).toBe(0);
    connect(w.host(1), '2001:db8::ff:fe00:1');
    w.run(100);
    expect(w.host(0).sys.accept(fd)).toBeGreaterThan(fd);
    w.log.length = 0;
    connect(w.host(0), '2001:db8:ffff::1');
    w.run(0);
    expect(w.log.map(({ ethernet, line }) => [ethernet?.destination, line.split(' ')[0]])).toEqual([
      ['02:00:00:00:00:ff', expect.stringContaining('2001:db8::ff:fe00:1.')],
    ]);
  });

  test('takes the way out back when it resigns, and the address when its lifetime is over', () => {
    const w = world({ acceptRouterAdvertisements: true });
    w.inject(advertisement(1800, '2001:db8::'));
    w.run(3000);
    w.inject(advertisement(0, null));
    const fd = w.host(0).sys.socket(AF_INET6);
    expect(said(w.host(0).sys.connect(fd, '2001:db8:ffff::1', 80))).toBe('ENETUNREACH');
    w.run(7_300_000);
    const late = w.host(0).sys.socket(AF_INET6);
    expect(said(w.host(0).sys.bind(late, '2001:db8::ff:fe00:1', 80))).toBe('EADDRNOTAVAIL');
  });

  test('may keep to itself who else is on the link: then packets to the same prefix go to it (RFC 4861 §6.3.4)', () => {
    const w = world({ acceptRouterAdvertisements: true });
    w.inject(advertisement(1800, '2001:db8::', 0, 0x40));
    w.run(3000);
    connect(w.host(0), '2001:db8::2');
    w.run(0);
    expect(w.log.at(-1)?.ethernet?.destination).toBe('02:00:00:00:00:ff');
  });

  test('says how large packets may be, and how far they may go (RFC 4861 §6.3.4)', () => {
    const w = world({ acceptRouterAdvertisements: true });
    w.inject(advertisement(1800, '2001:db8::', 1300));
    w.run(3000);
    connect(w.host(0), '2001:db8:ffff::1');
    w.run(0);
    expect(w.log.at(-1)?.tcp?.mssBytes).toBe(1240);
    expect(w.log.at(-1)?.ipv6?.hopLimit).toBe(33);
  });
});

test('interfaces, routes and neighbours can be looked at, as with ip(8)', () => {
  const w = world(
    { addresses: ['10.0.0.1/24'] },
    {
      addresses: ['10.0.0.2/24'],
      acceptRouterAdvertisements: true,
      routes: [{ to: '0.0.0.0/0', via: '10.0.0.1' }],
    },
  );
  w.inject(advertisement(1800, '2001:db8::', 1400));
  connect(w.host(1), '10.0.0.1');
  connect(w.host(1), '10.0.0.9');
  w.run(0);
  const { interfaces, routes, neighbours } = w.host(1).network();
  expect(interfaces).toMatchObject([
    { index: 0, name: 'lo', kind: 'loopback', macAddress: null },
    {
      ...{ index: 1, name: 'eth0', kind: 'ethernet', mtuBytes: 1500, macAddress: macOf(1) },
      addresses: [
        { address: '10.0.0.2/24', state: 'preferred' },
        { address: 'fe80::ff:fe00:2/64', state: 'preferred' },
        { address: '2001:db8::ff:fe00:2/64', state: 'tentative' },
      ],
    },
  ]);
  for (const route of [
    { to: '10.0.0.0/24', via: null, interface: 'eth0', metric: 0 },
    { to: '0.0.0.0/0', via: '10.0.0.1', interface: 'eth0', metric: 0 },
    { to: '2001:db8::/64', via: null, interface: 'eth0', metric: 256 },
    { to: '::/0', via: 'fe80::ff', interface: 'eth0', metric: 1024 },
  ]) {
    expect(routes).toContainEqual(route);
  }
  const eth0 = { interface: 'eth0' };
  expect(neighbours).toEqual([
    { ...eth0, address: '10.0.0.1', macAddress: macOf(0), state: 'REACHABLE', isRouter: false },
    { ...eth0, address: '10.0.0.9', macAddress: null, state: 'INCOMPLETE', isRouter: false },
    { ...eth0, address: 'fe80::ff', macAddress: '02:00:00:00:00:ff', state: 'STALE', isRouter: true },
  ]);
});

test.each([undefined, '', '03:00:00:00:00:01', '00:00:00:00:00:00', '02:00:00:00:00'])(
  'an Ethernet interface needs the address of one station, not %s',
  (macAddress) => {
    expect(() => new EthernetWorld([{ macAddress } as HubHost])).toThrow(RangeError);
  },
);
