/** The header in front of what we send (RFC 791 §3.1). */

import { decodePacket } from '@tcpstack/wire/decode';
import { ipv4Address } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { OURS, OURS6, PEER, PEER6 } from '../test/packets.ts';
import { createIpCounters } from './counters.ts';
import { DEFAULT_TTL_HOPS, headroomFor, type IpOutput, writeHeader } from './output.ts';

test('our address, DF set (RFC 1191 §3), TTL 64, a right checksum; nothing else is touched', () => {
  const output: IpOutput = { identification: 0xfffe, counters: createIpCounters() };
  const bytes = new Uint8Array(100).fill(0xaa);
  const identifications = [0, 1, 2].map(() => {
    writeHeader(output, bytes, 3, 60, 132, ipv4Address(OURS), ipv4Address(PEER));
    const { fault, ipv4 } = decodePacket(bytes, 3, 63);
    expect(fault).toBeNull();
    expect(ipv4).toMatchObject({
      source: '10.77.0.2',
      destination: '10.77.0.1',
      protocol: 132,
      ttl: DEFAULT_TTL_HOPS,
      dontFragment: true,
      moreFragments: false,
      headerLengthBytes: headroomFor(ipv4Address(OURS)),
      totalLengthBytes: 60,
    });
    return ipv4?.identification;
  });
  // The identification counts up and wraps.
  expect(identifications).toEqual([0xffff, 0, 1]);
  expect(output.counters.sent).toBe(3);
  expect([...bytes.subarray(0, 3), ...bytes.subarray(23)]).toEqual(Array(80).fill(0xaa));
});

test('IPv6: our address, hop limit 64, traffic class and flow label (RFC 8200 §3); no identification is used up', () => {
  const output: IpOutput = { identification: 5, counters: createIpCounters() };
  const bytes = new Uint8Array(100).fill(0xaa);
  writeHeader(output, bytes, 3, 80, 132, OURS6, PEER6, 0xb9, undefined, 0xabcde);
  const { fault, ipv6 } = decodePacket(bytes, 3, 83);
  expect(fault).toBeNull();
  expect(ipv6).toMatchObject({ source: 'fd00::2', destination: 'fd00::1', hopLimit: DEFAULT_TTL_HOPS });
  expect(ipv6).toMatchObject({ trafficClass: 0xb9, flowLabel: 0xabcde, nextHeader: 132, payloadLengthBytes: 40 });
  expect([output.identification, output.counters.sent, headroomFor(OURS6)]).toEqual([5, 1, 40]);
  expect([...bytes.subarray(0, 3), ...bytes.subarray(43)]).toEqual(Array(60).fill(0xaa));
});
