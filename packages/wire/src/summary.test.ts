/** One line for a packet: TCP in tcpdump's manner and in the network monitor's, and all that is not TCP. */

import { seq } from '@tcpstack/seq/seq';
import { describe, expect, test } from 'vitest';
import { ascii, fromHex, HERE, THERE, tcpPacket } from '../test/packets.ts';
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST, writeEcho } from './icmp.ts';
import { IPV4_MF, writeIpv4 } from './ipv4.ts';
import { flagDots, monitorLine, type RelativeTo, summarizePacket } from './summary.ts';
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from './tcp.ts';

const ENDS = '10.77.0.1.43210 > 10.77.0.2.80';

function line(bytes: Uint8Array, base: RelativeTo | null = null): string {
  return summarizePacket(bytes, 0, bytes.length, base);
}

function monitor(bytes: Uint8Array, base: RelativeTo | null = null): string {
  return monitorLine(bytes, 0, bytes.length, base);
}

function packet(protocol: number, payload: Uint8Array, fragment = 0): Uint8Array {
  const bytes = new Uint8Array(20 + payload.length);
  writeIpv4(bytes, 0, bytes.length, protocol, HERE, THERE, 9, fragment, 64, 0);
  bytes.set(payload, 20);
  return bytes;
}

describe('the line of a segment', () => {
  test('a SYN with the options that Linux sends', () => {
    expect(line(tcpPacket({ flags: SYN, options: '020405b4 0402 080a0000000700000000 01 030307' }))).toBe(
      `${ENDS}: Flags [S], seq 1234, win 64240, options [mss 1460,sackOK,TS val 7 ecr 0,nop,wscale 7], length 0`,
    );
  });

  test('data is shown from its first number to the next', () => {
    const bytes = tcpPacket({ flags: ACK | PSH, seq: seq(107), ack: seq(501), payload: new Uint8Array(100) });
    expect(line(bytes)).toBe(`${ENDS}: Flags [P.], seq 107:207, ack 501, win 64240, length 100`);
  });

  test('a bare ACK shows no sequence number; FIN and RST do', () => {
    expect(line(tcpPacket({ flags: ACK, ack: seq(9) }))).toBe(`${ENDS}: Flags [.], ack 9, win 64240, length 0`);
    expect(line(tcpPacket({ flags: ACK | FIN, ack: seq(9) }))).toContain('Flags [F.], seq 1234, ack 9');
    expect(line(tcpPacket({ flags: RST }))).toContain('Flags [R], seq 1234, win');
  });

  test('all eight control bits have a letter, none has "none", and the urgent pointer counts with URG alone', () => {
    const all = FIN | SYN | RST | PSH | ACK | URG | ECE | CWR;
    expect(line(tcpPacket({ flags: all, urgent: 5 }))).toContain(
      'Flags [FSRP.UEW], seq 1234, ack 0, win 64240, urg 5,',
    );
    expect(line(tcpPacket({ flags: 0, urgent: 5 }))).toBe(`${ENDS}: Flags [none], win 64240, length 0`);
  });

  test('numbers relative to the initial ones, modulo 2^32, in SACK blocks too', () => {
    const base = { seqBase: seq(0xffff_ffff), ackBase: seq(1000) };
    const options = '0101 0512 00000bb8 00000fa0 000003e8 000003e9';
    const bytes = tcpPacket({ flags: ACK, seq: seq(0), ack: seq(1001), options, payload: ascii('abc') });
    expect(line(bytes, base)).toBe(
      `${ENDS}: Flags [.], seq 1:4, ack 1, win 64240, options [nop,nop,sack 2 {2000:3000}{0:1}], length 3`,
    );
  });

  test('a range that goes round the wrap', () => {
    expect(line(tcpPacket({ flags: 0, seq: seq(0xffff_fffe), payload: ascii('abcd') }))).toContain('seq 4294967294:2,');
  });

  test('unknown and malformed options, and what follows the end of the list', () => {
    expect(line(tcpPacket({ flags: ACK, options: 'fe04abcd 0000 0000' }))).toContain(
      'options [unknown-254 0xfe04abcd,eol,padding 0x000000]',
    );
    expect(line(tcpPacket({ flags: ACK, options: '0303 0701' }))).toContain('options [wscale 7,nop]');
    expect(line(tcpPacket({ flags: ACK, options: '01020500' }))).toContain('options [nop,malformed 0x020500]');
  });
});

describe('RFC 9293 §3.1: the line of a network monitor', () => {
  test('the six bits in the order URG ACK PSH RST SYN FIN, a dot for each that is clear', () => {
    expect(flagDots(SYN)).toBe('....S.');
    expect(flagDots(URG | ACK | PSH | RST | SYN | FIN)).toBe('UAPRSF');
    expect(flagDots(ECE | CWR)).toBe('......');
  });

  test.each([
    ['a SYN takes one number', { flags: SYN }, '....S., len: 0, seq: 1234-1234'],
    ['a bare ACK takes none', { flags: ACK }, '.A...., len: 0, seq: 1234-1234'],
    ['three bytes take three', { flags: ACK, payload: ascii('abc') }, '.A...., len: 3, seq: 1234-1236'],
    ['a FIN takes one behind its data', { flags: FIN, payload: ascii('abc') }, '.....F, len: 3, seq: 1234-1237'],
  ])('%s', (_, fields, expected) => {
    expect(monitor(tcpPacket(fields))).toBe(`TCP: ${expected}, ack: 0, win: 64240, src: 43210 dst: 80`);
  });

  test('relative numbers; an acknowledgment number without ACK stays as it is', () => {
    const base = { seqBase: seq(1234), ackBase: seq(500) };
    expect(monitor(tcpPacket({ flags: ACK, ack: seq(501) }), base)).toContain('seq: 0-0, ack: 1,');
    expect(monitor(tcpPacket({ flags: SYN }), base)).toContain('seq: 0-0, ack: 0,');
  });

  test('what is not TCP is shown as in the other form', () => {
    const bytes = packet(17, new Uint8Array(8));
    expect(monitor(bytes)).toBe(line(bytes));
  });
});

describe('what is not TCP, or not right', () => {
  test.each([
    [ICMP_ECHO_REQUEST, 'echo request'],
    [ICMP_ECHO_REPLY, 'echo reply'],
  ] as const)('ICMP of type %i is an %s', (type, name) => {
    const bytes = packet(1, new Uint8Array(64));
    writeEcho(bytes, 20, 84, type, 7, 3);
    expect(line(bytes)).toBe(`10.77.0.1 > 10.77.0.2: ICMP ${name}, id 7, seq 3, length 64`);
  });

  test('another ICMP message by its type and code', () => {
    const bytes = packet(1, fromHex('0303fcfc 00000000'));
    expect(line(bytes)).toBe('10.77.0.1 > 10.77.0.2: ICMP type 3 code 3, length 8');
  });

  test('another protocol by its number', () => {
    expect(line(packet(132, new Uint8Array(8)))).toBe('10.77.0.1 > 10.77.0.2: protocol 132, length 8');
  });

  test('fragments: the first of several shows its header, the others where they belong', () => {
    expect(line(tcpPacket({ flags: SYN, fragment: IPV4_MF }))).toContain('Flags [S], seq 1234');
    expect(line(packet(6, new Uint8Array(16), IPV4_MF | 185))).toBe(
      '10.77.0.1 > 10.77.0.2: protocol 6, fragment of 9 at 1480+, length 16',
    );
    expect(line(packet(6, new Uint8Array(16), 187))).toBe(
      '10.77.0.1 > 10.77.0.2: protocol 6, fragment of 9 at 1496, length 16',
    );
    expect(line(packet(1, new Uint8Array(16), IPV4_MF))).toBe(
      '10.77.0.1 > 10.77.0.2: protocol 1, fragment of 9 at 0+, length 16',
    );
  });

  test('a fault is named at the end, or alone when nothing could be read', () => {
    const damaged = tcpPacket({ flags: SYN });
    damaged[36] = 0;
    expect(line(damaged)).toBe(`${ENDS}: Flags [S], seq 1234, win 64240, length 0 [bad-checksum]`);
    expect(monitor(damaged)).toMatch(/dst: 80 \[bad-checksum\]$/);
    expect(line(packet(6, new Uint8Array(12)))).toBe('10.77.0.1 > 10.77.0.2: protocol 6, length 12 [short-segment]');
    expect(line(packet(1, fromHex('0800000000000000')))).toContain(
      'echo request, id 0, seq 0, length 8 [bad-icmp-checksum]',
    );
    expect(line(new Uint8Array(12))).toBe('[short-packet] 12 bytes');
    expect(line(tcpPacket({ flags: SYN }).fill(1, 8, 9))).toMatch(/length 0 \[bad-header-checksum\]$/);
  });
});
