/** The page of a packet: what the published frames do not show. */

import { seq } from '@tcpstack/seq/seq';
import { describe, expect, test } from 'vitest';
import { ascii, fromHex, HERE, THERE, tcpPacket } from '../test/packets.ts';
import { writeEthernet } from './ethernet.ts';
import { ICMP_ECHO_REQUEST, writeEcho } from './icmp.ts';
import { IPV4_MF, writeIpv4 } from './ipv4.ts';
import { pageOfFrame, pageOfPacket } from './page.ts';
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from './tcp.ts';

test('a raw packet has no Ethernet lines, and its dump starts at its IP header', () => {
  const page = pageOfPacket(tcpPacket({ flags: SYN }));
  expect(page).not.toContain('ETHERNET');
  expect(page).toMatch(/^TCP: \.\.\.\.S\., len: 0, seq: 1234-1234/);
  expect(page).toContain('\n\n00000:  45 00 00 28 00 01 40 00 ');
});

test('every option has its kind, its length and its value on lines of their own, then the padding', () => {
  const options = '020405b4 0402 080a0000000700000008 030307 01 050a 00000bb8 00000fa0 fd03aa 00 0000';
  const page = pageOfPacket(tcpPacket({ flags: ACK, options }));
  const shown = page.split('\n').filter((line) => /Option|Timestamp|Block|Padding|Bytes/.test(line));
  expect(shown).toEqual([
    'TCP: Option Kind (maximum segment size) = 2 (0x02)',
    'TCP:   Option Length = 4 (0x04)',
    'TCP:   Option Value = 1460 (0x05b4)',
    'TCP: Option Kind (SACK permitted) = 4 (0x04)',
    'TCP:   Option Length = 2 (0x02)',
    'TCP: Option Kind (timestamps) = 8 (0x08)',
    'TCP:   Option Length = 10 (0x0a)',
    'TCP:   Timestamp Value = 7 (0x00000007)',
    'TCP:   Timestamp Echo Reply = 8 (0x00000008)',
    'TCP: Option Kind (window scale) = 3 (0x03)',
    'TCP:   Option Length = 3 (0x03)',
    'TCP:   Option Value = 7 (0x07)',
    'TCP: Option Kind (no operation) = 1 (0x01)',
    'TCP: Option Kind (SACK) = 5 (0x05)',
    'TCP:   Option Length = 10 (0x0a)',
    'TCP:   Block = 3000-4000 (0x00000bb8-0x00000fa0)',
    'TCP: Option Kind (unknown) = 253 (0xfd)',
    'TCP:   Option Length = 3 (0x03)',
    'TCP:   Bytes = 0xfd03aa',
    'TCP: Option Kind (end of option list) = 0 (0x00)',
    'TCP: Header Padding = 0x0000',
  ]);
});

test('RFC 9293 §3.1: each control bit stands in its place with what it means', () => {
  const set = pageOfPacket(tcpPacket({ flags: CWR | ECE | URG | ACK | PSH | RST | SYN | FIN }));
  const bits = set.split('\n').filter((line) => /= (CWR|ECE|URG|ACK|PSH|RST|SYN|FIN): /.test(line));
  expect(bits).toEqual([
    'TCP:   1....... = CWR: congestion window reduced',
    'TCP:   .1...... = ECE: congestion echoed, or ECN offered',
    'TCP:   ..1..... = URG: urgent pointer counts',
    'TCP:   ...1.... = ACK: acknowledgment number counts',
    'TCP:   ....1... = PSH: push to the application',
    'TCP:   .....1.. = RST: reset the connection',
    'TCP:   ......1. = SYN: synchronize sequence numbers',
    'TCP:   .......1 = FIN: sender has no more data',
  ]);
});

test('numbers relative to the initial ones stand beside the absolute ones', () => {
  const base = { seqBase: seq(1000), ackBase: seq(2000) };
  const bytes = tcpPacket({ flags: ACK, seq: seq(1001), ack: seq(2001) });
  const page = pageOfPacket(bytes, 0, bytes.length, base);
  expect(page).toContain('TCP: Sequence Number = 1001 (0x000003e9), relative 1\n');
  expect(page).toContain('TCP: Acknowledgment Number = 2001 (0x000007d1), relative 1\n');
  const syn = tcpPacket({ flags: SYN, seq: seq(1000) });
  expect(pageOfPacket(syn, 0, syn.length, base)).toContain('TCP: Acknowledgment Number = 0 (0x00000000)\n');
});

test('data is shown by its length and its first bytes', () => {
  expect(pageOfPacket(tcpPacket({ flags: ACK, payload: ascii('G') }))).toContain('TCP: Data = 1 byte (0x47)\n');
  expect(pageOfPacket(tcpPacket({ flags: ACK, payload: new Uint8Array(17) }))).toContain(
    `TCP: Data = 17 bytes (0x${'00'.repeat(16)}...)\n`,
  );
});

test('the dump gives offset, bytes and characters, a dot for each that cannot be printed', () => {
  const page = pageOfPacket(tcpPacket({ flags: ACK, payload: fromHex('1f207e7f80 2e') }));
  expect(page).toMatch(/\n00020: {2}[0-9a-f ]{23} 1f 20 7e 7f 80 2e {8,}.{8}\. ~\.\.\.$/);
});

test('an echo request is shown field by field', () => {
  const bytes = new Uint8Array(30);
  writeIpv4(bytes, 0, 30, 1, HERE, THERE, 1, 0, 64, 0);
  writeEcho(bytes, 20, 30, ICMP_ECHO_REQUEST, 7, 3);
  const page = pageOfPacket(bytes);
  expect(page).toContain('ICMP: Type = 8 (0x08) echo request\nICMP: Code = 0 (0x00)\n');
  expect(page).toContain('ICMP: Identifier = 7 (0x0007)\nICMP: Sequence = 3 (0x0003)\nICMP: Data = 2 bytes\n');
});

test('another ICMP message has no identifier', () => {
  const bytes = new Uint8Array(28);
  writeIpv4(bytes, 0, 28, 1, HERE, THERE, 1, 0, 64, 0);
  bytes.set(fromHex('0303fcfc'), 20);
  expect(pageOfPacket(bytes)).toContain('ICMP: Type = 3 (0x03) destination unreachable\n');
  expect(pageOfPacket(bytes)).not.toContain('ICMP: Identifier');
});

describe('damage is named, and the rest is shown', () => {
  test('a wrong checksum', () => {
    const bytes = tcpPacket({ flags: SYN });
    bytes[36] = 0;
    const page = pageOfPacket(bytes);
    expect(page).toMatch(/TCP: Checksum = 0x00[0-9a-f]{2} \(wrong\)/);
    expect(page).toContain('FAULT: tcp: bad-checksum\n');
  });

  test('a malformed option', () => {
    expect(pageOfPacket(tcpPacket({ flags: SYN, options: '01020000' }))).toContain(
      'TCP: Option Kind (malformed) = 2 (0x02)\nTCP:   Bytes = 0x020000\n',
    );
  });

  test('a fragment, a short frame, a frame of another type, no bytes at all', () => {
    expect(pageOfPacket(tcpPacket({ flags: SYN, fragment: IPV4_MF }))).toContain(
      'not checked: the segment is not whole',
    );
    expect(pageOfFrame(new Uint8Array(3))).toBe(
      `[short-frame] 3 bytes\n\nFAULT: ethernet: short-frame\n\n00000:  00 00 00${' '.repeat(41)}...`,
    );
    const other = new Uint8Array(20);
    writeEthernet(other, 0, 1, 2, 0x88cc);
    expect(pageOfFrame(other)).toMatch(/^ETHERNET: type 0x88cc, 20 bytes\n/);
    expect(pageOfFrame(other)).toContain('ETHERNET: Type = 0x88cc\n');
    expect(pageOfPacket(new Uint8Array(0))).toContain('[short-packet] 0 bytes');
  });

  test('IPv4 options and fragments', () => {
    const bytes = new Uint8Array(44);
    bytes.set(tcpPacket({ flags: SYN, fragment: IPV4_MF | 5 }));
    bytes[0] = 0x46;
    const page = pageOfPacket(bytes);
    expect(page).toContain('IP: Options = 0xa8ca0050\n');
    expect(page).toContain('IP:   ..1 = more fragments follow\nIP: Fragment Offset = 40 bytes (0x0028)\n');
    expect(page).toContain('IP:   .0. = may be fragmented\n');
  });
});
