import { expect, test } from 'vitest';
import { highManifest, plant, SMALL_RULES } from '../test/planted.ts';
import { checkLayers } from './layers.ts';

const check = (planted: Record<string, string> = {}): string[] => checkLayers(plant(planted), SMALL_RULES);

test('a repository that follows the table has no faults', () => {
  expect(check()).toEqual([]);
});

test('an import upwards is refused, also of a type alone', () => {
  expect(check({ 'packages/low/src/up.ts': "import type { four } from '@tcpstack/high/high';\n" })).toEqual([
    'packages/low/src/up.ts:1: low may not import @tcpstack/high',
  ]);
});

test('an import on several lines, a re-export and a dynamic import are all seen', () => {
  const text =
    "import {\n  four,\n} from '@tcpstack/high/high';\nexport * from '@tcpstack/high/high';\nconst late = import('@tcpstack/high/high');\n";
  expect(check({ 'packages/low/src/up.ts': text })).toEqual([
    'packages/low/src/up.ts:1: low may not import @tcpstack/high',
    'packages/low/src/up.ts:4: low may not import @tcpstack/high',
    'packages/low/src/up.ts:5: low may not import @tcpstack/high',
  ]);
});

test('the core may not import node: nor a package of others', () => {
  expect(check({ 'packages/low/src/up.ts': "import 'node:fs';\nimport 'left-pad';\n" })).toEqual([
    'packages/low/src/up.ts:1: the core may not import node:fs',
    'packages/low/src/up.ts:2: low may not import left-pad',
  ]);
});

test('a test file of the core may import node: and the test tools, but nothing undeclared', () => {
  const text = "import 'node:fs';\nimport 'vitest';\nimport 'fast-check';\nimport 'left-pad';\n";
  expect(check({ 'packages/low/src/low.test.ts': text })).toEqual([
    'packages/low/src/low.test.ts:4: imports left-pad, which packages/low/package.json does not declare',
  ]);
});

test('a dependency outside the table, from outside the workspace, or without use is refused', () => {
  const manifest = highManifest({ '@tcpstack/low': '^1.0.0', '@tcpstack/edge': 'workspace:^' });
  expect(check({ 'packages/high/package.json': manifest })).toEqual([
    'packages/high/package.json: may not depend on @tcpstack/edge',
    'packages/high/package.json: @tcpstack/low must come from the workspace, not ^1.0.0',
    'packages/high/package.json: @tcpstack/edge is declared but no source imports it',
  ]);
});

test('an allowed import that the manifest does not declare is refused', () => {
  expect(check({ 'packages/high/package.json': highManifest({}) })).toEqual([
    'packages/high/src/high.ts:1: imports @tcpstack/low, which packages/high/package.json does not declare as a dependency',
  ]);
});

test('only entries of the exports map can be reached', () => {
  expect(check({ 'packages/high/src/deep.ts': "import { one } from '@tcpstack/low/src/one.ts';\n" })).toEqual([
    'packages/high/src/deep.ts:1: @tcpstack/low/src/one.ts is not an entry in the exports of @tcpstack/low',
  ]);
});

test('a relative path out of the package, or from source to test, is refused', () => {
  const text = "import { one } from '../../low/src/one.ts';\nimport { help } from '../test/help.ts';\n";
  expect(check({ 'packages/high/src/deep.ts': text })).toEqual([
    'packages/high/src/deep.ts:1: ../../low/src/one.ts reaches into another package; import it by name',
    'packages/high/src/deep.ts:2: ../test/help.ts is not among the sources that are published',
  ]);
});

test('a package without a row in the table is refused', () => {
  expect(check({ 'packages/new/package.json': '{"name":"@tcpstack/new"}' })).toEqual([
    'packages/new has no row in the table of layers (tooling/checks/src/rules.ts)',
  ]);
});

test('an app may import anything of ours that it declares', () => {
  const planted = {
    'apps/shop/package.json': '{"name":"@tcpstack/shop","dependencies":{"@tcpstack/high":"workspace:^"}}',
    'apps/shop/src/main.ts': "import '@tcpstack/high/high';\nimport '@tcpstack/low/low';\n",
  };
  expect(check(planted)).toEqual([
    'apps/shop/src/main.ts:2: imports @tcpstack/low, which apps/shop/package.json does not declare',
  ]);
});
