/** Run every check on this repository; print what is wrong, one sentence a line; exit 1 if anything is. */
import { resolve } from 'node:path';
import { checkCycles } from './cycles.ts';
import { checkInside } from './inside.ts';
import { checkKernelPages } from './kernel-pages.ts';
import { checkLayers } from './layers.ts';
import { checkLinks } from './links.ts';
import { listLongFiles } from './long-files.ts';
import { checkNeutralBundles } from './neutral-bundle.ts';
import { checkNodeNet } from './node-net.ts';
import { checkStateDiagram } from './state-diagram.ts';

const root = resolve(import.meta.dirname, '../../..');

const results: [name: string, faults: string[]][] = [
  ['layers: imports follow the table', checkLayers(root)],
  ['cycles: no file imports itself by way of others', checkCycles(root)],
  ['purity: the core bundles for no platform', await checkNeutralBundles(root)],
  ['inside: nothing refers to a path outside the repository', checkInside(root)],
  ['links: what the documents link to is there', checkLinks(root)],
  ['pages: options, sysctl names, counters and calls are what the sources say', checkKernelPages(root)],
  ['node:net: the page of what is the same is what the cases say', checkNodeNet(root)],
  ['diagram: the page of the state machine is what its table says', await checkStateDiagram(root)],
];

for (const hint of listLongFiles(root)) console.log(`  hint ${hint}`);
for (const [name, faults] of results) {
  console.log(`${faults.length === 0 ? '    ok' : 'FAILED'} ${name}`);
  for (const fault of faults) console.log(`         ${fault}`);
}
process.exitCode = results.every(([, faults]) => faults.length === 0) ? 0 : 1;
