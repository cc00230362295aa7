/** The packages that are published: what they are, and how they come to a user's folder as tarballs. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runOrThrow } from './commands.ts';

/** The repository's top folder. */
export const ROOT: string = resolve(import.meta.dirname, '../../..');

const SCOPE = '@tcpstack/';

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
    const manifest = readManifest(folder);
    if (manifest.private === true) continue;
    const keys = Object.keys(manifest.exports ?? {}).filter((key) => key !== './package.json');
    const ours = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith(SCOPE));
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
 * Packs what others published and `each` depends on, directly or not, as it is installed in this workspace; what is
 * optional and not for this platform is left out. So the test needs no registry, and no network.
 */
export function packOthers(each: Published, into: string): string[] {
  const folders = new Set<string>();
  const visit = (folder: string, places: readonly string[]): void => {
    const { dependencies = {}, optionalDependencies = {} } = readManifest(folder);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const place = places.map((path) => join(path, name)).find((path) => existsSync(path));
      if (name.startsWith(SCOPE) || (place === undefined && name in optionalDependencies)) continue;
      if (place === undefined) throw new Error(`${name}, which ${folder} depends on, is not installed`);
      const real = realpathSync(place);
      if (folders.has(real)) continue;
      folders.add(real);
      // pnpm puts the dependencies of a package beside it.
      visit(real, [join(real, 'node_modules'), real.slice(0, real.length - name.length)]);
    }
  };
  visit(each.folder, [join(each.folder, 'node_modules')]);
  if (folders.size === 0) return [];
  mkdirSync(into, { recursive: true });
  runOrThrow(into, 'npm', ['pack', '--ignore-scripts', '--silent', ...folders]);
  return readdirSync(into).map((file) => join(into, file));
}

/**
 * Makes an empty project in `folder` and lets npm install the tarballs there. Nothing is fetched and no install
 * script may run: neither a download nor a compiler is needed.
 */
export function installByNpm(folder: string, tarballs: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "name": "a-user", "private": true, "type": "module" }\n');
  const flags = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier'];
  runOrThrow(folder, 'npm', ['install', ...flags, `--cache=${join(folder, '..', 'npm-cache')}`, ...tarballs]);
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
