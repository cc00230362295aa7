/** The packages that are published: what they are, and how they come to a user's folder as tarballs. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runOrThrow } from './commands.ts';

/** The repository's top folder. */
export const ROOT: string = resolve(import.meta.dirname, '../../..');

/** One published package. */
export interface Published {
  readonly name: string;
  /** Absolute path of its folder. */
  readonly folder: string;
  /** Names by which it can be imported, without `package.json`. */
  readonly entries: readonly string[];
  /** Names of our packages that it depends on, directly. */
  readonly ours: readonly string[];
}

/** All packages under `packages/` that are not private, by name. */
export function listPublished(): Map<string, Published> {
  const found = new Map<string, Published>();
  for (const each of readdirSync(join(ROOT, 'packages')).sort()) {
    const folder = join(ROOT, 'packages', each);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name: string;
      private?: boolean;
      exports: Record<string, unknown>;
      dependencies?: Record<string, string>;
    };
    if (manifest.private === true) continue;
    const keys = Object.keys(manifest.exports).filter(
      (key) => key !== './package.json' && manifest.exports[key] !== null,
    );
    const ours = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@tcpstack/'));
    found.set(manifest.name, {
      name: manifest.name,
      folder,
      entries: keys.map((key) => manifest.name + key.slice(1)),
      ours,
    });
  }
  return found;
}

/** Packs one package with pnpm, which puts versions in place of `workspace:`. Returns the tarball's path. */
export function pack(each: Published, into: string): string {
  const folder = join(into, each.name.replace('/', '-'));
  mkdirSync(folder, { recursive: true });
  runOrThrow(each.folder, 'pnpm', ['pack', '--pack-destination', folder]);
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`${each.name}: pnpm pack left no tarball`);
  return join(folder, tarball);
}

/** A package and all of ours below it, each once. */
export function closure(each: Published, all: ReadonlyMap<string, Published>): Published[] {
  const found = new Set<Published>([each]);
  for (const one of found) {
    for (const name of one.ours) {
      const below = all.get(name);
      if (below === undefined) throw new Error(`${one.name} depends on ${name}, which is not published`);
      found.add(below);
    }
  }
  return [...found];
}

/**
 * Makes an empty project in `folder` and lets npm install the tarballs there. No install script may run: nobody
 * needs a compiler, and nothing is fetched but packages.
 */
export function installByNpm(folder: string, tarballs: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }\n');
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier'];
  runOrThrow(folder, 'npm', ['install', ...flags, ...tarballs]);
}
