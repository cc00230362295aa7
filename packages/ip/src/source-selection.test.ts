/** The examples of RFC 6724 §10.1, and one test of each rule. */

import { formatAddress } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { address, network } from '../test/address.ts';
import { type AddressState, InterfaceTable } from './interfaces.ts';
import { labelOf, scopeOf, selectSource } from './source-selection.ts';

/** "eth0 fd00::2/64 deprecated": interface, address, state. */
function select(destination: string, candidates: readonly string[], via?: string, out = 'eth0'): string | null {
  const interfaces = new InterfaceTable();
  for (const name of ['eth0', 'eth1']) interfaces.add({ name, kind: 'ethernet', mtuBytes: 1500 });
  for (const text of candidates) {
    const [name = '', prefix = '', state = 'preferred'] = text.split(' ');
    const on = interfaces.find(name);
    const [own = '', bits = '64'] = prefix.split('/');
    if (on === null) throw new Error(name);
    interfaces.addAddress(on, address(own), Number(bits), state as AddressState);
  }
  const through = interfaces.find(out);
  if (through === null) throw new Error(out);
  const isIpv4 = !destination.includes(':');
  const route = { ...network(isIpv4 ? '0.0.0.0/0' : '::/0'), via: via === undefined ? null : address(via), metric: 0 };
  const chosen = selectSource(interfaces, address(destination), { ...route, out: through });
  return chosen === null ? null : formatAddress(chosen.address);
}

test.each([
  ['2001:db8:1::1', ['eth0 2001:db8:3::1', 'eth0 fe80::1'], '2001:db8:3::1', 'prefer appropriate scope'],
  ['ff05::1', ['eth0 2001:db8:3::1', 'eth0 fe80::1'], '2001:db8:3::1', 'prefer appropriate scope'],
  ['2001:db8:1::1', ['eth0 2001:db8:1::1 deprecated', 'eth0 2001:db8:2::1'], '2001:db8:1::1', 'prefer same address'],
  ['fe80::1', ['eth0 fe80::2 deprecated', 'eth0 2001:db8:1::1'], 'fe80::2', 'prefer appropriate scope'],
  ['2001:db8:1::1', ['eth0 2001:db8:1::2', 'eth0 2001:db8:3::2'], '2001:db8:1::2', 'longest match'],
  ['2002:c633:6401::1', ['eth0 2002:c633:6401::d5e3', 'eth0 2001:db8:1::2'], '2002:c633:6401::d5e3', 'matching label'],
] as const)('RFC 6724 §10.1: to %s from one of %j: %s (%s)', (destination, candidates, chosen, _reason) => {
  expect(select(destination, candidates)).toBe(chosen);
  expect(select(destination, candidates.toReversed())).toBe(chosen);
});

test.each([
  ['3: avoid deprecated', '2001:db8:1::9', ['eth0 2001:db8:1::2 deprecated', 'eth0 2001:db8:7::2'], '2001:db8:7::2'],
  ['5: the outgoing interface', '2001:db8:1::9', ['eth1 2001:db8:1::2', 'eth0 2001:db8:7::2'], '2001:db8:7::2'],
  ['6: the label', 'fd00:1::9', ['eth0 2001:db8::2', 'eth0 fd00:2::2'], 'fd00:2::2'],
  ['6: the label, before the prefix that is longer', '2003::1', ['eth0 2002::1', 'eth0 2600::1'], '2600::1'],
  ['8: the longest prefix, of IPv4 too', '10.1.2.9', ['eth0 10.1.9.2/24', 'eth0 10.1.2.2/24'], '10.1.2.2'],
  [
    '8: no longer than the prefix of the source',
    '2001:db8:1::9',
    ['eth0 2001:db8::2/32', 'eth0 2001:db8:1::2/32'],
    '2001:db8::2',
  ],
] as const)('RFC 6724 §5 rule %s', (_, destination, candidates, chosen) => {
  expect(select(destination, candidates)).toBe(chosen);
});

test('RFC 6724 §5 rule 5.5: the subnet of the next hop, as Linux picks the address of IPv4', () => {
  const candidates = ['eth0 10.0.0.2/24', 'eth0 192.168.1.2/24'];
  expect(select('8.8.8.8', candidates, '192.168.1.1')).toBe('192.168.1.2');
  expect(select('8.8.8.8', candidates, '10.0.0.1')).toBe('10.0.0.2');
});

test('RFC 6724 §4: for link-local and multicast destinations, addresses of that link only', () => {
  expect(select('fe80::9', ['eth1 fe80::2', 'eth1 2001:db8::2'])).toBeNull();
  expect(select('ff02::1', ['eth1 2001:db8::2', 'eth0 fe80::3'])).toBe('fe80::3');
  // And a link-local address of another link is good for nothing here.
  expect(select('2001:db8::9', ['eth1 fe80::2'])).toBeNull();
});

test('RFC 4291 §2.5.3, RFC 1122 §3.2.1.3 (g): loopback addresses stay inside', () => {
  expect(select('2001:db8::9', [])).toBeNull();
  expect(select('8.8.8.8', [])).toBeNull();
  expect(select('127.5.5.5', ['eth0 10.0.0.2/24'], undefined, 'lo')).toBe('127.0.0.1');
  expect(select('10.0.0.2', ['eth0 10.0.0.2/24'], undefined, 'lo')).toBe('10.0.0.2');
  expect(select('::1', ['eth0 fd00::2'], undefined, 'lo')).toBe('::1');
});

test('none of the other family, and none that is tentative or a duplicate', () => {
  expect(select('2001:db8::9', ['eth0 10.0.0.2/24'])).toBeNull();
  expect(select('10.0.0.9', ['eth0 2001:db8::2'])).toBeNull();
  expect(select('2001:db8::9', ['eth0 2001:db8::2 tentative', 'eth0 2001:db8::3 duplicate'])).toBeNull();
});

test.each([
  ['::1', 0],
  ['2001:db8::1', 1],
  ['2002::1', 2],
  ['::1.2.3.4', 3],
  ['10.0.0.1', 4],
  ['2001::1', 5],
  ['fec0::1', 11],
  ['3ffe::1', 12],
  ['fdff::1', 13],
])('RFC 6724 §2.1: the label of %s is %i', (text, label) => {
  expect(labelOf(address(text))).toBe(label);
});

test.each([
  ['ff01::1', 1],
  ['ff02::1', 2],
  ['ff05::1', 5],
  ['ff0e::1', 14],
  ['fe80::1', 2],
  ['::1', 2],
  ['fec0::1', 5],
  ['fd00::1', 14],
  ['127.0.0.1', 2],
  ['169.254.1.1', 2],
  ['10.0.0.1', 14],
])('RFC 6724 §3: the scope of %s is %i', (text, scope) => {
  expect(scopeOf(address(text))).toBe(scope);
});
