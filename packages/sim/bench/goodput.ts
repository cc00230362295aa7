/** Prints the page of goodput, or with `--write` updates docs/goodput.md. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { goodputPage } from '../src/goodput-page.ts';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const page = goodputPage();
if (values.write) writeFileSync(join(import.meta.dirname, '../../../docs/goodput.md'), page);
else process.stdout.write(page);
