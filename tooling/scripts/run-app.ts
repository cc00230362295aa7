/** Build a workspace package and all below it without a word, then become it: `run-app.ts <folder> [arguments]`. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWith, launchersOf } from './launchers.ts';
import { ROOT, runTurbo } from './turbo.ts';

const [folder, ...args] = process.argv.slice(2);
if (folder === undefined || !existsSync(join(ROOT, folder, 'package.json'))) {
  console.error('usage: node tooling/scripts/run-app.ts <folder of a workspace package> [arguments]');
  process.exit(2);
}

const { name } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as { name: string };
const build = runTurbo(['run', 'build', `--filter=${name}...`, '--output-logs=errors-only'], { quiet: true });
if (build.code !== 0) {
  process.stderr.write(build.output);
  console.error(`${name} could not be built; the errors are above`);
  process.exit(1);
}

const entry = ['dist/main.js', 'main.ts', 'src/main.ts']
  .map((path) => join(ROOT, folder, path))
  .find((path) => existsSync(path));
if (entry === undefined) {
  console.error(`${name} has no main module`);
  process.exit(1);
}
become(process.execPath, [entry, ...args]);

/** Replaces this process where the platform can; else runs a child, passes signals on and ends as it ends. */
function become(file: string, argv: readonly string[]): void {
  if (process.platform !== 'win32' && typeof process.execve === 'function') {
    // Node says that execve is experimental; the person who started a demo need not know.
    process.removeAllListeners('warning');
    endWith(process.pid, launchersOf(process.pid));
    process.execve(file, [file, ...argv], process.env);
  }
  const child = spawn(file, argv, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code ?? 1;
    else process.exit(128 + (signal === 'SIGINT' ? 2 : 15));
  });
}
