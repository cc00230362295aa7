/** Identifications: one after the other for one pair of hosts, and of no use to anybody else. */

import { IpAddress } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { HASH } from '../test/hash.ts';
import { Identifications } from './identification.ts';

const A = new IpAddress(1, 2, 3, 4);
const B = new IpAddress(1, 2, 3, 5);

test('RFC 7739 §5.3: of one pair they count up and none comes twice; where they begin differs from pair to pair', () => {
  const from = new Identifications(HASH);
  const first = from.next(A, B);
  expect(Array.from({ length: 1000 }, () => from.next(A, B))).toEqual(
    Array.from({ length: 1000 }, (_, i) => (first + i + 1) | 0),
  );
  const starts = new Set(Array.from({ length: 100 }, (_, i) => from.next(A, new IpAddress(0, 0, 0, i)) & 0xffff));
  expect(starts.size).toBeGreaterThan(95);
  expect(from.next(B, A)).not.toBe(from.next(A, B));
});
