/** IPv4 addresses as text. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { formatIpv4, parseIpv4 } from './address.ts';

test('an address as text is the same address again', () => {
  expect(parseIpv4('192.0.2.1')).toBe(0xc0000201 | 0);
  expect(formatIpv4(0xc0000201 | 0)).toBe('192.0.2.1');
  expect(formatIpv4(0xffffffff)).toBe('255.255.255.255');
  holds(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (address) => {
      expect(parseIpv4(formatIpv4(address))).toBe(address);
    }),
  );
});

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '256.0.0.1',
  '1.2.3.1000',
  '01.2.3.4',
  '1.2.3.',
  '1.2.3.-4',
  '1.2.3.4 ',
  '0x1.2.3.4',
  '::1',
])('the text "%s" is no address: four decimal numbers of 0 to 255, none with a zero in front', (text) => {
  expect(parseIpv4(text)).toBeNull();
});
