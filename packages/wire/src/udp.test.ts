/** The UDP header and its checksum, over both families. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { ascii } from '../test/packets.ts';
import { HERE6, THERE6, udp6 } from '../test/packets6.ts';
import { pseudoHeaderSum6 } from './ipv6.ts';
import * as Udp from './udp.ts';

const PSEUDO = pseudoHeaderSum6(HERE6, THERE6, 17);

test('RFC 768: every field is read as it was written, and the checksum covers header, data and addresses', () => {
  holds(
    fc.property(fc.nat(0xffff), fc.nat(0xffff), fc.uint8Array({ maxLength: 60 }), (from, to, data) => {
      const end = 5 + 8 + data.length;
      const bytes = new Uint8Array(end + 3).fill(0xee);
      bytes.set(data, 13);
      Udp.writeUdp(bytes, 5, from, to, 8 + data.length);
      Udp.finishChecksum(bytes, 5, end, PSEUDO);
      expect(Udp.checkUdp(bytes, 5, end + 3)).toBeNull();
      expect([Udp.sourcePort(bytes, 5), Udp.destinationPort(bytes, 5)]).toEqual([from, to]);
      expect(Udp.lengthBytes(bytes, 5)).toBe(8 + data.length);
      expect(Udp.checksumValid(bytes, 5, PSEUDO, 6)).toBe(true);
      expect(Udp.checksumValid(bytes, 5, PSEUDO + 1, 6)).toBe(false);
      expect([...bytes.subarray(0, 5), ...bytes.subarray(end)].every((byte) => byte === 0xee)).toBe(true);
    }),
  );
});

test('RFC 768: a datagram with any one bit turned has a bad checksum', () => {
  const bytes = udp6(ascii('abc'));
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (0x80 >> (bit & 7));
    const found = Udp.checkUdp(damaged, 0, damaged.length) !== null || !Udp.checksumValid(damaged, 0, PSEUDO, 6);
    expect(found, `bit ${bit}`).toBe(true);
  }
});

test('no checksum is good over IPv4 (RFC 768) and not over IPv6 (RFC 8200 §8.1)', () => {
  const bytes = udp6(ascii('abc')).fill(0, 6, 8);
  expect(Udp.checksumValid(bytes, 0, 1, 4)).toBe(true);
  expect(Udp.checksumValid(bytes, 0, PSEUDO, 6)).toBe(false);
});

test('RFC 768: a sum of zero is sent as all ones', () => {
  const bytes = new Uint8Array(10);
  Udp.writeUdp(bytes, 0, 0, 0, 10);
  // Ports and data are zero, so pseudo-header and length twice make all.
  Udp.finishChecksum(bytes, 0, 10, 0xffff - 20);
  expect(Udp.checksum(bytes, 0)).toBe(0xffff);
  expect(Udp.checksumValid(bytes, 0, 0xffff - 20, 4)).toBe(true);
});

test.each([
  ['7 bytes', 7, 8, 'short-datagram'],
  ['a length of 7', 12, 7, 'bad-udp-length'],
  ['a length beyond the packet', 12, 13, 'bad-udp-length'],
  ['bytes behind it', 12, 8, null],
])('RFC 768: %s', (_, end, length, fault) => {
  const bytes = new Uint8Array(20);
  bytes[5] = length;
  expect(Udp.checkUdp(bytes, 0, end)).toBe(fault);
});
