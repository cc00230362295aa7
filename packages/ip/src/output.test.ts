/** The header in front of what we send (RFC 791 §3.1). */

import { decodePacket } from '@tcpstack/wire/decode';
import { ipv4Address } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { OURS, PEER } from '../test/packets.ts';
import { createIpCounters } from './counters.ts';
import { DEFAULT_TTL_HOPS, IP_HEADROOM_BYTES, type IpOutput, writeHeader } from './output.ts';

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
      headerLengthBytes: IP_HEADROOM_BYTES,
      totalLengthBytes: 60,
    });
    return ipv4?.identification;
  });
  // The identification counts up and wraps.
  expect(identifications).toEqual([0xffff, 0, 1]);
  expect(output.counters.sent).toBe(3);
  expect([...bytes.subarray(0, 3), ...bytes.subarray(23)]).toEqual(Array(80).fill(0xaa));
});
