/** A worker that lives one of the lives, in one of the worlds: it ends by itself, or is told to after a while. */

import { parentPort, workerData } from 'node:worker_threads';
import { nodeWorld, ourWorld } from '../worlds.ts';
import { lives } from './lives.ts';

/** Who is still there then, stays. The timer itself holds nobody. */
const PATIENCE_MS = 1000;

const { title, world } = workerData as { title: string; world: 'node' | 'ours' };
const tell = (words: string): void => parentPort?.postMessage(words);
const { net } = world === 'node' ? nodeWorld() : ourWorld();

setTimeout(() => {
  tell('stays');
  process.exit(0);
}, PATIENCE_MS).unref();
process.on('exit', (code) => tell(`exit ${code}`));
await lives[title]?.(net, tell);
