/** A program ends by itself when, and only when, it would with node:net: in workers, whose loops end as a process's. */

import { test } from 'vitest';
import { bundledWorker } from './bundled-worker.ts';
import { lives } from './programs/lives.ts';
import { holdAgainst, secondWorldName } from './same.ts';

const live = bundledWorker('live.ts') as (life: { title: string; world: string }) => Promise<string[]>;

for (const title of Object.keys(lives)) {
  test.concurrent(title, async () => {
    const [theirs, ours] = await Promise.all([live({ title, world: 'node' }), live({ title, world: secondWorldName })]);
    holdAgainst(title, theirs, ours);
  });
}
