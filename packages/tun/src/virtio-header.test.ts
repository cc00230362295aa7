import { PKT_CSUM_PARTIAL, PKT_CSUM_VALID } from '@tcpstack/bytes/packet-batch';
import { describe, expect, test } from 'vitest';
import { flagsOf, segmentBytesOf, VNET_HEADER_BYTES, writeVnetHeader } from './virtio-header.ts';

const AT = 16;

/** A packet at `AT` of which only the bytes the header depends on are filled in. */
function packet(ip: { version: number; headerBytes: number; protocol: number }, tcpHeaderBytes = 20): Uint8Array {
  const bytes = new Uint8Array(AT + 200).fill(0xee, 0, AT);
  bytes[AT] = (ip.version << 4) | (ip.version === 4 ? ip.headerBytes / 4 : 0);
  bytes[AT + (ip.version === 4 ? 9 : 6)] = ip.protocol;
  bytes[AT + ip.headerBytes + 12] = (tcpHeaderBytes / 4) << 4;
  return bytes;
}

const header = (bytes: Uint8Array) => [...bytes.subarray(AT - VNET_HEADER_BYTES, AT)];

describe('VIRTIO 1.3, 5.1.6: the header in front of a packet we send', () => {
  test('says nothing for a packet whose sum is finished', () => {
    const bytes = packet({ version: 4, headerBytes: 20, protocol: 6 });
    expect(writeVnetHeader(bytes, AT, 60, 0, 0, 0)).toBe(60);
    expect(header(bytes)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(bytes[AT - VNET_HEADER_BYTES - 1]).toBe(0xee);
  });

  test('asks for the TCP sum behind an IPv4 header with options', () => {
    const bytes = packet({ version: 4, headerBytes: 24, protocol: 6 });
    expect(writeVnetHeader(bytes, AT, 60, PKT_CSUM_PARTIAL, 0, 0)).toBe(60);
    expect(header(bytes)).toEqual([1, 0, 0, 0, 0, 0, 24, 0, 16, 0, 0, 0]);
  });

  test('asks for the UDP sum at its own place, and never splits a datagram', () => {
    const bytes = packet({ version: 4, headerBytes: 20, protocol: 17 });
    expect(writeVnetHeader(bytes, AT, 5000, PKT_CSUM_PARTIAL, 1000, 0)).toBe(5000);
    expect(header(bytes)).toEqual([1, 0, 0, 0, 0, 0, 20, 0, 6, 0, 0, 0]);
  });

  test('asks to split TCP over IPv4 by the payload per segment', () => {
    const bytes = packet({ version: 4, headerBytes: 20, protocol: 6 }, 32);
    expect(writeVnetHeader(bytes, AT, 52 + 1449, PKT_CSUM_PARTIAL, 1448, 0)).toBe(1500);
    expect(header(bytes)).toEqual([1, 1, 52, 0, 1448 & 255, 1448 >> 8, 20, 0, 16, 0, 0, 0]);
  });

  test('does not ask to split what fits one segment: the kernel would refuse it', () => {
    const bytes = packet({ version: 4, headerBytes: 20, protocol: 6 }, 32);
    expect(writeVnetHeader(bytes, AT, 52 + 1448, PKT_CSUM_PARTIAL, 1448, 0)).toBe(1500);
    expect(header(bytes)).toEqual([1, 0, 0, 0, 0, 0, 20, 0, 16, 0, 0, 0]);
  });

  test('asks to split TCP over IPv6', () => {
    const bytes = packet({ version: 6, headerBytes: 40, protocol: 6 });
    expect(writeVnetHeader(bytes, AT, 5000, PKT_CSUM_PARTIAL, 1000, 0)).toBe(1060);
    expect(header(bytes)).toEqual([1, 4, 60, 0, 1000 & 255, 1000 >> 8, 40, 0, 16, 0, 0, 0]);
  });

  test('counts from the Ethernet header on where there is one', () => {
    const bytes = new Uint8Array(AT + 300);
    bytes.set(packet({ version: 6, headerBytes: 40, protocol: 6 }).subarray(AT), AT + 14);
    expect(writeVnetHeader(bytes, AT, 5014, PKT_CSUM_PARTIAL, 1000, 14)).toBe(1074);
    expect(header(bytes)).toEqual([1, 4, 74, 0, 1000 & 255, 1000 >> 8, 54, 0, 16, 0, 0, 0]);
    bytes.set(packet({ version: 4, headerBytes: 20, protocol: 17 }).subarray(AT), AT + 14);
    expect(writeVnetHeader(bytes, AT, 500, PKT_CSUM_PARTIAL, 0, 14)).toBe(500);
    expect(header(bytes)).toEqual([1, 0, 0, 0, 0, 0, 34, 0, 6, 0, 0, 0]);
  });
});

describe('VIRTIO 1.3, 5.1.6: the header in front of a packet we receive', () => {
  const received = (...bytes: number[]) => Uint8Array.from({ length: 12 }, (_, i) => bytes[i] ?? 0);

  test.for([
    ['NEEDS_CSUM is a partial sum that nobody need verify', 1, PKT_CSUM_PARTIAL | PKT_CSUM_VALID],
    ['DATA_VALID is a sum that was verified', 2, PKT_CSUM_VALID],
    ['no flag is a sum to verify', 0, 0],
  ] as const)('%s', ([, flags, expected]) => {
    expect(flagsOf(received(flags), 0)).toBe(expected);
  });

  test('gso_size is the payload per segment, also with the ECN bit', () => {
    expect(segmentBytesOf(received(1, 0x81, 0, 0, 0xa8, 0x05), 0)).toBe(1448);
  });

  test('gso_size means nothing when gso_type is none', () => {
    expect(segmentBytesOf(received(1, 0, 0, 0, 0xa8, 0x05), 0)).toBe(0);
  });
});
