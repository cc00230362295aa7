import { expect, test } from 'vitest';
import { plant } from '../test/planted.ts';
import { listLongFiles } from './long-files.ts';

test('a file of exactly the limit is not listed, one line more is, longest first', () => {
  const root = plant({
    'packages/low/src/fits.ts': '\n'.repeat(10),
    'packages/low/src/long.ts': '\n'.repeat(11),
    'packages/low/src/longer.ts': '\n'.repeat(12),
  });
  expect(listLongFiles(root, 10)).toEqual([
    'packages/low/src/longer.ts has 12 lines (hint: at most 10)',
    'packages/low/src/long.ts has 11 lines (hint: at most 10)',
  ]);
});
