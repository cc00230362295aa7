/** The connection table against a plain Map. */

import { sipKey } from '@tcpstack/seq/siphash';
import { copyOf, IpAddress, ipv4Address, isIpv4, parseAddress } from '@tcpstack/wire/ip-address';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAKE_PATH, fakeConnection } from '../test/fakes.ts';
import { holds } from '../test/holds.ts';
import { type Connection, createConnection } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import { TupleHash } from './tuple-hash.ts';

type Tuple = [remote: string, remotePort: number, local: string, localPort: number];

const KEY = sipKey(new Uint8Array(16).fill(7));
const HASH = new TupleHash(KEY);
/** Few values, so that equal parts meet, and extreme ones, so that signs do. */
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '255.255.255.255', '::', '::1', '::10.0.0.1', 'ffff::1:0:1');
const port = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(0x7fff, 0x8000, 0xffff));
const tuple: fc.Arbitrary<Tuple> = fc.tuple(address, port, address, port);

function parsed(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === null) throw new Error(text);
  return address;
}

function connectionOf([remote, remotePort, local, localPort]: Tuple): Connection {
  const { tcb } = fakeConnection([0, remotePort, 0, localPort]);
  return createConnection(tcb, parsed(local), parsed(remote), FAKE_PATH);
}

function find(table: ConnectionTable, [remote, remotePort, local, localPort]: Tuple): Connection | null {
  return table.find(parsed(remote), remotePort, parsed(local), localPort);
}

test('a connection is found by its 4-tuple and by no other, through any adding and removing', () => {
  const commands = fc.array(fc.tuple(fc.boolean(), tuple), { maxLength: 400, size: 'max' });
  // A hash that tells few tuples apart shows that addresses and ports are compared.
  const hashes = fc.oneof(
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new TupleHash(sipKey(bytes))),
    fc.integer().map((value) => ({ of: (_: unknown, remotePort: number) => value ^ (remotePort & 1) })),
  );
  holds(
    fc.property(hashes, commands, fc.array(tuple, { maxLength: 30 }), (hash, list, strangers) => {
      const table = new ConnectionTable(hash);
      const model = new Map<string, Connection>();
      for (const [adding, key] of list) {
        const known = model.get(key.join());
        if (adding && known === undefined) {
          const connection = connectionOf(key);
          table.add(connection);
          model.set(key.join(), connection);
        } else if (!adding && known !== undefined) {
          table.remove(known);
          model.delete(key.join());
        }
        expect(table.size).toBe(model.size);
        expect(find(table, key)).toBe(model.get(key.join()) ?? null);
      }
      for (const key of strangers) expect(find(table, key)).toBe(model.get(key.join()) ?? null);
      expect(new Set(table.values())).toEqual(new Set(model.values()));
    }),
  );
});

test.each([
  ['IPv4', (i: number) => ipv4Address(0x0a000000 + i)],
  ['IPv6', (i: number) => new IpAddress(0x2001_0db8, 0, i, 1)],
  ['both families', (i: number) => (i % 3 === 0 ? new IpAddress(0x2001_0db8, i, 0, 1) : ipv4Address(i))],
])('with %s it grows far, is at most half full and not mostly empty, and shrinks when emptied', (_, remoteOf) => {
  const table = new ConnectionTable(HASH);
  const { tcb } = fakeConnection([0, 1000, 0, 80]);
  const local = (remote: IpAddress): IpAddress => (isIpv4(remote) ? ipv4Address(1) : parsed('fd00::1'));
  const all = Array.from({ length: 5000 }, (_, i) => createConnection(tcb, local(remoteOf(i)), remoteOf(i), FAKE_PATH));
  for (const connection of all) table.add(connection);
  expect(table.size).toBe(5000);
  expect(table.places).toBe(16_384);
  const stays = (i: number) => i % 10 === 0;
  // 7919 is coprime to 5000: every index once, far from the order of adding.
  for (let k = 0; k < all.length; k++) {
    const i = (k * 7919) % all.length;
    if (!stays(i)) table.remove(all[i] as Connection);
  }
  expect(table.places).toBe(2048);
  all.forEach((connection, i) => {
    const { remoteAddress, remotePort } = connection;
    expect(table.find(remoteAddress, remotePort, local(remoteOf(i)), 80), String(i)).toBe(stays(i) ? connection : null);
  });
  for (const connection of [...table.values()]) table.remove(connection);
  expect([table.size, table.places]).toEqual([0, 64]);
});

test('every word of both addresses, and both ports, are compared', () => {
  // All meet in one place.
  const table = new ConnectionTable({ of: () => 7 });
  const { tcb } = fakeConnection([0, 1000, 0, 80]);
  const [remote, local] = [parsed('2001:db8::1'), parsed('2001:db8::2')];
  const connection = createConnection(tcb, local, remote, FAKE_PATH);
  table.add(connection);
  expect(table.find(remote, 1000, local, 80)).toBe(connection);
  for (const word of ['w0', 'w1', 'w2', 'w3'] as const) {
    const other = (one: IpAddress): IpAddress => Object.assign(copyOf(one), { [word]: one[word] ^ 1 });
    expect([table.find(other(remote), 1000, local, 80), table.find(remote, 1000, other(local), 80)]).toEqual([
      null,
      null,
    ]);
  }
  expect([table.find(remote, 1001, local, 80), table.find(remote, 1000, local, 81)]).toEqual([null, null]);
});

test('what was removed is held no more, and its index is used again', () => {
  const table = new ConnectionTable(HASH);
  const [a, b] = [fakeConnection([1, 1, 1, 1]), fakeConnection([2, 2, 2, 2])];
  table.add(a);
  table.remove(a);
  table.add(b);
  expect([...table.values()]).toEqual([b]);
});

test('a second connection with the same 4-tuple, and removing a stranger, are bugs', () => {
  const table = new ConnectionTable(HASH);
  table.add(fakeConnection([1, 1, 1, 1]));
  expect(() => table.add(fakeConnection([1, 1, 1, 1]))).toThrow('a 4-tuple names one connection');
  expect(() => table.remove(fakeConnection([1, 1, 1, 1]))).toThrow('only connections of the table are removed');
  expect(() => table.remove(fakeConnection([1, 1, 1, 2]))).toThrow('only connections of the table are removed');
});

describe('the hash', () => {
  const remotes = Array.from({ length: 256 }, (_, i) => i);
  const spread = (hashes: readonly number[]) => new Set(hashes.map((hash) => hash & 0xffff)).size;

  test('spreads addresses that differ in high bits only, whatever the secret', () => {
    for (let secret = 0; secret < 20; secret++) {
      const hash = new TupleHash(sipKey(new Uint8Array(16).fill(secret)));
      const local = ipv4Address(1);
      expect(spread(remotes.map((i) => hash.of(ipv4Address(i << 24), 80, local, 80)))).toBeGreaterThan(250);
      const ipv6 = parsed('2001:db8::1');
      const high = remotes.map((i) => hash.of({ ...parsed('2001:db8::2'), w0: i << 24 }, 80, ipv6, 80));
      expect(spread(high)).toBeGreaterThan(250);
    }
  });

  test('depends on every word, on both ports and on the secret', () => {
    const base = parsed('2001:db8::1');
    const others = (['w0', 'w1', 'w2', 'w3'] as const).map((word) => ({ ...base, [word]: base[word] ^ 1 }));
    const hash = new TupleHash(KEY);
    const all = [
      hash.of(base, 1, base, 1),
      hash.of(base, 2, base, 1),
      hash.of(base, 1, base, 2),
      new TupleHash(sipKey(new Uint8Array(16).fill(8))).of(base, 1, base, 1),
      ...others.flatMap((other) => [hash.of(other, 1, base, 1), hash.of(base, 1, other, 1)]),
    ];
    expect(new Set(all).size).toBe(12);
  });
});
