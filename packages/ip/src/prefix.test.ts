/** Prefixes, read and cut. */

import { formatAddress } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { address } from '../test/address.ts';
import { networkOf, parsePrefix } from './prefix.ts';

test.each([
  ['10.0.0.2/24', '10.0.0.2', 120],
  ['10.0.0.2/0', '10.0.0.2', 96],
  ['10.0.0.2', '10.0.0.2', 128],
  ['fd00::2/64', 'fd00::2', 64],
  ['::/0', '::', 0],
  ['::1', '::1', 128],
])('%s is an address and the bits of 128 that are meant (RFC 4632 §3.1, RFC 4291 §2.3)', (text, written, bits) => {
  expect(parsePrefix(text)).toEqual({ address: address(written), bits });
});

test('what is no prefix', () => {
  const texts = [
    '',
    '/8',
    '10.0.0.2/33',
    '10.0.0/8',
    'fd00::/129',
    'fd00::/-1',
    'fd00::/',
    '10.0.0.2/ 8',
    '10.0.0.2/8/8',
  ];
  expect(texts.filter((text) => parsePrefix(text) !== null)).toEqual([]);
});

test.each([
  ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 33, '2001:db8:8000::'],
  ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 64, '2001:db8:ffff:ffff::'],
  ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 127, '2001:db8:ffff:ffff:ffff:ffff:ffff:fffe'],
  ['2001:db8::1', 128, '2001:db8::1'],
  ['ffff::1', 0, '::'],
  ['10.1.2.255', 96 + 25, '10.1.2.128'],
  ['10.1.2.3', 96, '0.0.0.0'],
])('the network of %s by %i bits is %s', (text, bits, cut) => {
  expect(formatAddress(networkOf(address(text), bits))).toBe(cut);
});
