/** The Ethernet II header: check, read, write, addresses as text. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import {
  checkEthernet,
  destination,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  etherType,
  formatMac,
  MAC_BROADCAST,
  parseMac,
  source,
  writeEthernet,
} from './ethernet.ts';

const mac = fc.oneof(fc.nat(MAC_BROADCAST), fc.constantFrom(0, MAC_BROADCAST, 0x8000_0000, 0xffff_ffff, 2 ** 47));

test('what is written is read again, and nothing around it is touched', () => {
  holds(
    fc.property(mac, mac, fc.integer({ min: 0x600, max: 0xffff }), fc.nat(5), (to, from, type, at) => {
      const bytes = new Uint8Array(at + 20).fill(0xee);
      expect(writeEthernet(bytes, at, to, from, type)).toBe(at + 14);
      expect(checkEthernet(bytes, at, at + 14)).toBeNull();
      expect([destination(bytes, at), source(bytes, at), etherType(bytes, at)]).toEqual([to, from, type]);
      expect([...bytes.subarray(0, at), ...bytes.subarray(at + 14)].every((byte) => byte === 0xee)).toBe(true);
    }),
  );
});

test('addresses stand on the wire first byte first', () => {
  const bytes = new Uint8Array(14);
  writeEthernet(bytes, 0, 0x0260_8c9e_188b, 0x0260_8c3b_85c1, ETHERTYPE_IPV4);
  expect([...bytes]).toEqual([0x02, 0x60, 0x8c, 0x9e, 0x18, 0x8b, 0x02, 0x60, 0x8c, 0x3b, 0x85, 0xc1, 8, 0]);
});

test('a frame of 13 bytes is short', () => {
  expect(checkEthernet(new Uint8Array(20), 3, 16)).toBe('short-frame');
});

test.each([
  [0x05ff, 'not-ethernet-ii'],
  [0x0600, null],
  [ETHERTYPE_ARP, null],
])('a type field of %i is checked as %s: below 0x600 it is a length', (type, fault) => {
  const bytes = new Uint8Array(14);
  writeEthernet(bytes, 0, 1, 2, type);
  expect(checkEthernet(bytes, 0, 14)).toBe(fault);
});

test('an address as text is the same address again', () => {
  expect(formatMac(0x0260_8c9e_188b)).toBe('02:60:8c:9e:18:8b');
  expect(parseMac('02:60:8C:9E:18:8B')).toBe(0x0260_8c9e_188b);
  holds(
    fc.property(mac, (address) => {
      expect(parseMac(formatMac(address))).toBe(address);
    }),
  );
});

test.each(['', '02:60:8c:9e:18', '02:60:8c:9e:18:8b:00', '2:60:8c:9e:18:8b', '02-60-8c-9e-18-8b', '0g:60:8c:9e:18:8b'])(
  'the text "%s" is no address',
  (text) => {
    expect(parseMac(text)).toBeNull();
  },
);
