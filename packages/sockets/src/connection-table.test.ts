/** The connection table against a plain Map. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeConnection, type Tuple } from '../test/fakes.ts';
import { holds } from '../test/holds.ts';
import type { Connection } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';

/** Few values, so that equal parts meet, and extreme ones, so that signs do. */
const address = fc.constantFrom(0x0a000001, 0x0a000002, -1, -0x80000000, 0x7fffffff, 1);
const port = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(0x7fff, 0x8000, 0xffff));
const tuple: fc.Arbitrary<Tuple> = fc.tuple(address, port, address, port);

function find(table: ConnectionTable, [remote, remotePort, local, localPort]: Tuple): Connection | null {
  return table.find(remote, remotePort, local, localPort);
}

test('a connection is found by its 4-tuple and by no other, through any adding and removing', () => {
  const commands = fc.array(fc.tuple(fc.boolean(), tuple), { maxLength: 400, size: 'max' });
  holds(
    fc.property(fc.integer(), commands, fc.array(tuple, { maxLength: 30 }), (secret, list, strangers) => {
      const table = new ConnectionTable(secret);
      const model = new Map<string, Connection>();
      for (const [adding, key] of list) {
        const known = model.get(key.join());
        if (adding && known === undefined) {
          const connection = fakeConnection(key);
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

test('grows far beyond its first size, and stays right when emptied in another order', () => {
  const table = new ConnectionTable(12345);
  const all = Array.from({ length: 5000 }, (_, i) => fakeConnection([0x0a000000 + (i >> 4), 1000 + (i & 15), 1, 80]));
  for (const connection of all) table.add(connection);
  expect(table.size).toBe(5000);
  const stays = (i: number) => i % 3 === 0;
  // 7919 is coprime to 5000: every index once, far from the order of adding.
  for (let k = 0; k < all.length; k++) {
    const i = (k * 7919) % all.length;
    if (!stays(i)) table.remove(all[i] as Connection);
  }
  all.forEach((connection, i) => {
    const { remoteAddress, remotePort } = connection;
    expect(table.find(remoteAddress, remotePort, 1, 80), String(i)).toBe(stays(i) ? connection : null);
  });
});

test('what was removed is held no more, and its place is used again', () => {
  const table = new ConnectionTable(1);
  const [a, b] = [fakeConnection([1, 1, 1, 1]), fakeConnection([2, 2, 2, 2])];
  table.add(a);
  table.remove(a);
  table.add(b);
  expect([...table.values()]).toEqual([b]);
});

test('a second connection with the same 4-tuple, and removing a stranger, are bugs', () => {
  const table = new ConnectionTable(1);
  table.add(fakeConnection([1, 1, 1, 1]));
  expect(() => table.add(fakeConnection([1, 1, 1, 1]))).toThrow('a 4-tuple names one connection');
  expect(() => table.remove(fakeConnection([1, 1, 1, 1]))).toThrow('only connections of the table are removed');
  expect(() => table.remove(fakeConnection([1, 1, 1, 2]))).toThrow('only connections of the table are removed');
});
