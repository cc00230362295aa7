/** Run the tests of the package in the current folder with the root's vitest, and leave their count as JSON. */
import { spawn } from 'node:child_process';
import { join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';

// A test that never yields cannot be stopped by vitest's own time limit, so the whole run has one too.
const DEFAULT_LIMIT_MINUTES = '5';

const root = resolve(import.meta.dirname, '../..');
const folder = relative(root, process.cwd()).split(sep).join('/');
if (folder === '' || folder.startsWith('..')) {
  console.error('unit-test: run me in the folder of a workspace package');
  process.exit(2);
}
const { values, positionals } = parseArgs({
  options: { 'limit-minutes': { type: 'string', default: DEFAULT_LIMIT_MINUTES } },
  allowPositionals: true,
});
const limitMinutes = Number(values['limit-minutes']);

const report = join(process.cwd(), 'test-results', 'vitest.json');
// The slash keeps `packages/tcp/` from also selecting a future `packages/tcp-something/`.
const args = [
  'run',
  '--root',
  root,
  `${folder}/`,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
];
// A group of its own, because a worker that never yields does not notice that its parent was ended.
const vitest = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args, ...positionals], {
  cwd: root,
  stdio: 'inherit',
  detached: process.platform !== 'win32',
});

function end(signal: NodeJS.Signals): void {
  if (vitest.pid === undefined) return;
  if (process.platform === 'win32') vitest.kill(signal);
  else process.kill(-vitest.pid, signal);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal));
const limit = setTimeout(() => {
  console.error(
    `the tests of ${folder} did not end within ${limitMinutes} minutes: one of them hangs, see what ran last`,
  );
  end('SIGKILL');
}, limitMinutes * 60_000);
vitest.on('exit', (code) => {
  clearTimeout(limit);
  process.exitCode = code ?? 1;
});
