/** Times and limits of the neighbour caches: by the kernel's names, while a Host runs, and when it is made. */

import { writeEthernet } from '@tcpstack/wire/ethernet';
import { finishIcmpv6 } from '@tcpstack/wire/icmpv6';
import { type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { PROTOCOL_ICMPV6, pseudoHeaderSum6, writeIpv6 } from '@tcpstack/wire/ipv6';
import { writeRouterAdvertisement } from '@tcpstack/wire/ndp-write';
import { describe, expect, test } from 'vitest';
import { AF_INET, AF_INET6, SOCK_DGRAM } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { said } from './calls.ts';
import { EthernetWorld, type HubHost } from './ethernet-world.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const FAMILIES = [
  { family: 'IPv4', net: '10.0.0.', domain: AF_INET, prefix: 'net.ipv4.neigh.default.', key: 'neighboursIpv4' },
  { family: 'IPv6', net: 'fd00::', domain: AF_INET6, prefix: 'net.ipv6.neigh.default.', key: 'neighboursIpv6' },
] as const;

/** Two hosts that have fallen silent. */
function pair(settings: HubHost['settings'] = {}): EthernetWorld {
  const own = (i: number) => ({ addresses: [`10.0.0.${i}/24`, `fd00::${i}/64`], acceptRouterAdvertisements: false });
  const world = new EthernetWorld([{ ...own(1), settings: settings }, own(2)]).run(5000);
  world.log.length = 0;
  return world;
}

function sendTo({ sys }: Host, domain: number, address: string): void {
  expect(said(sys.sendto(sys.socket(domain, SOCK_DGRAM), new Uint8Array(9), 0, 9, 0, { address, port: 9 }))).toBe(9);
}

describe.each(FAMILIES)('neighbours of $family', ({ net, domain, prefix, key }) => {
  const send = (host: Host, to: string) => sendTo(host, domain, net + to);
  const set = (host: Host, values: Readonly<Record<string, number>>) => {
    for (const [name, value] of Object.entries(values)) expect(host.sysctl.set(prefix + name, value), name).toBe(0);
  };
  /** When frames left the first host, from the first of them on. */
  const timesOf = ({ log }: EthernetWorld) => {
    const sent = log.filter(({ from }) => from === 0);
    return sent.map(({ atMs }) => atMs - (sent[0]?.atMs ?? 0));
  };

  test('mcast_solicit and retrans_time_ms: how often, and how far apart, all are asked for who does not answer', () => {
    const world = pair();
    set(world.host(0), { mcast_solicit: 4, retrans_time_ms: 300 });
    send(world.host(0), '77');
    world.run(5000);
    expect(timesOf(world)).toEqual([0, 300, 600, 900]);
  });

  test('delay_first_probe_time and ucast_solicit: when, and how often, who rested is asked', () => {
    const world = pair();
    const [a] = world.hosts as [Host];
    set(a, { base_reachable_time_ms: 1000, delay_first_probe_time: 2, ucast_solicit: 2 });
    send(a, '2');
    // Reachable for 1.5 s at most, and nobody used it.
    world.run(10_000);
    expect(a.network().neighbours.find(({ address }) => address === `${net}2`)?.state).toBe('STALE');
    world.log.length = 0;
    world.hears = () => false;
    send(a, '2');
    world.run(10_000);
    expect(timesOf(world)).toEqual([0, 2000, 3000]);
  });

  test('gc_thresh2 and gc_thresh3: how many there are at most', () => {
    const world = pair();
    const [a] = world.hosts as [Host];
    set(a, { gc_thresh2: 4, gc_thresh3: 5 });
    for (let i = 10; i < 30; i++) send(a, String(i));
    world.settle();
    expect(a.network().neighbours.filter(({ address }) => address.startsWith(net))).toHaveLength(5);
    expect(a.counters()).toMatchObject({ neighbourTableFull: 15 });
  });

  test('gc_thresh1, gc_interval and gc_stale_time: when who is not used is forgotten', () => {
    const world = pair();
    const [a] = world.hosts as [Host];
    set(a, { gc_thresh1: 0, gc_interval: 2, gc_stale_time: 1, base_reachable_time_ms: 1 });
    send(a, '2');
    world.run(6000);
    expect(a.network().neighbours.length).toBeGreaterThan(0);
    world.run(10_000);
    expect(a.network().neighbours).toEqual([]);
  });

  test('unres_qlen_bytes: what waits for one', () => {
    const world = pair();
    const [a] = world.hosts as [Host];
    set(a, { unres_qlen_bytes: 60 });
    world.hears = () => false;
    for (let i = 0; i < 3; i++) send(a, '2');
    world.settle();
    expect(a.counters()).toMatchObject({ unresolvedDropped: 2 });
  });

  test('the settings of the Host are the same', () => {
    const world = pair({ [key]: { multicastSolicits: 1, gcStaleMs: 7000 } });
    const [a] = world.hosts as [Host];
    expect(['mcast_solicit', 'gc_stale_time', 'ucast_solicit'].map((name) => a.sysctl.get(prefix + name))).toEqual([
      '1',
      '7',
      '3',
    ]);
    send(a, '77');
    world.run(5000);
    expect(timesOf(world)).toEqual([0]);
  });

  test('a setting out of range, of another type or unknown is refused by name', () => {
    expect(() => pair({ [key]: { unicastSolicits: 0 } })).toThrow(
      `${key}.unicastSolicits is out of range: ${prefix}ucast_solicit`,
    );
    expect(() => pair({ [key]: { waitingTotalMaxBytes: Number.NaN } })).toThrow(`${key}.waitingTotalMaxBytes`);
    expect(() => pair({ [key]: { gcThreshold1: '5' as unknown as number } })).toThrow(`${key}.gcThreshold1`);
    expect(() => pair({ [key]: { nonsense: 1 } })).toThrow('no setting nonsense');
  });

  test('times of 0 keep nobody busy for ever', () => {
    const world = pair();
    const [a] = world.hosts as [Host];
    set(a, { base_reachable_time_ms: 0, delay_first_probe_time: 0, retrans_time_ms: 0, gc_stale_time: 0 });
    for (let i = 0; i < 20; i++) {
      send(a, '2');
      send(a, '77');
      world.run(50);
    }
    expect(world.log.length).toBeLessThan(500);
    expect(world.host(1).counters()).toMatchObject({ noDatagramPort: 20 });
  });
});

test('the families have settings of their own', () => {
  const { sysctl } = pair().host(0);
  sysctl.set('net.ipv4.neigh.default.gc_thresh3', 5);
  expect(sysctl.get('net.ipv6.neigh.default.gc_thresh3')).toBe('1024');
});

test('what a router advertised stays when another value is set (RFC 4861 §6.3.4)', () => {
  const world = new EthernetWorld([{ addresses: ['fd00::1/64'] }]).run(5000);
  const [host] = world.hosts as [Host];
  const bytes = new Uint8Array(200);
  const ipAt = writeEthernet(bytes, 0, 0x3333_0000_0001, 0x0200_0000_00ff, 0x86dd);
  const end = writeRouterAdvertisement(bytes, ipAt + 40, { routerLifetimeS: 0, retransTimerMs: 2000 });
  writeIpv6(bytes, ipAt, end - ipAt, PROTOCOL_ICMPV6, ip('fe80::ff'), ip('ff02::1'), 255, 0, 0);
  finishIcmpv6(bytes, ipAt + 40, end, pseudoHeaderSum6(ip('fe80::ff'), ip('ff02::1'), PROTOCOL_ICMPV6));
  world.inject(bytes.slice(0, end));
  world.log.length = 0;
  host.sysctl.set('net.ipv6.neigh.default.mcast_solicit', 2);
  sendTo(host, AF_INET6, 'fd00::77');
  world.run(10_000);
  // Routers are asked for later.
  expect(world.log.map(({ atMs }) => atMs - 5000).slice(0, 2)).toEqual([0, 2000]);
});
