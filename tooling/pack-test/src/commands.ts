/** Run a program to its end and keep what it said, for failures that explain themselves. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program's exit code (`null`: killed by a signal or by the time limit) and both its streams. */
export interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `command` in `folder` for at most `timeoutMs`. */
export function run(folder: string, command: string, args: readonly string[], timeoutMs = 120_000): Outcome {
  // Only what a user's shell has: no settings of the pnpm or npm that started this test.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(npm_(?!config_(registry|cache|userconfig)$)|pnpm_|VITEST|NODE_OPTIONS|NODE_ENV|INIT_CWD)/i.test(name),
    ),
  );
  const result = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8', timeout: timeoutMs });
  if (result.error !== undefined && result.status === null && result.signal === null) throw result.error;
  return { code: result.status, output: `${result.stdout}${result.stderr}` };
}

/** Runs and returns the output. @throws {Error} With command, code and output when it does not end with 0. */
export function runOrThrow(folder: string, command: string, args: readonly string[]): string {
  const { code, output } = run(folder, command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

/** Every node of version 22 or newer that can be found, one for each version: version to path. */
export function supportedNodes(): Map<string, string> {
  const found = new Map<string, string>();
  const places = [process.execPath, ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'))];
  for (const place of places) {
    if (!existsSync(place)) continue;
    const { code, output } = run('.', place, ['--version']);
    const version = output.trim();
    if (code === 0 && Number(/^v(\d+)\./.exec(version)?.[1] ?? 0) >= 22 && !found.has(version))
      found.set(version, place);
  }
  return found;
}
