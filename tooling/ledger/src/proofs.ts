/** What can prove a requirement: titles of tests in vitest's JSON results, and comments in the sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Mention, mentionsIn } from './table.ts';

/** A test, or a group of tests whose common title carries the label. */
export interface Proof {
  /** Relative to the root, with `/`. */
  readonly file: string;
  readonly title: string;
  readonly mention: Mention;
  readonly passed: boolean;
}

/** A source file that mentions a label. */
export interface Source {
  readonly file: string;
  readonly mention: Mention;
}

interface VitestJson {
  readonly testResults: readonly {
    /** Absolute, or as a cache of another checkout has it. */
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

function packageFolders(root: string): string[] {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map((name) => `packages/${name}`);
}

/**
 * Every labelled title of the last run of the packages' tests. Tests against a kernel are left out: not every machine
 * can run them. A skipped test proves nothing.
 */
export function readProofs(root: string): Proof[] {
  const found = new Map<string, Proof>();
  for (const folder of packageFolders(root)) {
    const path = join(root, folder, 'test-results', 'vitest.json');
    if (!existsSync(path)) continue;
    for (const { name, assertionResults } of (JSON.parse(readFileSync(path, 'utf8')) as VitestJson).testResults) {
      const inside = name.split(sep).join('/');
      const file = folder + inside.slice(inside.lastIndexOf(`/${folder}/`) + folder.length + 1);
      for (const { ancestorTitles, title, status } of assertionResults) {
        if (status !== 'passed' && status !== 'failed') continue;
        note(found, file, [...ancestorTitles, title], status === 'passed');
      }
    }
  }
  return [...found.values()].sort((a, b) => compare(a.file, b.file) || compare(a.title, b.title));
}

/** A label counts where it stands: one in a group's title makes the whole group one proof, which fails as one. */
function note(found: Map<string, Proof>, file: string, titles: readonly string[], passed: boolean): void {
  titles.forEach((each, depth) => {
    for (const mention of mentionsIn(each)) {
      const title = titles.slice(0, depth + 1).join(' › ');
      const key = [file, title, mention.label, mention.words].join('\n');
      found.set(key, { file, title, mention, passed: passed && found.get(key)?.passed !== false });
    }
  });
}

/** Every published source file and the labels it mentions, each once, by file. */
export function readSources(root: string): Source[] {
  const found: Source[] = [];
  for (const folder of packageFolders(root)) {
    for (const file of sourceFiles(root, join(root, folder, 'src'))) {
      const seen = new Set<string>();
      // The RFC's own sentences carry their labels in parentheses.
      const text = readFileSync(join(root, file), 'utf8').replaceAll(/\(([A-Z]+-\d+)\)/g, '[$1]');
      for (const mention of mentionsIn(text)) {
        const key = `${mention.label} ${mention.words}`;
        if (!seen.has(key)) found.push({ file, mention });
        seen.add(key);
      }
    }
  }
  return found;
}

function sourceFiles(root: string, folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => relative(root, join(folder, name)).split(sep).join('/'))
    .sort(compare);
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
