/** Messages of IGMP, byte by byte (RFC 3376 §4, RFC 2236 §2). */

import { expect, test } from 'vitest';
import {
  checkIgmp,
  finishIgmp,
  IGMP_QUERY,
  IGMP_V2_REPORT,
  maximumResponseMs,
  queryVersion,
  writeIgmpIpv4,
  writeMessage,
} from './igmp.ts';
import { ipv4Address } from './ip-address.ts';

const GROUP = ipv4Address(0xef01_0203);

test('a message with its checksum, whatever lay there before', () => {
  const bytes = new Uint8Array(8).fill(0xaa);
  finishIgmp(bytes, 0, writeMessage(bytes, 0, IGMP_V2_REPORT, GROUP));
  // 0x1600 + 0xef01 + 0x0203 = 0x1_0704: its complement, the carry added.
  expect([...bytes]).toEqual([0x16, 0, 0xf8, 0xfa, 239, 1, 2, 3]);
  bytes[2] = 0xff;
  finishIgmp(bytes, 0, 8);
  expect(bytes[2]).toBe(0xf8);
  expect(checkIgmp(bytes, 0, 8)).toBe(true);
  expect(checkIgmp(bytes, 0, 7)).toBe(false);
  expect(checkIgmp(Uint8Array.of(0xff, 0xff), 0, 2), 'shorter than any message').toBe(false);
});

test.each([
  [8, 0, 1],
  [8, 100, 2],
  [12, 0, 3],
  [20, 7, 3],
  [9, 0, 0],
  [11, 1, 0],
])('a query of %i bytes with code %i is of version %i (§7.1)', (length, code, version) => {
  expect(queryVersion(Uint8Array.of(IGMP_QUERY, code), 0, length)).toBe(version);
});

test.each([
  [1, 0, 10_000],
  [2, 200, 20_000],
  [3, 127, 12_700],
  [3, 128, 12_800],
  [3, 0xc8, 307_200],
  [3, 255, 3_174_400],
] as const)('version %i says with code %i: answer within %i ms (§4.1.1)', (version, code, ms) => {
  expect(maximumResponseMs(Uint8Array.of(IGMP_QUERY, code), 0, version)).toBe(ms);
});

test('the header of IPv4: internetwork control, not to be cut, one hop, router alert (§4)', () => {
  const bytes = new Uint8Array(24).fill(0xaa);
  writeIgmpIpv4(bytes, 0, 32, ipv4Address(0x0a00_0001), GROUP);
  expect([...bytes.subarray(0, 10)]).toEqual([0x46, 0xc0, 0, 32, 0, 0, 0x40, 0, 1, 2]);
  expect([...bytes.subarray(12)]).toEqual([10, 0, 0, 1, 239, 1, 2, 3, 0x94, 4, 0, 0]);
});
