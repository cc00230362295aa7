/** ICMP echo: check, read, answer in place (RFC 792; RFC 1122 §3.2.2.6). */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import * as Icmp from './icmp.ts';

function request(identifier: number, sequence: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Icmp.ICMP_HEADER_BYTES + data.length);
  bytes.set(data, Icmp.ICMP_HEADER_BYTES);
  Icmp.writeEcho(bytes, 0, bytes.length, Icmp.ICMP_ECHO_REQUEST, identifier, sequence);
  return bytes;
}

const u16 = fc.nat(0xffff);

test('RFC 1122 §3.2.2.6: a reply has the identifier, the sequence number and all data of its request', () => {
  holds(
    fc.property(u16, u16, fc.uint8Array({ maxLength: 200 }), (identifier, sequence, data) => {
      const bytes = request(identifier, sequence, data);
      expect(Icmp.checkIcmp(bytes, 0, bytes.length)).toBeNull();
      expect(Icmp.type(bytes, 0)).toBe(Icmp.ICMP_ECHO_REQUEST);
      Icmp.writeEchoReply(bytes, 0, bytes.length);
      expect(Icmp.checkIcmp(bytes, 0, bytes.length)).toBeNull();
      expect([Icmp.type(bytes, 0), Icmp.code(bytes, 0)]).toEqual([Icmp.ICMP_ECHO_REPLY, 0]);
      expect([Icmp.identifier(bytes, 0), Icmp.sequence(bytes, 0)]).toEqual([identifier, sequence]);
      expect(bytes.subarray(Icmp.ICMP_HEADER_BYTES)).toEqual(data);
    }),
  );
});

test('RFC 792: a reply made of zeros alone still has a checksum that verifies', () => {
  const bytes = request(0, 0, new Uint8Array(10));
  Icmp.writeEchoReply(bytes, 0, bytes.length);
  expect(Icmp.checksum(bytes, 0)).toBe(0xffff);
  expect(Icmp.checkIcmp(bytes, 0, bytes.length)).toBeNull();
});

test('a message inside a larger array is answered without touching what is around it', () => {
  const bytes = new Uint8Array(40).fill(0xee);
  bytes.set(request(1, 2, Uint8Array.of(3, 4, 5)), 7);
  Icmp.writeEchoReply(bytes, 7, 18);
  expect(Icmp.checkIcmp(bytes, 7, 18)).toBeNull();
  expect([...bytes.subarray(0, 7), ...bytes.subarray(18)].every((byte) => byte === 0xee)).toBe(true);
});

test('RFC 1122 §3.2.2: a message of 7 bytes is short', () => {
  expect(Icmp.checkIcmp(new Uint8Array(20), 1, 8)).toBe('short-message');
});

test('RFC 792: a message with any one bit turned has a bad checksum', () => {
  const bytes = request(77, 3, Uint8Array.of(1, 2, 3));
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(Icmp.checkIcmp(damaged, 0, damaged.length)).toBe('bad-icmp-checksum');
  }
});
