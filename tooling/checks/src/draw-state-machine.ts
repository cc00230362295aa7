/** Write docs/state-machine.md from the table of transitions. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drawPage, PAGE, readArrows } from './state-diagram.ts';

const root = resolve(import.meta.dirname, '../../..');
writeFileSync(join(root, PAGE), drawPage(await readArrows(root)));
