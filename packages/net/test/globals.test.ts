/** A stack leaves nothing behind in what all of a program shares. */

import { expect, test } from 'vitest';
import { bundledWorker } from './same/bundled-worker.ts';

const use = bundledWorker('globals.ts');

test('no global, no member of a class of Node and no listener of the process is left by a stack', async () => {
  expect(await use()).toEqual([[]]);
});
