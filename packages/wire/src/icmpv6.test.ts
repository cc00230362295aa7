/** ICMPv6: echo and the shape of errors, with the pseudo-header in the checksum. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { ascii } from '../test/packets.ts';
import { HERE6, ping6, THERE6 } from '../test/packets6.ts';
import * as Icmpv6 from './icmpv6.ts';
import { pseudoHeaderSum6 } from './ipv6.ts';

const PSEUDO = pseudoHeaderSum6(HERE6, THERE6, 58);

test('RFC 4443 §4.2: a reply has the identifier, the sequence number and all data of its request', () => {
  const u16 = fc.nat(0xffff);
  holds(
    fc.property(u16, u16, fc.uint8Array({ maxLength: 80 }), (identifier, sequence, data) => {
      const bytes = new Uint8Array(8 + data.length);
      bytes.set(data, 8);
      Icmpv6.writeEcho6(bytes, 0, bytes.length, Icmpv6.ICMPV6_ECHO_REPLY, identifier, sequence, PSEUDO);
      expect(Icmpv6.checkIcmpv6(bytes, 0, bytes.length, PSEUDO)).toBeNull();
      expect([Icmpv6.type(bytes, 0), Icmpv6.code(bytes, 0), Icmpv6.isError(bytes, 0)]).toEqual([129, 0, false]);
      expect([Icmpv6.identifier(bytes, 0), Icmpv6.sequence(bytes, 0)]).toEqual([identifier, sequence]);
      expect(bytes.subarray(8)).toEqual(data);
    }),
  );
});

test('RFC 4443 §2.3: the checksum covers the addresses, and every bit of the message', () => {
  const bytes = ping6(ascii('abc'));
  expect(Icmpv6.checkIcmpv6(bytes, 0, bytes.length, PSEUDO)).toBeNull();
  expect(Icmpv6.checkIcmpv6(bytes, 0, bytes.length, PSEUDO + 1)).toBe('bad-icmpv6-checksum');
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(Icmpv6.checkIcmpv6(damaged, 0, damaged.length, PSEUDO)).toBe('bad-icmpv6-checksum');
  }
});

test('RFC 4443 §3.2, §3.4: the word of an error message is an MTU or a pointer, unsigned', () => {
  const bytes = new Uint8Array(20);
  Icmpv6.writeMessage6(bytes, 2, 18, Icmpv6.ICMPV6_PACKET_TOO_BIG, 0, 0xffff_ffff, PSEUDO);
  expect([Icmpv6.type(bytes, 2), Icmpv6.word(bytes, 2), Icmpv6.isError(bytes, 2)]).toEqual([2, 0xffff_ffff, true]);
  expect(Icmpv6.checkIcmpv6(bytes, 2, 18, PSEUDO)).toBeNull();
  expect(Icmpv6.checksum(bytes, 2)).not.toBe(0);
});

test('RFC 4443 §2.1: a message of 7 bytes is short', () => {
  expect(Icmpv6.checkIcmpv6(new Uint8Array(20), 1, 8, 0)).toBe('short-message');
});
