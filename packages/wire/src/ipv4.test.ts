/** The IPv4 header: every way to be refused, and the round trip (RFC 791 §3.1). */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { complement, onesSum } from './checksum.ts';
import * as Ipv4 from './ipv4.ts';
import { putU16 } from './octets.ts';

/** A header that claims 40 bytes, in an array of 46: 6 bytes of padding behind it. */
function valid(): Uint8Array {
  const bytes = new Uint8Array(46);
  Ipv4.writeIpv4(bytes, 0, 40, Ipv4.PROTOCOL_TCP, 0x0a4d0001, 0x0a4d0002, 7, Ipv4.IPV4_DF, 64, 0);
  return bytes;
}

/** The header with one byte set and the checksum made right again. */
function changed(at: number, value: number): Uint8Array {
  const bytes = valid();
  bytes[at] = value;
  putU16(bytes, 10, 0);
  putU16(bytes, 10, complement(onesSum(bytes, 0, Math.min(46, Math.max(20, Ipv4.headerBytes(bytes, 0))))));
  return bytes;
}

test('RFC 791 §3.1: what is written is read again', () => {
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const u16 = fc.nat(0xffff);
  const u8 = fc.nat(255);
  holds(
    fc.property(int32, int32, u16, u16, u8, u8, u8, (source, destination, id, fragment, ttl, tos, protocol) => {
      const bytes = new Uint8Array(40).fill(0xee);
      Ipv4.writeIpv4(bytes, 4, 30, protocol, source, destination, id, fragment, ttl, tos);
      expect(Ipv4.checkIpv4(bytes, 4, 40)).toBeNull();
      expect([Ipv4.source(bytes, 4), Ipv4.destination(bytes, 4)]).toEqual([source, destination]);
      expect([Ipv4.identification(bytes, 4), Ipv4.fragment(bytes, 4)]).toEqual([id, fragment]);
      expect([Ipv4.ttl(bytes, 4), Ipv4.tos(bytes, 4), Ipv4.protocol(bytes, 4)]).toEqual([ttl, tos, protocol]);
      expect([Ipv4.headerBytes(bytes, 4), Ipv4.totalLength(bytes, 4)]).toEqual([20, 30]);
      expect([bytes[3], bytes[24]]).toEqual([0xee, 0xee]);
    }),
  );
});

describe('RFC 791 §3.1, RFC 1122 §3.2.1: a header is refused by name', () => {
  test.each<[string, Uint8Array, number, Ipv4.Ipv4Fault | null]>([
    ['a right one', valid(), 46, null],
    ['one with no byte behind the packet', valid(), 40, null],
    ['19 bytes', valid(), 19, 'short-packet'],
    ['version 6', changed(0, 0x65), 46, 'bad-version'],
    ['a header of 16 bytes', changed(0, 0x44), 46, 'bad-header-length'],
    ['a header that ends beyond the bytes', changed(0, 0x4c), 46, 'bad-header-length'],
    ['a header of 24 bytes, options and all', changed(0, 0x46), 46, null],
    ['a total length below the header', changed(3, 19), 46, 'bad-total-length'],
    ['a total length beyond the bytes', changed(3, 47), 46, 'bad-total-length'],
    ['a wrong checksum', valid().fill(1, 8, 9), 46, 'bad-header-checksum'],
  ])('%s', (_, bytes, end, fault) => {
    expect(Ipv4.checkIpv4(bytes, 0, end)).toBe(fault);
  });
});

test.each([
  [0, false],
  [Ipv4.IPV4_DF, false],
  [0x8000, false],
  [Ipv4.IPV4_MF, true],
  [1, true],
  [0x1fff | Ipv4.IPV4_DF, true],
])('RFC 791 §3.2: with the fragment word %i, being a fragment is %s', (word, isFragment) => {
  const bytes = new Uint8Array(20);
  Ipv4.writeIpv4(bytes, 0, 20, 6, 0, 0, 0, word, 1, 0);
  expect(Ipv4.isFragment(bytes, 0)).toBe(isFragment);
});

test('RFC 9293 §3.1: the pseudo-header sums addresses and protocol, whatever their sign as int32', () => {
  expect(Ipv4.pseudoHeaderSum(0xffff_fffe | 0, 0x0001_0002, 6)).toBe(0xffff + 0xfffe + 1 + 2 + 6);
});
