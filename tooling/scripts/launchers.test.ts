import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { endWith, launchersOf } from './launchers.ts';

const LINUX = process.platform === 'linux';

/** A process that stays until it is ended; `env` alone is its environment. */
function stayer(env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the process did not start');
  return child.pid;
}

test.runIf(LINUX)('whoever starts a process with a mark of npm is its launcher', async () => {
  const child = stayer({ npm_lifecycle_event: 'demo' });
  await once(child, 'spawn');
  expect(launchersOf(pidOf(child))[0]).toBe(process.pid);
});

test.runIf(LINUX)('a process without a mark of npm has no launchers', async () => {
  const child = stayer({});
  await once(child, 'spawn');
  expect(launchersOf(pidOf(child))).toEqual([]);
});

test.runIf(LINUX)('when one of the launchers ends, the application gets SIGTERM', async () => {
  const [application, launcher, other] = [stayer({}), stayer({}), stayer({})];
  endWith(pidOf(application), [pidOf(launcher), pidOf(other)]);
  other.kill('SIGTERM');
  expect(await once(application, 'exit')).toEqual([null, 'SIGTERM']);
});
