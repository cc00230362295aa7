/** The types of a stack, and of the module, against those of `@types/node`. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const tsc = fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url));
const project = fileURLToPath(new URL('./types/tsconfig.json', import.meta.url));

test('a stack and its Socket and Server fit the types of node:net, but for the listed differences', () => {
  const { status, stdout } = spawnSync(tsc, ['-p', project], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
