/** The descriptor table against a set of numbers. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeSocket } from '../test/fakes.ts';
import { holds } from '../test/holds.ts';
import { FdTable } from './fd-table.ts';
import type { Socket } from './socket.ts';

test('POSIX: a new descriptor is the lowest number that is free, from 3 on', () => {
  holds(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20)), { maxLength: 200, size: 'max' }), (commands) => {
      const table = new FdTable(12);
      const open = new Map<number, Socket>();
      for (const [adding, which] of commands) {
        if (adding) {
          const socket = fakeSocket(undefined, 0);
          let lowest = 3;
          while (open.has(lowest)) lowest++;
          const fd = table.add(socket);
          expect(fd).toBe(open.size === 12 ? -1 : lowest);
          expect(socket.fd).toBe(fd);
          if (fd >= 0) open.set(fd, socket);
        } else {
          const socket = open.get(3 + which);
          if (socket === undefined) continue;
          table.remove(socket);
          expect(socket.fd).toBe(-1);
          open.delete(3 + which);
        }
        expect(table.open).toBe(open.size);
        for (let fd = -1; fd < 25; fd++) expect(table.get(fd)).toBe(open.get(fd) ?? null);
      }
      const byNumber = [...open].sort(([a], [b]) => a - b).map(([, socket]) => socket);
      expect([...table.values()]).toEqual(byNumber);
    }),
  );
});

test('what is no descriptor gives null: the standard streams, fractions, NaN', () => {
  const table = new FdTable(10);
  table.add(fakeSocket(undefined, 0));
  for (const fd of [0, 1, 2, 3.5, Number.NaN, Infinity, -3]) expect(table.get(fd)).toBeNull();
  expect(() => table.remove(fakeSocket(undefined, 0, { fd: 3 }))).toThrow(
    'a descriptor is freed by the socket that has it',
  );
});
