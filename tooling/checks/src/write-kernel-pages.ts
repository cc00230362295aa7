/** Write docs/options.md, docs/sysctl.md and docs/counters.md from the tables of the sources; with --check only say which is stale. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drawKernelPages, stalePages } from './kernel-pages.ts';

const root = resolve(import.meta.dirname, '../../..');
if (process.argv.includes('--check')) {
  for (const fault of await stalePages(root)) process.stdout.write(`${fault}\n`);
} else {
  for (const [path, page] of await drawKernelPages(root)) writeFileSync(join(root, path), page);
}
