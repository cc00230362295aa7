import { expect, test } from 'vitest';
import { plant, SMALL_RULES } from '../test/planted.ts';
import { checkNeutralBundles } from './neutral-bundle.ts';

const check = (planted: Record<string, string> = {}): Promise<string[]> => {
  const root = plant(planted);
  return checkNeutralBundles(root, SMALL_RULES, [`${root}/node_modules`]);
};

test('a pure core passes, though comments and strings speak of Date and console', async () => {
  expect(await check()).toEqual([]);
});

test.each([
  ['Date', 'Date.now()'],
  ['Math.random', 'Math.random()'],
  ['setTimeout', 'setTimeout(() => {}, 1)'],
  ['console', "console.log('x')"],
  ['process', "process['env']"],
  ['require', "require('fs')"],
  ['globalThis', "globalThis['Date']"],
])('%s is found, and named with every entry that carries it', async (name, expression) => {
  const planted = { 'packages/low/src/one.ts': `export const one = 1;\nexport const bad: unknown = ${expression};\n` };
  expect(await check(planted)).toEqual([
    `@tcpstack/high/high: the bundle uses ${name}`,
    `@tcpstack/low/low: the bundle uses ${name}`,
  ]);
});

test('a module of Node does not resolve', async () => {
  const planted = { 'packages/high/src/high.ts': "export { readFileSync } from 'node:fs';\n" };
  expect((await check(planted)).join('\n')).toContain('@tcpstack/high/high: Could not resolve "node:fs"');
});

test('an entry without its source file is a fault', async () => {
  const planted = {
    'packages/low/package.json': '{"name":"@tcpstack/low","exports":{"./gone":{"@tcpstack/source":"./src/gone.ts"}}}',
    'packages/high/src/high.ts': 'export const four = 4;\n',
  };
  expect((await check(planted)).join('\n')).toMatch(/^@tcpstack\/low\/gone: Could not resolve/);
});

test('a local variable with a forbidden name is no use of the global', async () => {
  const planted = { 'packages/low/src/one.ts': 'export const one = ((self: number) => self + 1)(2);\n' };
  expect(await check(planted)).toEqual([]);
});
