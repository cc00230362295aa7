/** The titles of the unit tests, with what each test says: to find the one that shows something. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from './files.ts';

/** One test. */
export interface UnitTest {
  /** Path of its file. */
  readonly file: string;
  readonly title: string;
  /** Its source, from the title to the next test's. */
  readonly body: string;
}

const TEST = /\b(?:test|it)(?:\.each\([\s\S]*?\))?\(\s*(['"`])((?:(?!\1).)+)\1/g;

/** Every test below `packages`, by the order of files. */
export function listUnitTests(root: string): UnitTest[] {
  return listFiles(root, 'packages')
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => testsOf(file, readFileSync(join(root, file), 'utf8')));
}

/** The tests of one file. */
export function testsOf(file: string, source: string): UnitTest[] {
  const found = [...source.matchAll(TEST)];
  return found.map((match, i) => ({
    file,
    title: match[2] ?? '',
    body: source.slice(match.index, found[i + 1]?.index ?? source.length),
  }));
}
