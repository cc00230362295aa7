/** Build the package in the current folder into `dist`: its types by tsc, its JavaScript bundled, a file for each entry of `exports`. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly '@tcpstack/source'?: string }>>;
}

const { exports: entries } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const sources = Object.values(entries)
  .map((entry) => (typeof entry === 'string' ? undefined : entry['@tcpstack/source']))
  .filter((path) => path !== undefined);

rmSync('dist', { recursive: true, force: true });
const types = spawnSync('tsc', ['-p', 'tsconfig.json', '--emitDeclarationOnly'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (types.error !== undefined) throw types.error;
if (types.status !== 0) process.exit(types.status ?? 1);

// V8's collections grow with what lives in the heap, and hundreds of small modules with their comments live there for ever.
await build({
  entryPoints: sources.map((path) => resolve(path)),
  outbase: resolve('src'),
  outdir: resolve('dist'),
  chunkNames: 'shared/[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
  sourcemap: true,
  logLevel: 'warning',
});

// esbuild calls a class that names itself `_Name`, and users would read that in every stack and every inspection.
for (const path of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.js')) continue;
  const file = join('dist', path);
  const code = readFileSync(file, 'utf8');
  const renamed = [...code.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name as string);
  if (renamed.length === 0) continue;
  const own = new RegExp(`\\b_(${renamed.join('|')})\\b`, 'g');
  writeFileSync(file, code.replace(own, '$1'));
}
