/** The route that wins. */

import { formatAddress, type IpAddress } from '@tcpstack/wire/ip-address';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { address, network } from '../test/address.ts';
import { holds } from '../test/holds.ts';
import { type Interface, InterfaceTable } from './interfaces.ts';
import { networkOf } from './prefix.ts';
import { needsScope, type Route, RouteTable } from './routes.ts';

const interfaces = new InterfaceTable();
const [eth0, eth1] = [
  interfaces.add({ name: 'eth0', kind: 'ethernet', mtuBytes: 1500 }),
  interfaces.add({ name: 'eth1', kind: 'ethernet', mtuBytes: 1500 }),
];

function route(to: string, via: string | null = null, out: Interface = eth0, metric = 0): Route {
  return { ...network(to), via: via === null ? null : address(via), out, metric };
}

function table(...routes: Route[]): RouteTable {
  const made = new RouteTable();
  for (const one of routes) made.add(one);
  return made;
}

test('RFC 1122 §3.3.1.1, RFC 1812 §5.2.4.3: the longest prefix wins, in whatever order the routes came', () => {
  const all = [
    route('0.0.0.0/0', '10.0.0.1'),
    route('10.0.0.0/8'),
    route('10.1.0.0/16', '10.0.0.7'),
    route('10.1.2.3'),
  ];
  for (const routes of [table(...all), table(...all.toReversed())]) {
    const winner = (text: string): number => all.indexOf(routes.lookup(address(text)) as Route);
    expect(['8.8.8.8', '10.9.9.9', '10.1.9.9', '10.1.2.3'].map(winner)).toEqual([0, 1, 2, 3]);
  }
});

test('of the same prefix the smaller metric wins, then the one that came first', () => {
  const [first, second, better] = [
    route('::/0', 'fe80::1', eth0, 1024),
    route('::/0', 'fe80::2', eth0, 1024),
    route('::/0', 'fe80::3', eth1, 256),
  ];
  const routes = table(first, second, better);
  expect(routes.lookup(address('2001:db8::1'))).toBe(better);
  routes.remove(better);
  expect(routes.lookup(address('2001:db8::1'))).toBe(first);
});

test('a default route of IPv6 is none of IPv4, and the other way round', () => {
  expect(table(route('::/0')).lookup(address('10.0.0.1'))).toBeNull();
  expect(table(route('0.0.0.0/0')).lookup(address('2001:db8::1'))).toBeNull();
});

test('over one interface only, when it is given: what else there is does not matter', () => {
  const [near, far] = [route('fe80::/64', null, eth0), route('fe80::/64', null, eth1)];
  const routes = table(near, far);
  expect([routes.lookup(address('fe80::9'), eth0), routes.lookup(address('fe80::9'), eth1)]).toEqual([near, far]);
  expect(routes.lookup(address('fd00::9'), eth1)).toBeNull();
});

test('every change makes another generation', () => {
  const routes = table();
  const one = route('10.0.0.0/8');
  routes.add(one);
  expect([routes.generation, routes.values()]).toEqual([1, [one]]);
  routes.remove(one);
  expect([routes.generation, routes.values(), routes.lookup(address('10.0.0.1'))]).toEqual([2, [], null]);
});

test('any routes and any destination: what wins matches, and nothing that matches is longer', () => {
  const word = fc.constantFrom(0, 0x0a000000, 0x0a010000, -1, 1);
  const anyAddress = fc.oneof(
    word.map((w) => address(formatAddress({ w0: 0, w1: 0, w2: 0xffff, w3: w }))),
    fc.tuple(word, word, word, word).map(([w0, w1, w2, w3]): IpAddress => ({ w0, w1, w2, w3 })),
  );
  holds(
    fc.property(fc.array(fc.tuple(anyAddress, fc.nat(128)), { maxLength: 12 }), anyAddress, (prefixes, destination) => {
      const isMapped = (a: IpAddress): boolean => a.w0 === 0 && a.w1 === 0 && a.w2 === 0xffff;
      const routes = prefixes.map(([to, bits]): Route => {
        const prefixBits = isMapped(to) ? Math.max(bits, 96) : bits;
        return { to, prefixBits, via: null, out: eth0, metric: 0 };
      });
      const matches = routes.filter(({ to, prefixBits }) => {
        const [a, b] = [networkOf(to, prefixBits), networkOf(destination, prefixBits)];
        return isMapped(to) === isMapped(destination) && formatAddress(a) === formatAddress(b);
      });
      const longest = Math.max(-1, ...matches.map(({ prefixBits }) => prefixBits));
      expect(table(...routes).lookup(destination)?.prefixBits ?? -1).toBe(longest);
    }),
  );
});

test('RFC 4007 §6: an address that means something on one link only needs the link said', () => {
  const texts = [
    'fe80::1',
    'febf::1',
    'ff01::1',
    'ff02::1',
    'ff12::1',
    'ff05::1',
    'ff0e::1',
    'fec0::1',
    'fd00::1',
    '169.254.0.1',
  ];
  expect(texts.filter((text) => needsScope(address(text)))).toEqual(texts.slice(0, 5));
});
