import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ANY_IPV4,
  ANY_IPV6,
  commonPrefixBits,
  copyOf,
  formatAddress,
  formatIpv6,
  IpAddress,
  ipv4Address,
  isAny,
  isIpv4,
  isLinkLocal,
  isLoopback,
  isMulticast,
  parseAddress,
  readIpv4Address,
  readIpv6Address,
  sameAddress,
  samePrefix,
  setAddress,
  writeIpv6Address,
} from './ip-address.ts';

function parsed(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return address;
}

const words = fc.array(fc.oneof(fc.constantFrom(0, 1, 0xffff, -1, 0x10000), fc.integer()), {
  minLength: 4,
  maxLength: 4,
});
const anyAddress = words.map((w) => new IpAddress(...(w.map((word) => word | 0) as [number, number, number, number])));

describe('text', () => {
  test.each([
    ['2001:0db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
  ])('%s is written %s — RFC 5952 §4', (text, canonical) => {
    expect(formatAddress(parsed(text))).toBe(canonical);
  });

  test.each([
    ...['', ':', ':::', '1:2', '1:2:3:4:5:6:7:8:9', '1::2::3', '12345::', 'g::', '::1.2.3', '1.2.3.4::', '1:'],
    ...['1:2:3:4:5:6:7::8:9', '::1%lo', '1.2.3', '256.1.1.1', '1:2:3:4:5:6:1.2.3.4:8', '1:2:3:4:5:6:7:1.2.3.4'],
  ])('%j is no address', (text) => {
    expect(parseAddress(text)).toBeNull();
    expect(isIP(text.replace('%lo', ' '))).toBe(0);
  });

  test('what is written is read again, and Node takes it for an address', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        for (const text of [formatAddress(address), formatIpv6(address)]) {
          expect(sameAddress(parsed(text), address)).toBe(true);
          expect(isIP(text)).toBe(text.includes(':') ? 6 : 4);
        }
      }),
    );
  });

  test('an IPv6 socket shows IPv4 as mapped (RFC 4291 §2.5.5.2)', () => {
    expect(formatIpv6(parsed('192.0.2.1'))).toBe('::ffff:192.0.2.1');
    expect(sameAddress(parsed('::ffff:192.0.2.1'), ipv4Address(0xc0000201))).toBe(true);
  });
});

describe('kinds', () => {
  test.each([
    ['0.0.0.0', [isIpv4, isAny]],
    ['::', [isAny]],
    ['127.0.0.1', [isIpv4, isLoopback]],
    ['127.255.255.254', [isIpv4, isLoopback]],
    ['::1', [isLoopback]],
    ['224.0.0.1', [isIpv4, isMulticast]],
    ['239.255.255.255', [isIpv4, isMulticast]],
    ['240.0.0.1', [isIpv4]],
    ['ff02::1', [isMulticast]],
    ['169.254.3.4', [isIpv4, isLinkLocal]],
    ['fe80::1', [isLinkLocal]],
    ['febf::1', [isLinkLocal]],
    ['fec0::1', []],
    ['::2', []],
    ['::1:0:0:1', []],
    ['1::1', []],
    ['0:0:1::1', []],
    ['2001:db8::1', []],
  ])('%s', (text, kinds) => {
    const all = [isIpv4, isAny, isLoopback, isMulticast, isLinkLocal];
    expect(all.filter((is) => is(parsed(text)))).toEqual(kinds);
  });

  test('the constants are what they say', () => {
    expect(formatAddress(ANY_IPV4)).toBe('0.0.0.0');
    expect(formatAddress(ANY_IPV6)).toBe('::');
  });
});

describe('bits', () => {
  test.each([
    ['::', '8000::', 0],
    ['::', '::1', 127],
    ['2001:db8::', '2001:db8:8000::', 32],
    ['2001:db8::', '2001:db8:0:0:1::', 79],
    ['10.0.0.1', '10.0.0.2', 96 + 30],
    ['10.0.0.1', '10.0.0.1', 128],
  ])('%s and %s share %d', (a, b, bits) => {
    expect(commonPrefixBits(parsed(a), parsed(b))).toBe(bits);
    expect(samePrefix(parsed(a), parsed(b), bits)).toBe(true);
    if (bits < 128) expect(samePrefix(parsed(a), parsed(b), bits + 1)).toBe(false);
  });

  test('one that differs in any word is another', () => {
    const base = new IpAddress(1, 2, 3, 4);
    expect(sameAddress(base, copyOf(base))).toBe(true);
    for (const w of [[0, 2, 3, 4] as const, [1, 0, 3, 4] as const, [1, 2, 0, 4] as const, [1, 2, 3, 0] as const])
      expect(sameAddress(base, new IpAddress(...w))).toBe(false);
  });
});

describe('bytes', () => {
  test('16 bytes are written and read', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const bytes = new Uint8Array(20);
        writeIpv6Address(bytes, 3, address);
        const into = new IpAddress();
        readIpv6Address(bytes, 3, into);
        expect(into).toEqual(address);
        const other = new IpAddress();
        setAddress(other, into);
        expect(other).toEqual(address);
      }),
    );
  });

  test('4 bytes are read as a mapped address, whatever the record held', () => {
    const into = new IpAddress(1, 2, 3, 4);
    readIpv4Address(new Uint8Array([9, 192, 0, 2, 1]), 1, into);
    expect(formatAddress(into)).toBe('192.0.2.1');
  });
});
