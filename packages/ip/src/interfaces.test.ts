/** Which addresses are ours, on which interface, and when. */

import { describe, expect, test } from 'vitest';
import { address } from '../test/address.ts';
import { type Interface, InterfaceTable } from './interfaces.ts';

function table(): { interfaces: InterfaceTable; first: Interface; second: Interface } {
  const interfaces = new InterfaceTable();
  const first = interfaces.add({ name: 'eth0', kind: 'ethernet', mtuBytes: 1500 });
  const second = interfaces.add({ name: 'tun0', kind: 'ip', mtuBytes: 9000, checksum: 'offload' });
  return { interfaces, first, second };
}

test('the loopback is there from the start, at index 0, with 127.0.0.1/8 and ::1', () => {
  const { interfaces, first, second } = table();
  expect(interfaces.list.map(({ index, name }) => [index, name])).toEqual([
    [0, 'lo'],
    [1, 'eth0'],
    [2, 'tun0'],
  ]);
  expect([interfaces.find('eth0'), interfaces.find(2), interfaces.find('eth9'), interfaces.find(3)]).toEqual([
    first,
    second,
    null,
    null,
  ]);
  expect(interfaces.own(address('127.0.0.1'))).toMatchObject({ on: interfaces.loopback, prefixBits: 104 });
  expect(interfaces.own(address('::1'))).toMatchObject({ on: interfaces.loopback, prefixBits: 128 });
});

test('an address is ours on whatever interface it is, and all of 127.0.0.0/8 is', () => {
  const { interfaces, first, second } = table();
  interfaces.addAddress(first, address('10.0.0.2'), 24);
  interfaces.addAddress(first, address('10.0.0.3'), 24);
  interfaces.addAddress(second, address('fd00::2'), 64);
  const texts = [
    '10.0.0.2',
    '10.0.0.3',
    'fd00::2',
    '127.9.9.9',
    '::1',
    '10.0.0.4',
    'fd00::3',
    '::',
    '0.0.0.0',
    '128.0.0.1',
  ];
  expect(texts.filter((text) => interfaces.isOwn(address(text)))).toEqual(texts.slice(0, 5));
  expect(interfaces.own(address('fd00::2'))).toMatchObject({ on: second, prefixBits: 64, state: 'preferred' });
  expect(interfaces.own(address('127.9.9.9'))).toBeNull();
});

test('the broadcast addresses of our subnets; IPv6 has none, and 0.0.0.0 is none', () => {
  const { interfaces, first } = table();
  interfaces.addAddress(first, address('10.0.0.2'), 24);
  interfaces.addAddress(first, address('192.168.1.2'), 25);
  interfaces.addAddress(first, address('fd00::2'), 64);
  const texts = ['10.0.0.255', '192.168.1.127', '127.255.255.255', '192.168.1.255', 'fd00::ffff:ffff:ffff:ffff'];
  expect(texts.filter((text) => interfaces.isBroadcast(address(text)))).toEqual(texts.slice(0, 3));
});

describe('RFC 4862 §2: the state of an address', () => {
  test.each([
    ['tentative', false],
    ['preferred', true],
    ['deprecated', true],
    ['duplicate', false],
  ] as const)('%s: it is in use is %s', (state, inUse) => {
    const { interfaces, first } = table();
    const own = interfaces.addAddress(first, address('fd00::2'), 64, 'tentative');
    interfaces.setState(own, state);
    expect(interfaces.isOwn(address('fd00::2'))).toBe(inUse);
  });

  test('what was removed is ours no more; removing it twice is a bug', () => {
    const { interfaces, first } = table();
    const own = interfaces.addAddress(first, address('fd00::2'), 64);
    interfaces.removeAddress(own);
    expect([interfaces.isOwn(address('fd00::2')), first.addresses]).toEqual([false, []]);
    expect(() => interfaces.removeAddress(own)).toThrow('only addresses of the interface are removed');
  });
});
