/** Neighbor Discovery, duplicate addresses and listeners on a hub. */

import { copyOf, type IpAddress } from '@tcpstack/wire/ip-address';
import { MLD_QUERY } from '@tcpstack/wire/mld';
import { NA_OVERRIDE, NA_ROUTER, NA_SOLICITED } from '@tcpstack/wire/ndp';
import {
  SOURCE_LINK_LAYER_ADDRESS,
  TARGET_LINK_LAYER_ADDRESS,
  writeLinkLayerAddress,
  writeNonce,
} from '@tcpstack/wire/ndp-options';
import { writeNeighborAdvertisement, writeNeighborSolicitation } from '@tcpstack/wire/ndp-write';
import { describe, expect, test } from 'vitest';
import { icmpv6, tell } from '../test/frames.ts';
import { Hub, ip, type Station } from '../test/hub.ts';

const A = 0x0200_0000_000a;
const B = 0x0200_0000_000b;
const C = 0x0200_0000_000c;

function pair(): { hub: Hub; a: Station; b: Station } {
  const hub = new Hub(1000);
  const a = hub.quiet(A, 'fd00::a/64');
  const b = hub.quiet(B, 'fd00::b/64');
  hub.run(5000).take();
  return { hub, a, b };
}

const lines = (hub: Hub) => hub.take().map(({ bytes }) => tell(bytes));

/** An advertisement of `target` by the station C. */
function advertisement(target: string, flags: number, mac: number | null, destination = 'ff02::1'): Uint8Array {
  return icmpv6({ fromMac: C, source: target, destination }, (bytes, at) => {
    const end = writeNeighborAdvertisement(bytes, at, ip(target), flags);
    return mac === null ? end : writeLinkLayerAddress(bytes, end, TARGET_LINK_LAYER_ADDRESS, mac);
  });
}

/** A solicitation for `target`. */
function solicitation(target: string, source: string, toMac?: number, withSource = source !== '::'): Uint8Array {
  const group = `ff02::1:ff00:${target.split(':').at(-1)}`;
  const envelope = { fromMac: C, source, destination: toMac === undefined ? group : target };
  return icmpv6(toMac === undefined ? envelope : { ...envelope, toMac }, (bytes, at) => {
    const end = writeNeighborSolicitation(bytes, at, ip(target));
    return withSource ? writeLinkLayerAddress(bytes, end, SOURCE_LINK_LAYER_ADDRESS, C) : end;
  });
}

describe('Neighbor Discovery (RFC 4861)', () => {
  test('finds the neighbour, and the packet that waited goes to it alone (§7.2.2, §7.2.4)', () => {
    const { hub, a, b } = pair();
    a.send(a.packet('fd00::b'));
    expect(lines(hub)).toEqual([
      'NS fd00::b, fd00::a > ff02::1:ff00:b @33:33:ff:00:00:0b',
      'NA fd00::b 011, fd00::b > fd00::a @02:00:00:00:00:0a',
      'IPv6 fd00::a > fd00::b @02:00:00:00:00:0b',
    ]);
    expect(b.received.at(-1)).toEqual(a.packet('fd00::b'));
    expect(b.port.ipv6Neighbours.find(ip('fd00::a'))?.state).toBe('STALE');
  });

  test('asks the neighbour itself when it was not heard of for long (§7.3.3)', () => {
    const { hub, a } = pair();
    a.send(a.packet('fd00::b'));
    hub.run(60_000).take();
    a.send(a.packet('fd00::b'));
    hub.run(6000);
    expect(lines(hub)).toEqual([
      'IPv6 fd00::a > fd00::b @02:00:00:00:00:0b',
      'NS fd00::b, fd00::a > fd00::b @02:00:00:00:00:0b',
      'NA fd00::b 011, fd00::b > fd00::a @02:00:00:00:00:0a',
    ]);
  });

  test('asks who made himself known from the address that talks to him, or from another that it has (§7.2.2)', () => {
    const { hub, a, b } = pair();
    a.send(a.packet('fd00::b'));
    b.send(b.packet('fd00::a'));
    hub.run(6000);
    expect(lines(hub)).toContain('NS fd00::a, fd00::b > fd00::a @02:00:00:00:00:0a');
    hub.run(100_000);
    b.send(b.packet('fd00::a', 'fd00::99'));
    hub.run(6000);
    expect(lines(hub)).toContain('NS fd00::a, fd00::b > fd00::a @02:00:00:00:00:0a');
  });

  test('answers who checks for a duplicate to all, and unsolicited (§7.2.4)', () => {
    const { hub } = pair();
    hub.inject(solicitation('fd00::a', '::'));
    expect(lines(hub).slice(1)).toEqual(['NA fd00::a 001, fd00::a > ff02::1 @33:33:00:00:00:01']);
  });

  test('answers who gives no address where his frame came from, and remembers nothing (§7.2.3)', () => {
    const { hub, a } = pair();
    hub.inject(solicitation('fd00::a', 'fd00::c', A, false));
    expect(lines(hub).slice(1)).toEqual(['NA fd00::a 011, fd00::a > fd00::c @02:00:00:00:00:0c']);
    expect(a.port.ipv6Neighbours.entries).toHaveLength(0);
  });

  test('of a neighbour that nobody asked for it remembers nothing (§7.2.5)', () => {
    const { hub, a } = pair();
    hub.inject(advertisement('fd00::c', NA_OVERRIDE, C));
    expect(a.port.ipv6Neighbours.entries).toHaveLength(0);
  });

  describe('an advertisement for an entry', () => {
    const known = () => {
      const { hub, a } = pair();
      a.send(a.packet('fd00::b'));
      hub.hears = (_, listener) => listener === a;
      return { hub, entry: a.port.ipv6Neighbours.find(ip('fd00::b')) };
    };

    test.each<[string, number, number | null, string, object]>([
      ['unsolicited, with override, of another address', NA_OVERRIDE, C, 'ff02::1', { mac: C, state: 'STALE' }],
      [
        'solicited, with override, of another address',
        NA_OVERRIDE | NA_SOLICITED,
        C,
        'fd00::a',
        { mac: C, state: 'REACHABLE' },
      ],
      ['without override, of another address', 0, C, 'ff02::1', { mac: B, state: 'STALE' }],
      ['solicited, without override, of another address', NA_SOLICITED, C, 'fd00::a', { mac: B, state: 'STALE' }],
      ['unsolicited, of the same address', NA_OVERRIDE, B, 'ff02::1', { mac: B, state: 'REACHABLE' }],
      ['solicited, without any address', NA_SOLICITED, null, 'fd00::a', { mac: B, state: 'REACHABLE' }],
      ['of a router', NA_SOLICITED | NA_ROUTER, B, 'fd00::a', { mac: B, isRouter: true }],
      ['of an address that is a group', NA_OVERRIDE, 0x0300_0000_0001, 'ff02::1', { mac: B, state: 'REACHABLE' }],
    ])('%s (§7.2.5)', (_, flags, mac, destination, after) => {
      const { hub, entry } = known();
      const frame = advertisement('fd00::b', flags, mac, destination);
      if (destination === 'fd00::a') frame.set([2, 0, 0, 0, 0, 0x0a]);
      hub.inject(frame);
      expect(entry).toMatchObject(after);
    });
  });

  test('without an address an advertisement tells nothing to who waits for one (§7.2.5)', () => {
    const hub = new Hub(1000);
    const a = hub.quiet(A, 'fd00::a/64');
    a.send(a.packet('fd00::c'));
    hub.inject(advertisement('fd00::c', NA_OVERRIDE | NA_ROUTER, null));
    expect(a.port.ipv6Neighbours.find(ip('fd00::c'))).toMatchObject({ state: 'INCOMPLETE', isRouter: false });
  });

  test('messages from beyond the link, and those with a wrong sum, are counted and nothing more (§7.1.1)', () => {
    const { hub, a } = pair();
    const far = solicitation('fd00::a', 'fd00::c');
    far[21] = 254;
    hub.inject(far);
    const wrong = solicitation('fd00::a', 'fd00::c');
    wrong[56] = (wrong[56] as number) ^ 1;
    hub.inject(wrong);
    expect(a.port.counters).toMatchObject({ ndpBad: 2 });
    expect(hub.take()).toHaveLength(2);
  });

  test('in fragments they are ignored (RFC 6980 §5)', () => {
    const { hub, a } = pair();
    const plain = solicitation('fd00::a', 'fd00::c');
    const bytes = new Uint8Array(plain.length + 8);
    bytes.set(plain.subarray(0, 54));
    bytes.set([58, 0, 0, 0, 0, 0, 0, 1], 54);
    bytes.set(plain.subarray(54), 62);
    bytes[20] = 44;
    bytes[19] = bytes.length - 54;
    hub.inject(bytes);
    expect(hub.take()).toHaveLength(1);
    expect(a.received.at(-1)).toEqual(bytes.slice(14));
  });
});

describe('duplicate address detection (RFC 4862 §5.4)', () => {
  const fresh = () => {
    const hub = new Hub(1000);
    const a = hub.station(A, { linkLocal: false, acceptsRouters: false });
    a.add('fd00::a/64');
    return { hub, a };
  };

  test('asks once, from nobody, within a second, and a second later the address is good (§5.4.2)', () => {
    const { hub, a } = fresh();
    hub.run(5000);
    const asked = hub.take().filter(({ bytes }) => tell(bytes).startsWith('NS'));
    expect(asked.map(({ bytes }) => tell(bytes))).toEqual(['NS fd00::a, :: > ff02::1:ff00:a @33:33:ff:00:00:0a']);
    expect(asked[0]?.atMs).toBeLessThan(2000);
    expect(a.told).toEqual(['fd00::a tentative', 'fd00::a preferred']);
  });

  test('answers nobody for a tentative address (§5.4)', () => {
    const { hub, a } = fresh();
    hub.settle();
    hub.inject(solicitation('fd00::a', 'fd00::c'));
    expect(lines(hub).filter((line) => line.startsWith('NA'))).toEqual([]);
    expect(a.told).toEqual(['fd00::a tentative']);
  });

  test.each([
    ['has it (§5.4.4)', advertisement('fd00::a', NA_OVERRIDE, C)],
    ['checks it, too (§5.4.3)', solicitation('fd00::a', '::')],
  ])('finds that somebody %s', (_, frame) => {
    const { hub, a } = fresh();
    hub.settle();
    hub.inject(frame);
    hub.run(10_000);
    expect(a.told).toEqual(['fd00::a tentative', 'fd00::a duplicate']);
    expect(a.port.addresses.answersFor(ip('fd00::a'))).toBe(false);
    expect(a.port.counters.duplicateAddresses).toBe(1);
    hub.take();
    hub.inject(solicitation('fd00::a', 'fd00::c'));
    expect(hub.take()).toHaveLength(1);
  });

  test('of two stations with one address the first keeps it', () => {
    const { hub, a } = fresh();
    hub.run(3000);
    const b = hub.station(B, { linkLocal: false, acceptsRouters: false });
    b.add('fd00::a/64');
    hub.run(3000);
    expect(b.told).toEqual(['fd00::a tentative', 'fd00::a duplicate']);
    expect(a.told.at(-1)).toBe('fd00::a preferred');
  });

  test('its own question, come back, is no duplicate (RFC 7527 §4.3); one with another nonce is', () => {
    const { hub, a } = fresh();
    hub.run(1000);
    const own = hub.log.find(({ bytes }) => tell(bytes).startsWith('NS'))?.bytes as Uint8Array;
    hub.inject(own);
    hub.run(5000);
    expect(a.told.at(-1)).toBe('fd00::a preferred');
    const again = fresh();
    again.hub.settle();
    const theirs = icmpv6({ fromMac: C, source: '::', destination: 'ff02::1:ff00:a' }, (bytes, at) =>
      writeNonce(bytes, writeNeighborSolicitation(bytes, at, ip('fd00::a')), 12_345),
    );
    again.hub.inject(theirs);
    expect(again.a.told.at(-1)).toBe('fd00::a duplicate');
  });

  test('nothing is checked when no solicitation is to be sent (§5.1, DupAddrDetectTransmits)', () => {
    const { hub, a } = pair();
    expect(a.told).toEqual(['fd00::a preferred']);
    expect(hub.take()).toEqual([]);
  });
});

describe('the link-local address', () => {
  test('is made of the Ethernet address, checked, and then routers are asked from it (RFC 2464 §5, RFC 4861 §6.3.7)', () => {
    const hub = new Hub(1000);
    const a = hub.station(0x3456_789a_bcde);
    hub.run(3000);
    expect(a.told).toEqual(['fe80::3656:78ff:fe9a:bcde tentative', 'fe80::3656:78ff:fe9a:bcde preferred']);
    const last = hub.take().at(-1)?.bytes as Uint8Array;
    expect(tell(last)).toBe('RS, fe80::3656:78ff:fe9a:bcde > ff02::2 @33:33:00:00:00:02');
  });
});

describe('listeners (RFC 3810)', () => {
  /** A query for `group`, "::" for all, by version. */
  const query = (group: string, version: 1 | 2, envelope: { hops?: number; source?: string } = {}) =>
    icmpv6({ fromMac: C, source: 'fe80::c', destination: 'ff02::1', hops: 1, ...envelope }, (bytes, at) => {
      bytes[at] = MLD_QUERY;
      bytes.set([0x03, 0xe8], at + 4);
      const address: IpAddress = copyOf(ip(group));
      for (const [i, word] of [address.w0, address.w1, address.w2, address.w3].entries()) {
        new DataView(bytes.buffer).setInt32(at + 8 + 4 * i, word);
      }
      return at + (version === 1 ? 24 : 28);
    });
  const reports = (hub: Hub) => lines(hub).filter((line) => line.startsWith('MLD'));

  test('a group is joined with two reports within a second, before the address is asked for (§6.1, RFC 4862 §5.4.2)', () => {
    const hub = new Hub(1000);
    const a = hub.station(A, { linkLocal: false, acceptsRouters: false });
    a.add('fd00::a/64');
    hub.run(10_000);
    const log = hub.take();
    expect(log[0]?.atMs).toBe(1000);
    expect(tell(log[0]?.bytes as Uint8Array)).toBe('MLDv2, :: > ff02::16 @33:33:00:00:00:16');
    expect(log.filter(({ bytes }) => tell(bytes).startsWith('MLD'))).toHaveLength(2);
  });

  test.each<[string, Uint8Array, string[]]>([
    ['a general query', query('::', 2), ['MLDv2, :: > ff02::16 @33:33:00:00:00:16']],
    ['a query for the group', query('ff02::1:ff00:a', 2), ['MLDv2, :: > ff02::16 @33:33:00:00:00:16']],
    ['a query for another group', query('ff02::1:ff00:99', 2), []],
    ['a query of version 1 (§8.2.1)', query('::', 1), ['MLDv1, :: > ff02::1:ff00:a @33:33:ff:00:00:0a']],
    ['a query that was forwarded (§6.2)', query('::', 2, { hops: 2 }), []],
    ['a query from a global address (§5.1.14)', query('::', 2, { source: 'fd00::c' }), []],
  ])('%s is answered within the time that it allows, or not at all', (_, frame, answers) => {
    const hub = new Hub(1000);
    hub.quiet(A, 'fd00::a/64');
    hub.run(5000).take();
    hub.inject(frame);
    hub.run(1000);
    expect(reports(hub)).toEqual(answers);
    hub.run(5000);
    expect(hub.take()).toEqual([]);
  });

  test('a group is left when its last address goes', () => {
    const hub = new Hub(1000);
    const a = hub.quiet(A, 'fd00::a/64');
    const own = a.port.addresses.find(ip('fd00::a'));
    hub.run(5000).take();
    if (own !== null) a.port.removeAddress(hub.nowMs, own);
    hub.settle();
    hub.inject(query('ff02::1:ff00:a', 2));
    hub.run(5000);
    const log = hub.take().filter(({ from }) => from === a);
    expect(log.map(({ bytes }) => bytes[70])).toEqual([3, 3]);
    hub.inject(query('::', 2));
    hub.run(5000);
    expect(reports(hub)).toEqual([]);
  });
});

test('a packet to a group goes to the group, one to all to all (RFC 2464 §7, RFC 1112 §6.4)', () => {
  const hub = new Hub();
  const a = hub.quiet(A, 'fd00::a/64', '10.0.0.1/24');
  hub.run(5000).take();
  a.sendMany([a.packet('ff02::fb', 'fd00::a'), a.packet('224.128.0.251', '10.0.0.1')]);
  a.sendMany([a.packet('255.255.255.255', '10.0.0.1'), a.packet('10.0.0.255', '10.0.0.1')]);
  expect(lines(hub)).toEqual([
    'IPv6 fd00::a > ff02::fb @33:33:00:00:00:fb',
    'IPv4 @01:00:5e:00:00:fb',
    'IPv4 @all',
    'IPv4 @all',
  ]);
});
