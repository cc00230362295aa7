/** A program with a stack ends when, and only when, a program with `node:net` would. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const node = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));

function run(program: string, ...args: string[]): { child: ChildProcess; output: () => string } {
  const file = fileURLToPath(new URL(`./programs/${program}`, import.meta.url));
  const child = spawn(node, ['--conditions=@tcpstack/source', file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += String(data);
  });
  return { child, output: () => output };
}

test('everything closed: the process ends by itself, though TIME-WAIT would last a minute', async () => {
  const { child, output } = run('closes.ts');
  const startMs = performance.now();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(output()).toBe('bye\nclosed\n');
  expect(performance.now() - startMs).toBeLessThan(8000);
}, 10_000);

test('a server that listens keeps the process', async () => {
  const { child } = run('listens.ts');
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(child.exitCode).toBe(null);
}, 10_000);

test('after unref it does not', async () => {
  const { child, output } = run('listens.ts', 'unref');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(output()).toBe('listening\n');
}, 10_000);

test('the module form binds to a default stack, which a program may configure before the first call', async () => {
  const { child, output } = run('default-stack.ts');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(output().split('\n')).toEqual([
    'true true 1',
    'the default stack is in use: configure it before the first call',
    'you are 10.0.0.2',
    'you are 127.0.0.1',
    '',
  ]);
}, 10_000);
