/** Packets as plain objects: every header, every kind of damage. (The published frames are in `test/`.) */

import { seq } from '@tcpstack/seq/seq';
import { describe, expect, test } from 'vitest';
import { ascii, fromHex, HERE, THERE, tcpPacket } from '../test/packets.ts';
import { decodeFrame, decodePacket, flagNames } from './decode.ts';
import { ETHERTYPE_IPV4, writeEthernet } from './ethernet.ts';
import { IPV4_MF, PROTOCOL_ICMP, writeIpv4 } from './ipv4.ts';
import { ACK, CWR, FIN, PSH, SYN, URG } from './tcp.ts';

function frame(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(14 + payload.length);
  bytes.set(payload, writeEthernet(bytes, 0, 0x0200_0000_0001, 0x0200_0000_0002, type));
  return bytes;
}

test('a segment with every option, as numbers and as a list in the order of the wire', () => {
  const options = '020405b4 0402 080affffffff00000007 03030e 01 050a 80000000 80000001 fd05aabbcc 00';
  const bytes = tcpPacket({ flags: ACK | PSH, seq: seq(-1), ack: seq(-2), options, payload: ascii('hello') });
  const { fault, tcp } = decodePacket(bytes);
  expect(fault).toBeNull();
  expect(tcp).toMatchObject({
    seq: 0xffff_ffff,
    ack: 0xffff_fffe,
    flags: ['ACK', 'PSH'],
    controlBits: ACK | PSH,
    mssBytes: 1460,
    windowScale: 14,
    sackPermitted: true,
    timestamps: { tsVal: 0xffff_ffff, tsEcr: 7 },
    sackBlocks: [{ left: 0x8000_0000, right: 0x8000_0001 }],
    optionsHex: options.replaceAll(' ', ''),
    payloadLengthBytes: 5,
  });
  expect(bytes.subarray(tcp?.payloadAt)).toEqual(ascii('hello'));
  expect(tcp?.options.map(({ name }) => name)).toEqual([
    'mss',
    'sack-permitted',
    'timestamps',
    'window-scale',
    'nop',
    'sack',
    'unknown',
    'end',
  ]);
  expect(tcp?.options.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)).toBe(36);
});

test('control bits are named in the order of the header', () => {
  expect(flagNames(0xff)).toEqual(['CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN']);
  expect(flagNames(CWR | URG | SYN | FIN)).toEqual(['CWR', 'URG', 'SYN', 'FIN']);
  expect(flagNames(0)).toEqual([]);
});

test('a frame that carries no IP shows its Ethernet header and no fault', () => {
  expect(decodeFrame(frame(0x88cc, new Uint8Array(28)))).toEqual({
    fault: null,
    ethernet: { destination: '02:00:00:00:00:01', source: '02:00:00:00:00:02', etherType: '0x88cc' },
    arp: null,
    ipv4: null,
    ipv6: null,
    tcp: null,
    udp: null,
    icmp: null,
    icmpv6: null,
    ndp: [],
    ethernetPaddingHex: '',
  });
});

test('IPv4 options are shown, and the segment begins behind them', () => {
  const plain = tcpPacket({ flags: SYN });
  const bytes = new Uint8Array(plain.length + 4);
  bytes.set(plain.subarray(0, 20));
  bytes.set(fromHex('94040000'), 20);
  bytes.set(plain.subarray(20), 24);
  bytes[0] = 0x46;
  bytes[3] = bytes.length;
  const { fault, ipv4, tcp } = decodePacket(bytes);
  expect(fault).toEqual({ layer: 'ipv4', name: 'bad-header-checksum' });
  expect(ipv4).toMatchObject({ headerLengthBytes: 24, optionsHex: '94040000', checksumValid: false });
  expect(tcp).toMatchObject({ seq: 1234, checksumValid: true });
});

describe('damage is named, never thrown', () => {
  test.each([
    ['13 bytes', new Uint8Array(13), 'ethernet', 'short-frame'],
    ['an 802.3 length', frame(40, new Uint8Array(40)), 'ethernet', 'not-ethernet-ii'],
    ['an empty frame', frame(ETHERTYPE_IPV4, new Uint8Array(0)), 'ipv4', 'short-packet'],
    ['version 0', frame(ETHERTYPE_IPV4, new Uint8Array(20)), 'ipv4', 'bad-version'],
    ['a cut segment', frame(ETHERTYPE_IPV4, tcpPacket({ flags: SYN }).subarray(0, 39)), 'ipv4', 'bad-total-length'],
  ])('%s', (_, bytes, layer, name) => {
    const decoded = decodeFrame(bytes);
    expect(decoded.fault).toEqual({ layer, name });
    expect(decoded.tcp).toBeNull();
  });

  test('a data offset beyond the segment', () => {
    const bytes = tcpPacket({ flags: SYN });
    bytes[32] = 0xf0;
    expect(decodePacket(bytes)).toMatchObject({ fault: { layer: 'tcp', name: 'bad-data-offset' }, tcp: null });
  });

  test('an ICMP message too short, and one with a wrong checksum, which is still shown', () => {
    const bytes = new Uint8Array(28);
    writeIpv4(bytes, 0, 27, PROTOCOL_ICMP, HERE, THERE, 1, 0, 64, 0);
    expect(decodePacket(bytes)).toMatchObject({ fault: { layer: 'icmp', name: 'short-message' }, icmp: null });
    writeIpv4(bytes, 0, 28, PROTOCOL_ICMP, HERE, THERE, 1, 0, 64, 0);
    bytes[20] = 8;
    expect(decodePacket(bytes)).toMatchObject({
      fault: { layer: 'icmp', name: 'bad-icmp-checksum' },
      icmp: { type: 8, code: 0, checksum: '0x0000', checksumValid: false, payloadLengthBytes: 0 },
    });
  });

  test('the checksum of a first fragment cannot be known', () => {
    expect(decodePacket(tcpPacket({ flags: SYN, fragment: IPV4_MF }))).toMatchObject({
      fault: null,
      tcp: { checksumValid: null },
    });
  });

  test.each(['0203ff01', '02000000', '01010102', '03040000', '04010000', '0506000000000101', '08040000'])(
    'of the malformed option in %s nothing is believed, and its bytes are listed',
    (options) => {
      const { tcp } = decodePacket(tcpPacket({ flags: SYN, options }));
      expect(tcp).toMatchObject({ mssBytes: null, windowScale: null, sackPermitted: false, timestamps: null });
      expect(tcp?.sackBlocks).toEqual([]);
      expect(tcp?.options.find(({ name }) => name === 'malformed')).toMatchObject({ hex: expect.any(String) });
    },
  );
});
