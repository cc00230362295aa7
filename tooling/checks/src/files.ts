/** Walk the repository's files and read packages' manifests, the same way for every check. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The parts of a package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A workspace package: where it is, and its manifest. */
export interface Package {
  /** Folder relative to the root, with `/`: `packages/wire`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'test-results', '.turbo', '.git']);

/** Every file below `root/folder` that is not installed or generated; paths relative to `root`, with `/`, sorted. */
export function listFiles(root: string, folder = '.'): string[] {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  const found: string[] = [];
  for (const entry of readdirSync(start, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...listFiles(root, path));
    else found.push(path.split(sep).join('/'));
  }
  return found.sort();
}

/** The packages directly below `root/folder` (`packages`, `apps` or `tooling`), sorted by name. */
export function listPackages(root: string, folder: string): Package[] {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  const found: Package[] = [];
  for (const name of readdirSync(start).sort()) {
    const path = join(start, name, 'package.json');
    if (existsSync(path)) found.push({ folder: `${folder}/${name}`, manifest: readManifest(path) });
  }
  return found;
}

/** Reads one package.json. */
export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

/** `path` as seen from `from`, with `/`. */
export function relativeTo(from: string, path: string): string {
  return relative(from, path).split(sep).join('/');
}

/** True for unit tests and everything in a package's `test/` and `bench/` folders: none of it is published. */
export function isTestFile(path: string): boolean {
  return /\.test\.ts$|(^|\/)(test|bench)\//.test(path);
}
