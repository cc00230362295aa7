/** IPv4 and IPv6 as equals: sockets of both domains, listeners for both families, and what their addresses look like. */

import { describe, expect, test } from 'vitest';
import { AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SO_ERROR, SOL_SOCKET } from '../src/constants.ts';
import type { Host } from '../src/host.ts';
import { connected, said } from './calls.ts';
import { pattern } from './packets.ts';
import { World } from './world.ts';

/** Both hosts have one address of each family. */
function dual(): World {
  return new World({ hosts: [{ moreAddresses: ['fd00::1/64'] }, { moreAddresses: ['fd00::2/64'] }] });
}

function listeningOn({ sys }: Host, domain: number, address: string, v6Only = false): number | string {
  const fd = sys.socket(domain);
  if (v6Only) sys.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  const bound = sys.bind(fd, address, 80);
  if (bound < 0) return said(bound);
  const listens = sys.listen(fd, 4);
  return listens < 0 ? said(listens) : fd;
}

/** What becomes of a call from host 1, and the descriptor of its socket. */
function call(world: World, domain: number, to: string): { says: string | number; c: number } {
  const { sys } = world.host(1);
  const c = sys.socket(domain);
  const begun = said(sys.connect(c, to, 80));
  if (begun !== 'EINPROGRESS') return { says: begun, c };
  world.run(10);
  const error = Number(sys.getsockopt(c, SOL_SOCKET, SO_ERROR));
  return { says: error === 0 ? 0 : said(-error), c };
}

describe('socket(2)', () => {
  test('AF_INET6: unbound, its address is ::', () => {
    const { sys } = dual().host(0);
    const fd = sys.socket(AF_INET6);
    expect(sys.getsockname(fd)).toEqual({ family: AF_INET6, address: '::', port: 0 });
    expect(sys.getsockname(sys.socket())).toEqual({ family: AF_INET, address: '0.0.0.0', port: 0 });
  });
});

describe('a listener on :: takes both families (RFC 3493 §3.7)', () => {
  test.each([
    ['fd00::1', AF_INET6, 'fd00::1', 'fd00::2'],
    ['10.0.0.1', AF_INET, '::ffff:10.0.0.1', '::ffff:10.0.0.2'],
    ['::ffff:10.0.0.1', AF_INET6, '::ffff:10.0.0.1', '::ffff:10.0.0.2'],
  ])('a call to %s by a socket of domain %i: accept() shows %s and %s', (to, domain, own, peer) => {
    const world = dual();
    const { sys } = world.host(0);
    const listener = Number(listeningOn(world.host(0), AF_INET6, '::'));
    const { says, c } = call(world, domain, to);
    expect(says).toBe(0);
    const s = sys.accept(listener);
    expect(sys.getsockname(s)).toEqual({ family: AF_INET6, address: own, port: 80 });
    expect(sys.getpeername(s)).toMatchObject({ family: AF_INET6, address: peer });
    const mine = world.host(1).sys.getsockname(c);
    expect(mine).toMatchObject({ family: domain, address: domain === AF_INET ? '10.0.0.2' : peer });
    // A mapped peer is spoken to by IPv4.
    const isIpv4 = own.startsWith('::ffff:');
    expect(world.log.every(({ ipv4 }) => (ipv4 !== null) === isIpv4)).toBe(true);
  });

  test('unless IPV6_V6ONLY is set (RFC 3493 §5.3)', () => {
    const world = dual();
    listeningOn(world.host(0), AF_INET6, '::', true);
    expect(call(world, AF_INET6, 'fd00::1').says).toBe(0);
    expect(call(world, AF_INET, '10.0.0.1').says).toBe('ECONNREFUSED');
  });

  test('of two for any address, that of the family is preferred', () => {
    const world = dual();
    const six = Number(listeningOn(world.host(0), AF_INET6, '::', true));
    const four = Number(listeningOn(world.host(0), AF_INET, '0.0.0.0'));
    expect([call(world, AF_INET, '10.0.0.1').says, call(world, AF_INET6, 'fd00::1').says]).toEqual([0, 0]);
    const { sys } = world.host(0);
    expect(sys.getpeername(sys.accept(four))).toMatchObject({ address: '10.0.0.2' });
    expect(sys.getpeername(sys.accept(six))).toMatchObject({ address: 'fd00::2' });
  });
});

describe('bind(2), as Linux has it', () => {
  test.each([
    ['::', false, '0.0.0.0', AF_INET, 'EADDRINUSE'],
    ['::', false, '10.0.0.1', AF_INET, 'EADDRINUSE'],
    ['::', true, '0.0.0.0', AF_INET, 5],
    ['::', true, '::', AF_INET6, 'EADDRINUSE'],
    ['::', false, 'fd00::1', AF_INET6, 'EADDRINUSE'],
    ['fd00::1', false, '0.0.0.0', AF_INET, 5],
    ['fd00::1', false, '::', AF_INET6, 'EADDRINUSE'],
    ['::ffff:10.0.0.1', false, '10.0.0.1', AF_INET, 'EADDRINUSE'],
    ['::ffff:10.0.0.1', false, 'fd00::1', AF_INET6, 5],
    ['::ffff:0.0.0.0', false, '0.0.0.0', AF_INET, 'EADDRINUSE'],
  ])('one on %s (v6only %s), then one on %s: %s %s', (first, v6Only, second, domain, outcome) => {
    const host = dual().host(0);
    expect(listeningOn(host, AF_INET6, first, v6Only)).toBe(4 - 1);
    const says = listeningOn(host, domain, second);
    expect(typeof outcome === 'number' ? typeof says : says).toBe(typeof outcome === 'number' ? 'number' : outcome);
  });

  test('EAFNOSUPPORT and EINVAL for addresses of the other family', () => {
    const { sys } = dual().host(0);
    expect(said(sys.bind(sys.socket(), '::1', 80))).toBe('EAFNOSUPPORT');
    expect(said(sys.connect(sys.socket(), 'fd00::2', 80))).toBe('EAFNOSUPPORT');
    expect(said(sys.bind(sys.socket(AF_INET6), '10.0.0.1', 80))).toBe('EINVAL');
    expect(said(sys.connect(sys.socket(AF_INET6), '10.0.0.2', 80))).toBe('EINVAL');
  });

  test('EADDRNOTAVAIL for one that is not ours; every one of ours can be bound', () => {
    const { sys } = dual().host(0);
    for (const address of ['fd00::9', '2001:db8::1', '::ffff:10.0.0.9']) {
      expect(said(sys.bind(sys.socket(AF_INET6), address, 80))).toBe('EADDRNOTAVAIL');
    }
    expect(said(sys.bind(sys.socket(AF_INET6), 'ff05::1', 80))).toBe('EINVAL');
    for (const address of ['fd00::1', '::1', '::ffff:10.0.0.1', '::ffff:127.0.0.3']) {
      const fd = sys.socket(AF_INET6);
      expect(said(sys.bind(fd, { family: AF_INET6, address, port: 80 }))).toBe(0);
      expect(sys.getsockname(fd)).toEqual({ family: AF_INET6, address, port: 80 });
    }
  });

  test('IPV6_V6ONLY has no mapped addresses: EINVAL to bind(2), ENETUNREACH to connect(2)', () => {
    const { sys } = dual().host(0);
    const fd = sys.socket(AF_INET6);
    sys.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    expect(said(sys.bind(fd, '::ffff:10.0.0.1', 80))).toBe('EINVAL');
    expect(said(sys.connect(fd, '::ffff:10.0.0.2', 80))).toBe('ENETUNREACH');
  });

  test('a link-local address needs its interface: by zone, by scopeId, or by what the socket is bound to', () => {
    const world = new World({ hosts: [{ moreAddresses: ['fe80::1/64'] }, { moreAddresses: ['fe80::2/64'] }] });
    const { sys } = world.host(0);
    expect(said(sys.bind(sys.socket(AF_INET6), 'fe80::1', 80))).toBe('EINVAL');
    expect(said(sys.bind(sys.socket(AF_INET6), 'fe80::1%eth9', 80))).toBe('EINVAL');
    const listener = sys.socket(AF_INET6);
    expect(said(sys.bind(listener, 'fe80::1%eth0', 80))).toBe(0);
    expect(sys.getsockname(listener)).toEqual({ family: AF_INET6, address: 'fe80::1', port: 80, scopeId: 1 });
    sys.listen(listener, 4);
    const client = world.host(1).sys;
    const c = client.socket(AF_INET6);
    expect(said(client.connect(c, { address: 'fe80::1', port: 80 }))).toBe('EINVAL');
    expect(said(client.connect(c, { address: 'fe80::1', port: 80, scopeId: 1 }))).toBe('EINPROGRESS');
    world.run(10);
    expect(client.getsockopt(c, SOL_SOCKET, SO_ERROR)).toBe(0);
    expect(client.getsockname(c)).toMatchObject({ address: 'fe80::2' });
  });
});

describe('connect(2) without a way', () => {
  test('ENETUNREACH: no route; EADDRNOTAVAIL: a route, and no address of that family to send from', () => {
    const world = new World();
    expect(call(world, AF_INET6, 'fd00::1').says).toBe('ENETUNREACH');
    const routed = new World({ hosts: [{}, { routes: [{ to: '::/0', interface: 'eth0' }] }] });
    expect(call(routed, AF_INET6, 'fd00::1').says).toBe('EADDRNOTAVAIL');
    const six = new World({ family: 6 });
    expect(call(six, AF_INET, '10.0.0.1').says).toBe('ENETUNREACH');
    expect(call(six, AF_INET6, 'ff02::1').says).toBe('ENETUNREACH');
  });
});

describe('IPv6 on the wire', () => {
  test('the MSS is the MTU less 60, and full segments fill packets (RFC 9293 §3.7.1) [MUST-67]', () => {
    const world = new World({ family: 6 });
    const { client, s, c, server } = connected(world);
    client.sys.write(c, pattern(5000));
    world.run(10);
    expect(Math.max(...world.sentBy(1).map(({ bytes }) => bytes.length))).toBe(1500);
    expect(server.sys.read(s, new Uint8Array(6000))).toBe(5000);
  });

  test('each connection has a flow label of its own, the same in all its segments (RFC 6437 §3)', () => {
    const world = new World({ family: 6 });
    const { client, server, c } = connected(world);
    client.sys.write(c, pattern(5000));
    world.run(10);
    const labels = new Set(world.sentBy(1).map(({ ipv6 }) => ipv6?.flowLabel));
    expect([labels.size, labels.has(0)]).toEqual([1, false]);
    const other = client.sys.socket(AF_INET6);
    client.sys.connect(other, server.address, 80);
    world.run(0);
    expect(new Set(world.sentBy(1).map(({ ipv6 }) => ipv6?.flowLabel)).size).toBe(2);
  });

  test('super-segments and checksums left to the link, with the sum of the IPv6 pseudo-header in the field', () => {
    const own = { superSegmentBytes: 65_536, checksum: 'offload' } as const;
    const world = new World({ family: 6, hosts: [own, own] });
    const { client, server, s, c } = connected(world);
    for (let i = 0; i < 8; i++) {
      client.sys.write(c, pattern(60_000));
      world.run(10);
      server.sys.read(s, new Uint8Array(70_000));
    }
    const most = world.sentBy(1).reduce((a, b) => (a.bytes.length > b.bytes.length ? a : b));
    // The world finishes the sums, and every packet decodes without fault.
    expect(most.bytes.length).toBeGreaterThan(10_000);
    expect(most.segmentBytes).toBe(1428);
  });
});
