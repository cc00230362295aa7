/** IPv6 packets as objects, lines and pages, and their checksums completed. */

import { seq } from '@tcpstack/seq/seq';
import { describe, expect, test } from 'vitest';
import { decodeFrame, decodePacket } from '../src/decode.ts';
import { ETHERTYPE_IPV6, writeEthernet } from '../src/ethernet.ts';
import { finishPacket } from '../src/finish.ts';
import { writeMessage6 } from '../src/icmpv6.ts';
import { PROTOCOL_UDP, writeIpv4 } from '../src/ipv4.ts';
import { pseudoHeaderSum6 } from '../src/ipv6.ts';
import { pageOfFrame, pageOfPacket } from '../src/page.ts';
import { monitorLine, summarizePacket } from '../src/summary.ts';
import { ACK, finishChecksum, startChecksum, writeTcp } from '../src/tcp.ts';
import { ascii, HERE, THERE, toHex } from './packets.ts';
import { HERE6, packet6, ping6, THERE6, udp6 } from './packets6.ts';

const PAD = '010400000000';

function line(bytes: Uint8Array): string {
  return summarizePacket(bytes, 0, bytes.length);
}

function tcp6(): Uint8Array {
  const bytes = packet6({ protocol: 6, payload: new Uint8Array(23) });
  writeTcp(bytes, 40, 43_210, 80, seq(1234), seq(9), 20, ACK, 500, 0);
  finishChecksum(bytes, 40, 63, pseudoHeaderSum6(HERE6, THERE6, 6));
  return bytes;
}

/** A message of this type and code. */
function message(type: number, code: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeMessage6(bytes, 0, 8, type, code, 1280, pseudoHeaderSum6(HERE6, THERE6, 58));
  return packet6({ protocol: 58, payload: bytes });
}

describe('one line', () => {
  test.each<[string, Uint8Array, string]>([
    ['TCP', tcp6(), 'fd00::1.43210 > fd00::2.80: Flags [.], seq 1234:1237, ack 9, win 500, length 3'],
    ['UDP', packet6({ protocol: 17, payload: udp6(ascii('abc')) }), 'fd00::1.1000 > fd00::2.53: UDP, length 3'],
    [
      'ping',
      packet6({ protocol: 58, payload: ping6(ascii('abc')) }),
      'fd00::1 > fd00::2: ICMP6, echo request, id 7, seq 3, length 11',
    ],
    ['an error', message(1, 4), 'fd00::1 > fd00::2: ICMP6, destination unreachable code 4, length 8'],
    ['an error of code 0', message(2, 0), 'fd00::1 > fd00::2: ICMP6, packet too big, length 8'],
    ['an unknown message', message(200, 1), 'fd00::1 > fd00::2: ICMP6, type 200 code 1, length 8'],
    [
      'another protocol',
      packet6({ protocol: 59, payload: new Uint8Array(0) }),
      'fd00::1 > fd00::2: protocol 59, length 0',
    ],
    [
      'a damaged header',
      packet6({ protocol: 6, payload: new Uint8Array(9) }).subarray(0, 48),
      '[bad-payload-length] 48 bytes',
    ],
    [
      'damaged extension headers',
      packet6({ protocol: 17, extensions: [[60, '850400000000']], payload: udp6(ascii('abc')) }),
      'fd00::1 > fd00::2: protocol 60, length 19 [unknown-option]',
    ],
    [
      'a first fragment',
      packet6({ protocol: 17, extensions: [[44, '0001 000000ff']], payload: udp6(ascii('abc')) }),
      'fd00::1.1000 > fd00::2.53: UDP, length 3, fragment of 255 at 0+',
    ],
    [
      'a last fragment, which may begin with anything',
      packet6({
        protocol: 17,
        extensions: [
          [60, PAD],
          [44, '05a8 ffffffff'],
        ],
        payload: new Uint8Array(4),
      }),
      'fd00::1 > fd00::2: protocol 17, fragment of 4294967295 at 1448, length 4',
    ],
    [
      'an atomic fragment, with its checksum known (RFC 6946)',
      packet6({
        protocol: 17,
        extensions: [
          [44, '0000 00000007'],
          [60, PAD],
        ],
        payload: udp6(ascii('abc')),
      }),
      'fd00::1.1000 > fd00::2.53: UDP, length 3, fragment of 7 at 0',
    ],
  ])('%s', (_, bytes, expected) => {
    expect(line(bytes)).toBe(expected);
  });

  test('the line of a network monitor', () => {
    const bytes = tcp6();
    expect(monitorLine(bytes, 0, bytes.length)).toBe(
      'TCP: .A...., len: 3, seq: 1234-1236, ack: 9, win: 500, src: 43210 dst: 80',
    );
  });

  test('UDP over IPv4, right, short, and with a length beyond its packet', () => {
    const bytes = new Uint8Array(31);
    writeIpv4(bytes, 0, 31, PROTOCOL_UDP, HERE, THERE, 1, 0, 64, 0);
    bytes.set([0, 53, 0, 54, 0, 11], 20);
    expect(line(bytes)).toBe('10.77.0.1.53 > 10.77.0.2.54: UDP, length 3');
    bytes[25] = 12;
    expect(line(bytes)).toBe('10.77.0.1 > 10.77.0.2: protocol 17, length 11 [bad-udp-length]');
    writeIpv4(bytes, 0, 27, PROTOCOL_UDP, HERE, THERE, 1, 0, 64, 0);
    expect(line(bytes)).toBe('10.77.0.1 > 10.77.0.2: protocol 17, length 7 [short-datagram]');
  });

  test('a wrong checksum is named: UDP, ICMPv6, and a message too short', () => {
    const udp = packet6({ protocol: 17, payload: udp6(ascii('abc')) }).fill(0, 50);
    expect(line(udp)).toMatch(/UDP, length 3 \[bad-udp-checksum\]$/);
    expect(line(packet6({ protocol: 58, payload: ping6(ascii('abc')) }).fill(0, 50))).toMatch(
      / \[bad-icmpv6-checksum\]$/,
    );
    expect(line(packet6({ protocol: 58, payload: new Uint8Array(7) }))).toMatch(/ \[short-message\]$/);
  });
});

test('RFC 8200 §3: every field is shown on its line, extension headers in their order', () => {
  const bytes = packet6({
    protocol: 17,
    extensions: [
      [0, PAD],
      [44, '05a8 0000002a'],
    ],
    payload: new Uint8Array(5),
  });
  bytes[0] = 0x6a;
  bytes[1] = 0xb1;
  expect(pageOfPacket(bytes).split('\n\n')[1]?.split('\n')).toEqual([
    'IP: Version = 6 (0x6)',
    'IP: Differentiated Services and ECN = 171 (0xab)',
    'IP: Flow Label = 65536 (0x10000)',
    'IP: Payload Length = 21 bytes (0x0015)',
    'IP: Next Header = 0 (0x00) hop-by-hop options',
    'IP: Hop Limit = 64 (0x40)',
    'IP: Source Address = fd00::1',
    'IP: Destination Address = fd00::2',
    'IP: Extension Header = 0 (0x00) hop-by-hop options, 8 bytes (0x2c00010400000000)',
    'IP: Extension Header = 44 (0x2c) fragment, 8 bytes (0x110005a80000002a)',
    'IP: Identification = 42 (0x0000002a)',
    'IP:   0 = last fragment',
    'IP: Fragment Offset = 1448 bytes (0x05a8)',
    'IP: Upper Layer = 17 (0x11) UDP',
  ]);
});

test('UDP and ICMPv6 field by field', () => {
  expect(pageOfPacket(packet6({ protocol: 17, payload: udp6(ascii('abc')) }))).toContain(
    [
      'UDP: Source Port = 1000 (0x03e8)',
      'UDP: Destination Port = 53 (0x0035)',
      'UDP: Length = 11 bytes (0x000b)',
      'UDP: Checksum = 0x3d54 (right)',
      'UDP: Data = 3 bytes (0x616263)\n',
    ].join('\n'),
  );
  expect(
    pageOfPacket(packet6({ protocol: 17, extensions: [[44, '0001 00000001']], payload: udp6(ascii('abc')) })),
  ).toContain('IP:   1 = more fragments follow\n');
  const zero = packet6({ protocol: 17, payload: udp6(ascii('abc')).fill(0, 6, 8) });
  expect(pageOfPacket(zero)).toContain('UDP: Checksum = 0x0000 (none)\n');
  expect(pageOfPacket(zero)).toContain('FAULT: udp: bad-udp-checksum\n');
  const ping = pageOfPacket(packet6({ protocol: 58, payload: ping6(ascii('abc')) }));
  expect(ping).toContain('ICMPv6: Type = 128 (0x80) echo request\nICMPv6: Code = 0 (0x00)\n');
  expect(ping).toContain('ICMPv6: Identifier = 7 (0x0007)\nICMPv6: Sequence = 3 (0x0003)\nICMPv6: Data = 3 bytes\n');
  expect(pageOfPacket(message(2, 0))).toContain('ICMPv6: Rest of Header = 1280 (0x00000500)\n');
});

test('a frame with an IPv6 packet: its line, and the padding behind it', () => {
  const packet = packet6({ protocol: 17, payload: udp6(ascii('abc')) });
  const frame = new Uint8Array(14 + packet.length + 2);
  frame.set(packet, writeEthernet(frame, 0, 1, 2, ETHERTYPE_IPV6));
  expect(decodeFrame(frame)).toMatchObject({ fault: null, ethernetPaddingHex: '0000', udp: { sourcePort: 1000 } });
  expect(pageOfFrame(frame)).toMatch(/^fd00::1\.1000 > fd00::2\.53: UDP, length 3\n/);
});

describe('completing checksums', () => {
  test('TCP that was left to the link, also behind extension headers', () => {
    const right = tcp6();
    const partial = right.slice();
    startChecksum(partial, 40, 63, pseudoHeaderSum6(HERE6, THERE6, 6));
    expect(finishPacket(partial, 0, partial.length)).toBe(true);
    expect(toHex(partial)).toBe(toHex(right));
    const behind = packet6({ protocol: 6, extensions: [[60, PAD]], payload: right.slice(40).fill(0, 16, 18) });
    expect(finishPacket(behind, 0, behind.length)).toBe(true);
    expect(toHex(behind.subarray(48))).toBe(toHex(right.subarray(40)));
  });

  test('UDP and ICMPv6', () => {
    for (const [protocol, payload, at] of [
      [17, udp6(ascii('abc')), 46],
      [58, ping6(ascii('abc')), 42],
    ] as const) {
      const right = packet6({ protocol, payload });
      const bytes = right.slice().fill(0, at, at + 2);
      expect(finishPacket(bytes, 0, bytes.length)).toBe(true);
      expect(toHex(bytes)).toBe(toHex(right));
      expect(decodePacket(bytes).fault).toBeNull();
    }
  });

  test.each<[string, Uint8Array]>([
    ['a fragment', packet6({ protocol: 17, extensions: [[44, '0000 00000001']], payload: udp6(ascii('abc')) })],
    [
      'damaged extension headers',
      packet6({ protocol: 17, extensions: [[60, '850400000000']], payload: udp6(ascii('abc')) }),
    ],
    ['a short message', packet6({ protocol: 58, payload: new Uint8Array(7) })],
    ['a short packet', packet6({ protocol: 58, payload: new Uint8Array(7) }).subarray(0, 46)],
    ['another protocol', packet6({ protocol: 132, payload: new Uint8Array(30) })],
  ])('%s is left as it is', (_, bytes) => {
    const before = toHex(bytes);
    expect(finishPacket(bytes, 0, bytes.length)).toBe(false);
    expect(toHex(bytes)).toBe(before);
  });
});
