/** The IPv6 header: written, checked and read back; its pseudo-header. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { toHex } from '../test/packets.ts';
import { HERE6, packet6, THERE6 } from '../test/packets6.ts';
import { onesSum } from './checksum.ts';
import { IpAddress, parseAddress } from './ip-address.ts';
import * as Ipv6 from './ipv6.ts';

const word = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const address = fc.tuple(word, word, word, word).map(([a, b, c, d]) => new IpAddress(a, b, c, d));

test('RFC 8200 §3: every field is read as it was written, and nothing else is touched', () => {
  holds(
    fc.property(
      fc.record({ tos: fc.nat(255), flow: fc.nat(0xf_ffff), next: fc.nat(255), hops: fc.nat(255), length: fc.nat(99) }),
      address,
      address,
      ({ tos, flow, next, hops, length }, from, to) => {
        const bytes = new Uint8Array(200).fill(0xee);
        Ipv6.writeIpv6(bytes, 7, 40 + length, next, from, to, hops, tos, flow);
        expect(Ipv6.checkIpv6(bytes, 7, 200)).toBeNull();
        expect([Ipv6.trafficClass(bytes, 7), Ipv6.flowLabel(bytes, 7)]).toEqual([tos, flow]);
        expect([Ipv6.payloadLength(bytes, 7), Ipv6.totalLength(bytes, 7)]).toEqual([length, 40 + length]);
        expect([Ipv6.nextHeader(bytes, 7), Ipv6.hopLimit(bytes, 7)]).toEqual([next, hops]);
        const read = [new IpAddress(), new IpAddress()] as const;
        Ipv6.readSource(bytes, 7, read[0]);
        Ipv6.readDestination(bytes, 7, read[1]);
        expect(read).toEqual([from, to]);
        expect([...bytes.subarray(0, 7), ...bytes.subarray(47)].every((byte) => byte === 0xee)).toBe(true);
      },
    ),
  );
});

test('RFC 8200 §3: the bytes of a header', () => {
  const bytes = new Uint8Array(40);
  const [from, to] = [parseAddress('2001:db8::1'), parseAddress('ff02::1:ff00:2')];
  Ipv6.writeIpv6(bytes, 0, 40 + 0x1234, 58, from as IpAddress, to as IpAddress, 255, 0xab, 0xcdef1);
  expect(toHex(bytes)).toBe(
    '6abcdef1 1234 3a ff 20010db8000000000000000000000001 ff0200000000000000000001ff000002'.replaceAll(' ', ''),
  );
});

test.each([
  ['39 bytes', 39, 0x60, 'short-packet'],
  ['version 4', 60, 0x45, 'bad-version'],
  ['a payload of 20 bytes of which 19 are there', 59, 0x60, 'bad-payload-length'],
  ['all of it', 60, 0x60, null],
  ['link padding behind it', 70, 0x60, null],
] as const)('RFC 8200 §3: %s', (_, end, first, fault) => {
  const bytes = new Uint8Array(70);
  bytes.set(packet6({ protocol: 6, payload: new Uint8Array(20) }));
  bytes[0] = first;
  expect(Ipv6.checkIpv6(bytes, 0, end)).toBe(fault);
});

test('RFC 8200 §8.1: the sum of the pseudo-header, from addresses and from a packet', () => {
  holds(
    fc.property(address, address, fc.nat(255), (from, to, protocol) => {
      const bytes = new Uint8Array(42);
      Ipv6.writeIpv6(bytes, 0, 40, protocol, from, to, 0, 0, 0);
      bytes[41] = protocol;
      const sum = Ipv6.pseudoHeaderSum6(from, to, protocol);
      expect(Ipv6.pseudoHeaderSumAt(bytes, 0, protocol)).toBe(sum);
      // Ones' complement: 0 and 0xffff are the same.
      expect(sum % 0xffff).toBe(onesSum(bytes, 8, 42) % 0xffff);
    }),
  );
  expect(Ipv6.pseudoHeaderSum6(HERE6, THERE6, 6)).toBe(2 * 0xfd00 + 3 + 6);
});
