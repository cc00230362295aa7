/** Multicast Listener Discovery: queries read, reports written. */

import { expect, test } from 'vitest';
import { fromHex, toHex } from '../test/packets.ts';
import { formatAddress, IpAddress, parseAddress } from './ip-address.ts';
import * as Mld from './mld.ts';

const GROUP = parseAddress('ff02::1:ff00:1') as IpAddress;
const GROUP_HEX = 'ff0200000000000000000001ff000001';

test.each([
  [23, 0],
  [24, 1],
  [25, 0],
  [27, 0],
  [28, 2],
  [44, 2],
])('a query of %i bytes is of version %i (RFC 3810 §8.1)', (lengthBytes, version) => {
  expect(Mld.queryVersion(lengthBytes)).toBe(version);
});

test.each<[string, 1 | 2, number]>([
  ['2710', 2, 10_000],
  ['7fff', 2, 32_767],
  ['8000', 2, 32_768],
  ['9abc', 2, 0x1abc << 4],
  ['ffff', 2, 0x1fff << 10],
  ['ffff', 1, 65_535],
])('a maximum response code of 0x%s in version %i is %i ms (RFC 3810 §5.1.3)', (field, version, ms) => {
  expect(Mld.maximumResponseMs(fromHex(`82000000${field}0000`), 0, version)).toBe(ms);
});

test('reports of both versions, and the router alert in front, stand on the wire as RFC 3810 §5.2 and RFC 2710 §3 draw them', () => {
  const bytes = new Uint8Array(64).fill(0xee);
  let end = Mld.writeRouterAlert(bytes, 0, 58);
  expect(toHex(bytes.subarray(0, end))).toBe('3a00050200000100');
  end = Mld.writeRecord(bytes, Mld.writeReport(bytes, 0, 1), Mld.CHANGE_TO_EXCLUDE, GROUP);
  expect(toHex(bytes.subarray(0, end))).toBe(`8f00000000000001 04000000${GROUP_HEX}`.replace(' ', ''));
  end = Mld.writeReportV1(bytes, 0, GROUP);
  expect(toHex(bytes.subarray(0, end))).toBe(`8300000000000000${GROUP_HEX}`);
  const into = new IpAddress();
  Mld.readGroup(bytes, 0, into);
  expect(formatAddress(into)).toBe('ff02::1:ff00:1');
});
