/** Makes a small repository in a temporary folder, sound except for what a test plants in it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PackageRules } from '../src/rules.ts';

/** The table for the small repository: `low` below `high`, both core; `edge` on the platform side. */
export const SMALL_RULES: readonly PackageRules[] = [
  { name: 'low', side: 'core', ours: [], others: [] },
  { name: 'high', side: 'core', ours: ['low'], others: [] },
  { name: 'edge', side: 'platform', ours: ['low', 'high'], others: ['left-pad'] },
];

const SOUND: Readonly<Record<string, string>> = {
  'packages/low/package.json': manifest('low', './low', {}),
  'packages/low/src/low.ts': "import { one } from './one.ts';\nexport const two: number = one + one;\n",
  'packages/low/src/one.ts':
    "/** The word Date, console and process. in a comment. */\nexport const one = 'Date console'.length;\n",
  'packages/high/package.json': manifest('high', './high', { '@tcpstack/low': 'workspace:^' }),
  'packages/high/src/high.ts': "import { two } from '@tcpstack/low/low';\nexport const four: number = two + two;\n",
  'packages/edge/package.json': manifest('edge', './edge', { '@tcpstack/high': 'workspace:^', 'left-pad': '1.0.0' }),
  'packages/edge/src/edge.ts':
    "import 'left-pad';\nimport { readFileSync } from 'node:fs';\nimport { four } from '@tcpstack/high/high';\nexport const now = Date.now() + four + readFileSync.length;\n",
};

function manifest(name: string, entry: string, dependencies: Record<string, string>): string {
  const file = `./src/${entry.slice(2)}.ts`;
  return JSON.stringify({
    name: `@tcpstack/${name}`,
    exports: { [entry]: { '@tcpstack/source': file } },
    dependencies,
  });
}

/** Writes the sound repository with `planted` files laid over it; removed when the test ends. Returns its root. */
export function plant(planted: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'tcpstack-checks-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [file, text] of Object.entries({ ...SOUND, ...planted })) {
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  for (const name of ['low', 'high']) {
    mkdirSync(join(root, 'node_modules/@tcpstack'), { recursive: true });
    symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@tcpstack', name));
  }
  return root;
}

/** A manifest of `high` with other dependencies, for tests that plant one. */
export function highManifest(dependencies: Record<string, string>): string {
  return manifest('high', './high', dependencies);
}
