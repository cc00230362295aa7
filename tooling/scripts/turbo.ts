/** Run turbo with the settings that every script shares: no telemetry, no update notice, the pinned binary. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const ROOT: string = resolve(import.meta.dirname, '../..');

/** How one run of turbo ended. */
export interface TurboResult {
  /** Exit code; 1 when a signal ended it. */
  readonly code: number;
  /** What it printed on both streams; empty when `quiet` was not set. */
  readonly output: string;
}

/**
 * Runs turbo with `args`. With `quiet` its output is returned instead of shown, so that stdout stays free for
 * whoever runs next. `env` is laid over this process's environment.
 */
export function runTurbo(
  args: readonly string[],
  options: { quiet?: boolean; env?: NodeJS.ProcessEnv } = {},
): TurboResult {
  const turbo = join(ROOT, 'node_modules', 'turbo', 'bin', 'turbo');
  if (!existsSync(turbo)) throw new Error('turbo is not installed: run `npx -y pnpm@12 install`');
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env, TURBO_TELEMETRY_DISABLED: '1' };
  // Tasks find node, tsc and vitest here even when this script was not started by pnpm.
  env.PATH = [join(ROOT, 'node_modules', '.bin'), env.PATH ?? ''].join(delimiter);
  const result = spawnSync(process.execPath, [turbo, ...args], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    stdio: options.quiet === true ? 'pipe' : 'inherit',
    maxBuffer: 1 << 28,
  });
  if (result.error !== undefined) throw result.error;
  return { code: result.status ?? 1, output: `${result.stdout ?? ''}${result.stderr ?? ''}` };
}

// As a command: `node tooling/scripts/turbo.ts run build`.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = runTurbo(process.argv.slice(2)).code;
}
