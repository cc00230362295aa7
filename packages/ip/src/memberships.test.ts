/** Groups of interfaces: how many want each, who is told, and what everybody listens to. */

import { formatAddress } from '@tcpstack/wire/ip-address';
import { expect, test } from 'vitest';
import { ip } from '../test/hub.ts';
import { GROUPS_MAX, Memberships } from './memberships.ts';

test('every host listens to all-hosts and all-nodes (RFC 1112 §4, RFC 4291 §2.8), unasked', () => {
  const memberships = new Memberships();
  const all = ['224.0.0.1', 'ff01::1', 'ff02::1'];
  expect(all.map((group) => memberships.listens(1, ip(group)))).toEqual([true, true, true]);
  expect(['224.0.0.2', 'ff01::2', 'ff05::1'].map((group) => memberships.listens(1, ip(group)))).toEqual(
    Array(3).fill(false),
  );
});

test('two groups that end alike are two; the watcher is told of the first who joins and the last who leaves', () => {
  const memberships = new Memberships();
  const told: string[] = [];
  memberships.watch(1, (group, joined) => told.push(`${formatAddress(group)} ${joined}`));
  const [a, b] = [ip('ff05::7'), ip('ff08::7')];
  memberships.join(1, a);
  memberships.join(1, a);
  expect([memberships.listens(1, a), memberships.listens(1, b), memberships.listens(2, a)]).toEqual([
    true,
    false,
    false,
  ]);
  memberships.join(1, b);
  memberships.leave(1, b);
  memberships.leave(1, a);
  expect(memberships.listens(1, a)).toBe(true);
  memberships.leave(1, a);
  expect(memberships.listens(1, a)).toBe(false);
  expect(told).toEqual(['ff05::7 true', 'ff08::7 true', 'ff08::7 false', 'ff05::7 false']);
});

test('the groups of an interface are bounded', () => {
  const memberships = new Memberships();
  for (let i = 0; i < GROUPS_MAX; i++) {
    expect(memberships.join(1, ip(`239.0.${i >> 8}.${i & 255}`))).toBe(true);
  }
  expect(memberships.join(1, ip('239.1.1.1'))).toBe(false);
  expect(memberships.join(2, ip('239.1.1.1'))).toBe(true);
});
