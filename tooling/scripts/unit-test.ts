/** Run the tests of the package in the current folder with the root's vitest, and leave their count as JSON. */
import { spawnSync } from 'node:child_process';
import { join, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const folder = relative(root, process.cwd()).split(sep).join('/');
if (folder === '' || folder.startsWith('..')) {
  console.error('unit-test: run me in the folder of a workspace package');
  process.exit(2);
}

// The slash keeps `packages/tcp/` from also selecting a future `packages/tcp-something/`.
const args = [
  ...['run', '--root', root, `${folder}/`],
  ...[
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(process.cwd(), 'test-results', 'vitest.json')}`,
  ],
  ...process.argv.slice(2),
];
const result = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
