/** ARP packets: check, read, write. */

import { expect, test } from 'vitest';
import { fromHex, toHex } from '../test/packets.ts';
import {
  ARP_BYTES,
  ARP_REPLY,
  ARP_REQUEST,
  checkArp,
  operation,
  senderIp,
  senderMac,
  targetIp,
  targetMac,
  writeArp,
} from './arp.ts';

const REQUEST = '0001 0800 06 04 0001 0260 8c9e188b c0000201 000000000000 c0000202';

test('a request stands on the wire field by field (RFC 826, "Packet format")', () => {
  const bytes = new Uint8Array(30).fill(0xee);
  writeArp(bytes, 1, ARP_REQUEST, 0x0260_8c9e_188b, 0xc000_0201 | 0, 0, 0xc000_0202 | 0);
  expect(toHex(bytes)).toBe(`ee${REQUEST.replaceAll(' ', '')}ee`);
});

test('what is written is read again', () => {
  const bytes = new Uint8Array(40);
  writeArp(bytes, 3, ARP_REPLY, 0xfeff_ffff_fffe, 1, 0x0200_0000_0001, -1);
  expect(checkArp(bytes, 3, 40)).toBeNull();
  expect(operation(bytes, 3)).toBe(ARP_REPLY);
  expect([senderMac(bytes, 3), senderIp(bytes, 3)]).toEqual([0xfeff_ffff_fffe, 1]);
  expect([targetMac(bytes, 3), targetIp(bytes, 3)]).toEqual([0x0200_0000_0001, -1]);
});

test.each([
  ['27 bytes', REQUEST.slice(0, -2), 'short-arp'],
  ['token ring', REQUEST.replace('0001 0800', '0006 0800'), 'not-ipv4-over-ethernet'],
  ['another protocol', REQUEST.replace('0800', '86dd'), 'not-ipv4-over-ethernet'],
  ['addresses of 8 bytes', REQUEST.replace('06 04', '08 04'), 'not-ipv4-over-ethernet'],
  ['protocol addresses of 16 bytes', REQUEST.replace('06 04', '06 10'), 'not-ipv4-over-ethernet'],
  ['reverse ARP', REQUEST.replace('06 04 0001', '06 04 0003'), 'bad-arp-operation'],
  ['operation 0', REQUEST.replace('06 04 0001', '06 04 0000'), 'bad-arp-operation'],
  ['a request', REQUEST, null],
])('%s: checked as in RFC 826, "Packet Reception"', (_, text, fault) => {
  const bytes = fromHex(text);
  expect(checkArp(bytes, 0, bytes.length)).toBe(fault);
});

test('filling up to the least length of a frame is not part of the packet', () => {
  const bytes = new Uint8Array(46);
  bytes.set(fromHex(REQUEST));
  expect(ARP_BYTES).toBe(28);
  expect(checkArp(bytes, 0, bytes.length)).toBeNull();
});
