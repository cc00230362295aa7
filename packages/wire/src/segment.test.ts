/** A segment is checked once and told in the RFC's names (RFC 9293 §3.1). */

import { seq } from '@tcpstack/seq/seq';
import { describe, expect, test } from 'vitest';
import { ascii, HERE, THERE, tcpPacket } from '../test/packets.ts';
import { fold } from './checksum.ts';
import { pseudoHeaderSum } from './ipv4.ts';
import { createSegment, readSegment } from './segment.ts';
import * as Tcp from './tcp.ts';

const PSEUDO = pseudoHeaderSum(HERE, THERE, 6);

test('RFC 9293 §3.1: every field of the header, and the payload by its place', () => {
  const bytes = tcpPacket({
    flags: Tcp.ACK | Tcp.PSH | Tcp.URG,
    seq: seq(0xffff_fff0),
    ack: seq(0x8000_0001),
    window: 0xffff,
    urgent: 0xfffe,
    options: '020405b4',
    payload: ascii('hello'),
  });
  const segment = createSegment();
  expect(readSegment(bytes, 20, bytes.length, PSEUDO, false, segment)).toBeNull();
  expect(segment).toMatchObject({
    sourcePort: 43_210,
    destinationPort: 80,
    seq: seq(0xffff_fff0),
    ack: seq(0x8000_0001),
    flags: Tcp.ACK | Tcp.PSH | Tcp.URG,
    wndRaw: 65_535, // [MUST-1] unsigned
    up: 65_534,
    len: 5,
  });
  expect(segment.bytes).toBe(bytes);
  expect(segment.bytes.subarray(segment.payloadAt, segment.payloadEnd)).toEqual(ascii('hello'));
  expect(segment.options.mssBytes).toBe(1460);
  expect(Tcp.reserved(bytes, 20)).toBe(0);
});

test.each([
  [Tcp.SYN, 1],
  [Tcp.FIN, 1],
  [Tcp.SYN | Tcp.FIN, 2],
  [Tcp.RST | Tcp.ACK, 0],
])('RFC 9293 §3.4: with the control bits %i, SEG.LEN counts %i beside the data', (flags, extra) => {
  const bytes = tcpPacket({ flags, payload: ascii('abc') });
  const segment = createSegment();
  expect(readSegment(bytes, 20, bytes.length, PSEUDO, false, segment)).toBeNull();
  expect(segment.len).toBe(3 + extra);
});

describe('a segment is refused by name', () => {
  test.each([
    ['19 bytes', 39, 5, 'short-segment'],
    ['a header of 16 bytes', 44, 4, 'bad-data-offset'],
    ['a header that ends beyond the segment', 44, 7, 'bad-data-offset'],
  ])('RFC 9293 §3.1: %s', (_, end, words, fault) => {
    const bytes = tcpPacket({ flags: Tcp.ACK, options: '01010101' });
    bytes[32] = words << 4;
    expect(readSegment(bytes, 20, end, PSEUDO, true, createSegment())).toBe(fault);
  });

  test('RFC 9293 §3.1 [MUST-3]: a wrong checksum, unless it was vouched for below', () => {
    const bytes = tcpPacket({ flags: Tcp.ACK, payload: ascii('hello') });
    bytes[43] = 0x00;
    expect(readSegment(bytes, 20, bytes.length, PSEUDO, false, createSegment())).toBe('bad-checksum');
    expect(readSegment(bytes, 20, bytes.length, PSEUDO, true, createSegment())).toBeNull();
  });

  test('RFC 9293 §3.1 [MUST-3]: a segment for other addresses has a wrong checksum', () => {
    const bytes = tcpPacket({ flags: Tcp.ACK });
    const other = pseudoHeaderSum(HERE, THERE + 1, 6);
    expect(readSegment(bytes, 20, bytes.length, other, false, createSegment())).toBe('bad-checksum');
  });
});

test('RFC 9293 §3.1 [MUST-2]: a started checksum holds the pseudo-header alone, and finishing makes it right', () => {
  const bytes = tcpPacket({ flags: Tcp.ACK, payload: ascii('odd') });
  const right = Tcp.checksum(bytes, 20);
  Tcp.startChecksum(bytes, 20, bytes.length, PSEUDO);
  expect(Tcp.checksum(bytes, 20)).toBe(fold(PSEUDO + bytes.length - 20));
  expect(Tcp.checksumValid(bytes, 20, bytes.length, PSEUDO)).toBe(false);
  Tcp.finishChecksum(bytes, 20, bytes.length, PSEUDO);
  expect(Tcp.checksum(bytes, 20)).toBe(right);
  expect(Tcp.checksumValid(bytes, 20, bytes.length, PSEUDO)).toBe(true);
});
