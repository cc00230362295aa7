/** Completing a checksum that was left to the link. */

import { describe, expect, test } from 'vitest';
import { ascii, HERE, THERE, tcpPacket, toHex } from '../test/packets.ts';
import { fold, onesSum } from './checksum.ts';
import { decodePacket } from './decode.ts';
import { finishPacket } from './finish.ts';
import { IPV4_MF, PROTOCOL_TCP, PROTOCOL_UDP, pseudoHeaderSum, writeIpv4 } from './ipv4.ts';
import { putU16 } from './octets.ts';
import { ACK, startChecksum } from './tcp.ts';

const PSEUDO = pseudoHeaderSum(HERE, THERE, PROTOCOL_TCP);

/** An IPv4 packet of some protocol, its header right. */
function packet(protocol: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(20 + payload.length);
  writeIpv4(bytes, 0, bytes.length, protocol, HERE, THERE, 1, 0, 64, 0);
  bytes.set(payload, 20);
  return bytes;
}

test.each([0, 5, 60_000])('RFC 9293 §3.1 [MUST-2]: a TCP packet with %i bytes of data gets its whole checksum', (n) => {
  const right = tcpPacket({ flags: ACK, payload: new Uint8Array(n).fill(0x5a) });
  const partial = right.slice();
  startChecksum(partial, 20, partial.length, PSEUDO);
  expect(decodePacket(partial).fault).toEqual({ layer: 'tcp', name: 'bad-checksum' });
  expect(finishPacket(partial, 0, partial.length)).toBe(true);
  expect(partial).toEqual(right);
});

test('link padding behind the packet is neither summed nor touched', () => {
  const right = tcpPacket({ flags: ACK, payload: ascii('odd') });
  const bytes = new Uint8Array(right.length + 9).fill(0xee);
  bytes.set(right, 4);
  startChecksum(bytes, 24, 4 + right.length, PSEUDO);
  expect(finishPacket(bytes, 4, bytes.length)).toBe(true);
  expect(toHex(bytes)).toBe(`eeeeeeee${toHex(right)}eeeeeeeeee`);
});

describe('RFC 768: UDP, whose checksum is never sent as zero', () => {
  test('a datagram gets its whole checksum', () => {
    const bytes = packet(PROTOCOL_UDP, Uint8Array.of(0, 53, 0, 54, 0, 11, 0x12, 0x34, 1, 2, 3));
    expect(finishPacket(bytes, 0, bytes.length)).toBe(true);
    expect(fold(pseudoHeaderSum(HERE, THERE, PROTOCOL_UDP) + 11 + onesSum(bytes, 20, 31))).toBe(0xffff);
  });

  test('a sum of all ones is sent as all ones', () => {
    const bytes = packet(PROTOCOL_UDP, Uint8Array.of(0, 53, 0, 54, 0, 10, 0, 0, 0, 0));
    const rest = fold(pseudoHeaderSum(HERE, THERE, PROTOCOL_UDP) + 10 + onesSum(bytes, 20, 30));
    putU16(bytes, 28, 0xffff - rest);
    expect(finishPacket(bytes, 0, bytes.length)).toBe(true);
    expect(toHex(bytes.subarray(26, 28))).toBe('ffff');
  });
});

test.each<[string, Uint8Array]>([
  ['a fragment, whose checksum covers other packets too', tcpPacket({ flags: ACK, fragment: IPV4_MF })],
  ['a packet of another protocol', packet(1, new Uint8Array(20))],
  ['a TCP segment that is too short', packet(PROTOCOL_TCP, new Uint8Array(19))],
  ['a datagram that is too short', packet(PROTOCOL_UDP, new Uint8Array(7))],
  ['a packet with a damaged header', tcpPacket({ flags: ACK }).fill(0, 8, 9)],
  ['nothing', new Uint8Array(0)],
])('%s is left as it is', (_, bytes) => {
  const before = toHex(bytes);
  expect(finishPacket(bytes, 0, bytes.length)).toBe(false);
  expect(toHex(bytes)).toBe(before);
});
