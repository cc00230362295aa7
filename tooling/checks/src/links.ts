/** The link check: what the documents link to inside the repository is there. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listFiles } from './files.ts';

/** Violations, one sentence each with file and line; empty when all is well. Links to headings and the web are not followed. */
export function checkLinks(root: string, files: readonly string[] = listFiles(root)): string[] {
  const faults: string[] = [];
  for (const file of files.filter((each) => each.endsWith('.md'))) {
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .forEach((line, index) => {
        for (const [, target = ''] of line.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
          if (/^[a-z]+:/.test(target) || existsSync(join(root, dirname(file), target))) continue;
          faults.push(`${file}:${index + 1}: links to ${target}, which is not there`);
        }
      });
  }
  return faults;
}
