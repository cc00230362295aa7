/** Broadcast addresses of a link (RFC 1122 §3.2.1.3). */

import { expect, test } from 'vitest';
import { ip } from '../test/hub.ts';
import { isBroadcast, LinkAddresses } from './link-address.ts';

test.each([
  ['10.0.0.1', 24, '10.0.0.255', true],
  ['10.0.0.1', 24, '10.0.1.255', false],
  ['10.0.0.1', 30, '10.0.0.3', true],
  // Two ends (RFC 3021), or one host.
  ['10.0.0.0', 31, '10.0.0.1', false],
  ['10.0.0.1', 32, '10.0.0.1', false],
  // IPv6 has none, whatever its last word looks like.
  ['fd00::a00:1', 24, '10.0.0.255', false],
  ['fd00::1', 64, 'ff02::1', false],
  ['fd00::1', 64, '255.255.255.255', true],
])('on a link with %s/%i, is %s one: %s', (own, bits, address, is) => {
  const addresses = new LinkAddresses();
  addresses.add(ip(own), bits, 'manual', 'preferred');
  expect(isBroadcast(addresses, ip(address))).toBe(is);
});
