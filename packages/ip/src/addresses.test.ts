/** Which addresses are those of one host. */

import { ANY_IPV4, formatAddress, type IpAddress, parseAddress } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { isUsableOwn, subnetBroadcast } from './addresses.ts';

function address(text: string): IpAddress {
  const value = parseAddress(text);
  if (value === null) throw new Error(text);
  return value;
}

test.each([
  ['10.77.0.2', 24, '10.77.0.255'],
  ['10.77.0.2', 8, '10.255.255.255'],
  ['192.168.1.130', 25, '192.168.1.255'],
  ['192.168.1.2', 25, '192.168.1.127'],
  ['192.168.1.2', 30, '192.168.1.3'],
  ['223.1.2.3', 1, '255.255.255.255'],
])('RFC 1122 §3.2.1.3: the broadcast address of %s/%i is %s', (own, bits, broadcast) => {
  expect(formatAddress(subnetBroadcast(address(own), bits))).toBe(broadcast);
});

test.each([31, 32])('RFC 3021: a link of two ends, or an unknown subnet, has none: /%i', (bits) => {
  expect(subnetBroadcast(address('10.0.0.2'), bits)).toBe(ANY_IPV4);
});

test('our own address is not zero, multicast, or a broadcast', () => {
  const broadcast = address('10.0.0.255');
  const usable = (text: string): boolean => isUsableOwn({ address: address(text), broadcast });
  expect(['0.0.0.0', '224.0.0.1', '255.255.255.255', '10.0.0.255'].filter(usable)).toEqual([]);
  expect(['10.0.0.1', '10.0.0.254', '127.0.0.1', '223.255.255.255'].map(usable)).toEqual([true, true, true, true]);
});
