/** The repository is whole: no committed file names a path outside it, and no link leaves it. */
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { listFiles, relativeTo } from './files.ts';

const SKIPPED = /(^|\/)(pnpm-lock\.yaml|LICENSE)$|\.(png|jpg|gif|ico|woff2?|pcapng|pcap|bin|tgz)$/;

// Folders of one machine or one person; /dev, /proc, /sys, /etc, /usr and the like are the same everywhere.
const PERSONAL = /(?<![\w.@:/-])\/(?:work|home|root|Users|mnt|srv|workspace|workspaces)\/[\w.-]+/g;
const CLIMBING = /(?<![\w./])(?:\.\/)?((?:\.\.\/)+[\w.@-]*|(?:\.\.\/)*\.\.(?=['"`)\s]))/g;

/** Violations, one sentence each with file and line; empty when all is well. */
export function checkInside(root: string, files: readonly string[] = listFiles(root)): string[] {
  const faults: string[] = [];
  for (const file of files) {
    const path = join(root, file);
    if (lstatSync(path).isSymbolicLink()) {
      if (leaves(root, file, readlinkSync(path))) faults.push(`${file}: is a link to outside the repository`);
      continue;
    }
    if (SKIPPED.test(file)) continue;
    readFileSync(path, 'utf8')
      .split('\n')
      .forEach((line, index) => {
        for (const outside of outsidePaths(root, file, line)) {
          faults.push(`${file}:${index + 1}: names ${outside}, outside the repository`);
        }
      });
  }
  return faults;
}

function outsidePaths(root: string, file: string, line: string): string[] {
  const found = [...line.matchAll(PERSONAL)].map((match) => match[0]);
  for (const match of line.matchAll(CLIMBING)) {
    const climbing = match[1] ?? '';
    if (leaves(root, file, climbing)) found.push(climbing);
  }
  return found;
}

function leaves(root: string, file: string, target: string): boolean {
  const seen = relativeTo(root, resolve(root, dirname(file), target));
  return seen === '..' || seen.startsWith('../');
}
