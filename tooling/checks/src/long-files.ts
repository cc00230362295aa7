/** List the source files that have grown past one screenful of reasons; a hint, not a refusal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from './files.ts';
import { LONG_FILE_LINES } from './rules.ts';

/** Source files of packages with more than `limitLines` lines, longest first, one sentence each. */
export function listLongFiles(root: string, limitLines: number = LONG_FILE_LINES): string[] {
  return listFiles(root, 'packages')
    .filter((file) => /^packages\/[^/]+\/src\/.*\.ts$/.test(file))
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > limitLines)
    .sort((a, b) => b.lines - a.lines)
    .map(({ file, lines }) => `${file} has ${lines} lines (hint: at most ${limitLines})`);
}
