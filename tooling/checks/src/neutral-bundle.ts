/** The purity check: every entry of every core package bundles for no platform at all and reaches for nothing. */
import { join } from 'node:path';
import { build, type Message } from 'esbuild';
import { listPackages, type Package } from './files.ts';
import { type PackageRules, RULES } from './rules.ts';

/** Globals of a platform, and the two of the language that make a run unrepeatable. */
const FORBIDDEN = [
  ...['Date', 'Math.random', 'performance', 'crypto', 'Intl', 'Temporal'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame'],
  ...['Promise', 'console', 'process', 'require', 'module', 'Buffer', 'global', 'globalThis', 'window', 'self'],
  ...['TextEncoder', 'TextDecoder', 'URL', 'fetch', 'WebSocket', 'Worker', 'EventTarget', 'AbortController', 'eval'],
];

const MARK = '__forbidden__';

// esbuild puts the mark only where a name means the global, never in strings, comments or local variables.
const DEFINE = Object.fromEntries(FORBIDDEN.map((name) => [name, MARK + name.replace('.', '_dot_')]));

/** Violations of purity, one sentence each; empty when all is well. */
export async function checkNeutralBundles(
  root: string,
  rules: readonly PackageRules[] = RULES,
  nodePaths: readonly string[] = [],
): Promise<string[]> {
  const faults: string[] = [];
  for (const each of listPackages(root, 'packages')) {
    const row = rules.find((rule) => each.folder === `packages/${rule.name}`);
    if (row?.side !== 'core') continue;
    for (const [entry, source] of sourceEntries(each)) {
      const problems = await bundle(join(root, each.folder, source), nodePaths);
      faults.push(...problems.map((problem) => `${each.manifest.name}${entry.slice(1)}: ${problem}`));
    }
  }
  return faults;
}

function sourceEntries(each: Package): [entry: string, source: string][] {
  const found: [string, string][] = [];
  for (const [entry, target] of Object.entries(each.manifest.exports ?? {})) {
    if (typeof target === 'string') continue;
    const source = target['@tcpstack/source'];
    if (source !== undefined) found.push([entry, source]);
  }
  return found;
}

async function bundle(entryPoint: string, nodePaths: readonly string[]): Promise<string[]> {
  try {
    const result = await build({
      entryPoints: [entryPoint],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      target: 'es2023',
      conditions: ['@tcpstack/source'],
      define: DEFINE,
      legalComments: 'none',
      logLevel: 'silent',
      nodePaths: [...nodePaths],
    });
    return forbiddenIn(result.outputFiles[0]?.text ?? '');
  } catch (error) {
    const { errors } = error as { errors?: Message[] };
    if (errors === undefined) throw error;
    return errors.map(({ text, location }) =>
      location === null ? text : `${text} (${location.file}:${location.line})`,
    );
  }
}

function forbiddenIn(code: string): string[] {
  const names = new Set<string>();
  for (const match of code.matchAll(/__forbidden__(\w+)/g)) names.add((match[1] ?? '').replace('_dot_', '.'));
  return [...names].map((name) => `the bundle uses ${name}`);
}
