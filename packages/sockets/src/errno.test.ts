/** Error numbers, names and messages. */

import { constants } from 'node:os';
import { expect, test } from 'vitest';
import * as errno from './errno.ts';

const NUMBERS = Object.entries(errno).flatMap(([name, value]): [string, number][] =>
  typeof value === 'number' ? [[name, value]] : [],
);

test('each number has its name and a message, whatever its sign, and the name leads back', () => {
  expect(NUMBERS.length).toBeGreaterThan(20);
  for (const [name, number] of NUMBERS) {
    expect([errno.errnoName(number), errno.errnoName(-number), errno.errnoOf(name)]).toEqual([name, name, number]);
    expect(errno.errnoMessage(-number)).toMatch(/^[a-z -]+$/);
  }
  expect(new Set(NUMBERS.map(([, number]) => number)).size).toBe(NUMBERS.length);
});

test.runIf(process.platform === 'linux')("the numbers are Linux's", () => {
  for (const [name, number] of NUMBERS) {
    const known = constants.errno[name as keyof typeof constants.errno];
    if (known !== undefined) expect([name, number]).toEqual([name, known]);
  }
});

test('unknown numbers and names do not fail', () => {
  expect([errno.errnoName(-12345), errno.errnoMessage(12345)]).toEqual(['E12345', 'unknown error 12345']);
  expect([errno.errnoOf(''), errno.errnoOf('EWHAT'), errno.errnoOf('toString')]).toEqual([0, 0, 0]);
});
