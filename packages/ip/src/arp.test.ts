/** ARP on a hub: questions, answers, and whom to believe. */

import { MAC_BROADCAST } from '@tcpstack/wire/ethernet';
import { describe, expect, test } from 'vitest';
import { arp, tell } from '../test/frames.ts';
import { Hub, ip, type Station } from '../test/hub.ts';

const A = 0x0200_0000_000a;
const B = 0x0200_0000_000b;
const C = 0x0200_0000_000c;

/** Two stations that have said hello. */
function pair(): { hub: Hub; a: Station; b: Station } {
  const hub = new Hub(1000);
  const a = hub.quiet(A, '10.0.0.1/24');
  const b = hub.quiet(B, '10.0.0.2/24');
  hub.run(5000).take();
  return { hub, a, b };
}

const lines = (hub: Hub) => hub.take().map(({ bytes }) => tell(bytes));

describe('ARP', () => {
  test('finds the neighbour, and the packet that waited goes to it alone (RFC 826)', () => {
    const { hub, a, b } = pair();
    a.send(a.packet('10.0.0.2'));
    expect(lines(hub)).toEqual([
      'who has 10.0.0.2 tell 10.0.0.1 @all',
      '10.0.0.2 is at 02:00:00:00:00:0b for 10.0.0.1 @02:00:00:00:00:0a',
      'IPv4 @02:00:00:00:00:0b',
    ]);
    expect(b.received).toEqual([a.packet('10.0.0.2')]);
  });

  test('the one who was asked knows the asker from then on (RFC 826, "Merge_flag")', () => {
    const { hub, a, b } = pair();
    a.send(a.packet('10.0.0.2'));
    hub.take();
    b.send(b.packet('10.0.0.1'));
    expect(lines(hub)).toEqual(['IPv4 @02:00:00:00:00:0a']);
    expect(b.port.ipv4Neighbours.find(ip('10.0.0.1'))?.state).toBe('DELAY');
    expect(a.received).toHaveLength(1);
  });

  test('who made himself known is asked from the address that talks to him', () => {
    const { hub, a, b } = pair();
    a.send(a.packet('10.0.0.2'));
    b.send(b.packet('10.0.0.1'));
    hub.run(6000);
    expect(lines(hub)).toContain('who has 10.0.0.1 tell 10.0.0.2 @02:00:00:00:00:0a');
  });

  test('a packet beyond the subnet goes to the router', () => {
    const { hub, a } = pair();
    a.gateway = ip('10.0.0.2');
    a.send(a.packet('192.0.2.1'));
    expect(lines(hub)[0]).toBe('who has 10.0.0.2 tell 10.0.0.1 @all');
    a.gateway = null;
    a.send(a.packet('192.0.2.1'));
    expect(a.port.counters.noNextHop).toBe(1);
  });

  test('nobody answers for an address that is not his', () => {
    const { hub, a } = pair();
    a.send(a.packet('10.0.0.9'));
    hub.run(10_000);
    expect(lines(hub)).toEqual(new Array(3).fill('who has 10.0.0.9 tell 10.0.0.1 @all'));
    expect(a.told.at(-1)).toBe('unreachable 28 bytes');
  });

  test('the neighbour itself is asked when it was not heard of for long', () => {
    const { hub, a } = pair();
    a.send(a.packet('10.0.0.2'));
    hub.run(60_000).take();
    a.send(a.packet('10.0.0.2'));
    hub.run(10_000);
    expect(lines(hub)).toEqual([
      'IPv4 @02:00:00:00:00:0b',
      'who has 10.0.0.2 tell 10.0.0.1 @02:00:00:00:00:0b',
      '10.0.0.2 is at 02:00:00:00:00:0b for 10.0.0.1 @02:00:00:00:00:0a',
    ]);
  });

  test('a stranger who talks of himself makes no entry', () => {
    const { hub, a } = pair();
    hub.inject(arp('request', C, '10.0.0.3', 0, '10.0.0.4'));
    hub.inject(arp('reply', C, '10.0.0.3', A, '10.0.0.1'));
    expect(a.port.ipv4Neighbours.entries).toHaveLength(0);
  });

  test('of two answers the first counts for a second, as in Linux', () => {
    const { hub, a } = pair();
    a.send(a.packet('10.0.0.2'));
    const entry = a.port.ipv4Neighbours.find(ip('10.0.0.2'));
    hub.inject(arp('reply', C, '10.0.0.2', A, '10.0.0.1'));
    expect(entry?.mac).toBe(B);
    hub.run(1001);
    hub.inject(arp('reply', C, '10.0.0.2', A, '10.0.0.1'));
    expect(entry?.mac).toBe(C);
  });

  test('a station that announces a new place is believed at once', () => {
    const { hub, a } = pair();
    a.send(a.packet('10.0.0.2'));
    hub.hears = (_, listener) => listener === a;
    hub.inject(arp('request', C, '10.0.0.2', 0, '10.0.0.2'));
    expect(a.port.ipv4Neighbours.find(ip('10.0.0.2'))).toMatchObject({ mac: C, state: 'STALE' });
  });

  test('a probe for our address is answered, and its sender is not remembered (RFC 5227 §2.1.1)', () => {
    const { hub, a } = pair();
    hub.inject(arp('request', C, '0.0.0.0', 0, '10.0.0.1'));
    expect(lines(hub).slice(1)).toEqual(['10.0.0.1 is at 02:00:00:00:00:0a for 0.0.0.0 @02:00:00:00:00:0c']);
    expect(a.port.ipv4Neighbours.entries).toHaveLength(0);
  });

  test.each([
    ['a group', 0x0300_0000_000c, '10.0.0.3'],
    ['127.0.0.1', C, '127.0.0.1'],
    ['a multicast address', C, '224.0.0.1'],
    ['0.0.0.1', C, '0.0.0.1'],
  ])('who says that he is %s is not heard', (_, mac, address) => {
    const { hub, a } = pair();
    const bytes = arp('request', mac, address, 0, '10.0.0.1');
    bytes[6] = 2;
    hub.inject(bytes);
    expect(a.port.counters.arpBad).toBe(1);
    expect(hub.take()).toHaveLength(1);
  });
});

describe('conflict detection (RFC 5227)', () => {
  const probed = (address: string) => {
    const hub = new Hub(1000);
    const a = hub.station(A, { probesIpv4: true, linkLocal: false, acceptsRouters: false });
    a.add(address);
    return { hub, a };
  };

  test('probes three times for an address, one to two seconds apart, then announces it twice (§2.1.1, §2.3)', () => {
    const { hub, a } = probed('10.0.0.1/24');
    hub.run(20_000);
    const times = hub.log.map(({ atMs }) => atMs - 1000);
    expect(lines(hub)).toEqual([
      ...new Array(3).fill('who has 10.0.0.1 tell 0.0.0.0 @all'),
      ...new Array(2).fill('who has 10.0.0.1 tell 10.0.0.1 @all'),
    ]);
    const [first, second, third, announced, again] = times as [number, number, number, number, number];
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(1000);
    for (const pause of [second - first, third - second]) {
      expect(pause).toBeGreaterThanOrEqual(1000);
      expect(pause).toBeLessThanOrEqual(2000);
    }
    expect(announced - third).toBeCloseTo(2000);
    expect(again - announced).toBeCloseTo(2000);
    expect(a.told).toEqual(['10.0.0.1 tentative', '10.0.0.1 preferred']);
  });

  test('answers nobody for an address that is still probed for', () => {
    const { hub, a } = probed('10.0.0.1/24');
    hub.run(1500).take();
    hub.inject(arp('request', C, '10.0.0.3', 0, '10.0.0.1'));
    expect(hub.take()).toHaveLength(1);
    expect(a.port.addresses.answersFor(ip('10.0.0.1'))).toBe(false);
  });

  test.each([
    ['has it', arp('reply', C, '10.0.0.1', A, '0.0.0.0')],
    ['announces it', arp('request', C, '10.0.0.1', 0, '10.0.0.1')],
    ['probes for it, too', arp('request', C, '0.0.0.0', 0, '10.0.0.1')],
  ])('gives an address up when somebody %s (§2.1.1)', (_, frame) => {
    const { hub, a } = probed('10.0.0.1/24');
    hub.run(2000);
    hub.inject(frame);
    hub.take();
    hub.run(20_000);
    expect(a.told).toEqual(['10.0.0.1 tentative', '10.0.0.1 duplicate']);
    expect(hub.take()).toEqual([]);
    expect(a.port.counters).toMatchObject({ conflicts: 1, duplicateAddresses: 1 });
  });

  test('its own probe, come back, is no conflict (§2.1.1)', () => {
    const { hub, a } = probed('10.0.0.1/24');
    hub.run(2000);
    hub.inject(arp('request', A, '0.0.0.0', 0, '10.0.0.1'));
    hub.run(20_000);
    expect(a.told.at(-1)).toBe('10.0.0.1 preferred');
  });

  test('defends an address once in ten seconds, and gives it up at the second conflict (§2.4 (b))', () => {
    const { hub, a } = pair();
    const conflict = arp('reply', C, '10.0.0.1', B, '10.0.0.2', MAC_BROADCAST);
    hub.inject(conflict);
    expect(lines(hub).slice(1)).toEqual(['who has 10.0.0.1 tell 10.0.0.1 @all']);
    hub.run(10_000);
    hub.inject(conflict);
    expect(a.port.counters).toMatchObject({ conflicts: 2, defences: 2 });
    hub.run(9999);
    hub.inject(conflict);
    expect(a.told.at(-1)).toBe('10.0.0.1 duplicate');
    hub.take();
    hub.inject(arp('request', C, '10.0.0.3', 0, '10.0.0.1'));
    expect(hub.take()).toHaveLength(1);
  });

  test('two that want the same address at once do not both get it', () => {
    const hub = new Hub(1000);
    const options = { probesIpv4: true, linkLocal: false, acceptsRouters: false };
    const [a, b] = [hub.station(A, options), hub.station(B, options)];
    a.add('10.0.0.1/24');
    b.add('10.0.0.1/24');
    hub.run(20_000);
    expect([a.told.at(-1), b.told.at(-1)]).toContain('10.0.0.1 duplicate');
  });
});
