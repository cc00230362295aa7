/** Programs as workers: bundled once, since each would load the sources longer than it runs. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

/** Bundles a program of `programs/` before the tests of a file; what is given back runs it to its end. */
export function bundledWorker(name: string): (workerData?: unknown) => Promise<unknown[]> {
  const directory = mkdtempSync(join(tmpdir(), 'worker-'));
  const program = join(directory, 'program.mjs');
  beforeAll(async () => {
    await build({
      entryPoints: [fileURLToPath(new URL(`./programs/${name}`, import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'esnext',
      conditions: ['@tcpstack/source'],
      logLevel: 'error',
    });
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  return (workerData) => run(program, workerData);
}

/** All that the worker tells before it ends by itself. */
function run(program: string, workerData: unknown): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const told: unknown[] = [];
    const worker = new Worker(program, { workerData });
    worker.on('message', (message: unknown) => told.push(message));
    worker.on('error', reject);
    worker.on('exit', () => resolve(told));
  });
}
