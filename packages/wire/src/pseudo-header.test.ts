/** One sum for both families. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { fold, onesSum } from './checksum.ts';
import { IpAddress, ipv4Address, writeIpv6Address } from './ip-address.ts';
import { pseudoHeaderSum } from './ipv4.ts';
import { pseudoHeaderSumOf } from './pseudo-header.ts';

const int32 = fc.integer();

test('RFC 9293 §3.1: of IPv4 addresses, the sum over the 12 bytes of the IPv4 pseudo-header', () => {
  holds(
    fc.property(int32, int32, fc.nat(255), (from, to, protocol) => {
      const sum = pseudoHeaderSumOf(ipv4Address(from), ipv4Address(to), protocol);
      // The mapped prefixes add two zeros, written as 0xffff; a sum of nothing but zeros is no protocol's.
      fc.pre(protocol > 0);
      expect(fold(sum)).toBe(fold(pseudoHeaderSum(from, to, protocol)));
    }),
  );
});

test('RFC 8200 §8.1: of IPv6 addresses, the sum over both and the next header', () => {
  holds(
    fc.property(fc.array(int32, { minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 255 }), (words, next) => {
      const [a, b, c, d, e, f, g, h] = words as [number, number, number, number, number, number, number, number];
      const from = new IpAddress(a, b, c, d);
      const to = new IpAddress(e, f, g, h);
      const bytes = new Uint8Array(34);
      writeIpv6Address(bytes, 0, from);
      writeIpv6Address(bytes, 16, to);
      bytes[33] = next;
      expect(fold(pseudoHeaderSumOf(from, to, next))).toBe(onesSum(bytes, 0, 34));
    }),
  );
});
