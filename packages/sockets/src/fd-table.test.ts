/** The descriptor table against a map of numbers. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeSocket } from '../test/fakes.ts';
import { holds } from '../test/holds.ts';
import { FdTable } from './fd-table.ts';
import type { File } from './file.ts';

test('POSIX: a new descriptor is the lowest number that is free, from 3 on, or from where F_DUPFD asks', () => {
  holds(
    fc.property(
      fc.array(
        fc.record({ what: fc.constantFrom('add', 'add', 'dup', 'remove'), which: fc.nat(20), least: fc.nat(18) }),
        {
          maxLength: 200,
          size: 'max',
        },
      ),
      (commands) => {
        const table = new FdTable(12);
        const open = new Map<number, File>();
        for (const { what, which, least } of commands) {
          if (what === 'remove') {
            if (!open.has(which)) continue;
            expect(table.remove(which)).toBe(open.get(which));
            open.delete(which);
          } else {
            const file = what === 'add' ? fakeSocket(undefined, 0) : (open.get(which) ?? fakeSocket(undefined, 0));
            const from = Math.max(3, what === 'add' ? 3 : least);
            let lowest = from;
            while (open.has(lowest)) lowest++;
            const fd = table.add(file, false, from);
            expect(fd).toBe(lowest < 15 ? lowest : -1);
            if (fd >= 0) open.set(fd, file);
          }
          expect(table.open).toBe(open.size);
          for (let fd = -1; fd < 25; fd++) expect(table.get(fd)).toBe(open.get(fd) ?? null);
          expectReferencesAreRight(table, open);
        }
        expect([...table.numbers()]).toEqual([...open.keys()].sort((a, b) => a - b));
      },
    ),
  );
});

/** Each file knows all of its descriptors, and no others. */
function expectReferencesAreRight(table: FdTable, open: ReadonlyMap<number, File>): void {
  for (const file of new Set(open.values())) {
    const known = [{ owner: file.owner, fd: file.fd }, ...file.others];
    expect(known.every(({ owner }) => owner === table)).toBe(true);
    const numbers = [...open].filter(([, other]) => other === file).map(([fd]) => fd);
    expect(known.map(({ fd }) => fd).sort((a, b) => a - b)).toEqual(numbers.sort((a, b) => a - b));
  }
}

test('what belongs to a number, and not to the file, does not outlive the descriptor', () => {
  const table = new FdTable(4);
  const fd = table.add(fakeSocket(undefined, 0), true);
  expect([table.closesOnExec(fd), table.markReady(fd), table.markReady(fd)]).toEqual([true, true, false]);
  const file = table.remove(fd);
  expect([file.fd, file.owner]).toEqual([-1, null]);
  expect(table.add(fakeSocket(undefined, 0))).toBe(fd);
  expect([table.closesOnExec(fd), table.takeReady(fd)]).toEqual([false, false]);
});

test('what is no descriptor gives null: the standard streams, fractions, NaN', () => {
  const table = new FdTable(10);
  table.add(fakeSocket(undefined, 0));
  for (const fd of [0, 1, 2, 3.5, Number.NaN, Infinity, -3]) expect(table.get(fd)).toBeNull();
  expect(() => table.remove(7)).toThrow('only an open descriptor is freed');
});
