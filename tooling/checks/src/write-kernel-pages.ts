/** Write the pages of options, sysctl names, counters and calls from the sources; with --check only say what is wrong with them. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drawCallsPage } from './calls-page.ts';
import { drawKernelPages, stalePages } from './kernel-pages.ts';

const root = resolve(import.meta.dirname, '../../..');
const { path: callsPath, page: callsPage, faults } = await drawCallsPage(root);
const pages = new Map([...(await drawKernelPages(root)), [callsPath, callsPage]]);
if (process.argv.includes('--check')) {
  for (const fault of [...faults, ...stalePages(root, pages)]) process.stdout.write(`${fault}\n`);
} else {
  for (const [path, page] of pages) writeFileSync(join(root, path), page);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
}
