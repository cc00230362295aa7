/** Each package as its user meets it: packed, judged by publint and attw, installed elsewhere by npm, and run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run, runOrThrow, supportedNodes } from '../src/commands.ts';
import { closure, installByNpm, listPublished, pack, packOthers, ROOT } from '../src/published.ts';
import { readmeExample } from '../src/readme-example.ts';

const published = listPublished();
const nodes = [...supportedNodes()];
const tarballs = new Map<string, string>();
const place = mkdtempSync(join(tmpdir(), 'tcpstack-pack-'));

beforeAll(() => {
  for (const each of published.values()) tarballs.set(each.name, pack(each, join(place, 'tarballs')));
}, 120_000);

afterAll(() => rmSync(place, { recursive: true, force: true }));

const bin = (name: string): string => join(import.meta.dirname, '../node_modules/.bin', name);

function tarballOf(name: string): string {
  const path = tarballs.get(name);
  if (path === undefined) throw new Error(`${name} was not packed`);
  return path;
}

describe.each([...published.values()])('$name', (each) => {
  const folder = join(place, each.name.replace('/', '-'));

  // Written so that a test file with the same options as a strict user finds every type, ours and those we need.
  const tsconfig = {
    compilerOptions: {
      ...{ target: 'ES2023', lib: ['ES2023'], module: 'nodenext', moduleResolution: 'nodenext' },
      ...{ strict: true, skipLibCheck: false, noEmit: true },
      ...{ types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
    },
    include: ['*.ts'],
  };

  test('publint finds nothing to say about the tarball', () => {
    const { code, output } = run(ROOT, bin('publint'), ['run', tarballOf(each.name), '--strict']);
    expect(code, output).toBe(0);
  });

  test('attw finds types for every entry, for ESM users', () => {
    const flags = ['--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', '--no-color'];
    const { code, output } = run(ROOT, bin('attw'), [tarballOf(each.name), ...flags]);
    expect(code, output).toBe(0);
  }, 60_000);

  test('npm installs it into an empty folder without network and without any install script', () => {
    const all = closure(each, published);
    const others = all.flatMap((one) => packOthers(one, join(place, 'others', one.name.replace('/', '-'))));
    installByNpm(folder, [...new Set([...all.map(({ name }) => tarballOf(name)), ...others])]);
    const manifest = readFileSync(join(folder, 'node_modules', each.name, 'package.json'), 'utf8');
    expect(manifest).not.toContain('workspace:');
  }, 180_000);

  test.each(nodes)(
    'every entry can be imported on node %s',
    (_version, node) => {
      const lines = each.entries.map((entry) => `await import('${entry}');`);
      writeFileSync(join(folder, 'entries.mjs'), `${lines.join('\n')}\n`);
      const { code, output } = run(folder, node, ['entries.mjs'], 30_000);
      expect(code, output).toBe(0);
    },
    60_000,
  );

  test('every class that is exported has the name it is exported by', () => {
    const check = [
      'for (const entry of process.argv.slice(2)) {',
      '  const all = await import(entry);',
      '  for (const [name, value] of Object.entries({ ...all.default, ...all })) {',
      "    const isClass = typeof value === 'function' && /^[A-Z]/.test(name) && name !== 'Stream';",
      '    if (isClass && value.name !== name) console.log(entry, name, value.name);',
      '  }',
      '}',
    ];
    writeFileSync(join(folder, 'names.mjs'), `${check.join('\n')}\n`);
    const entries = each.entries.filter((entry) => !entry.endsWith('/register'));
    const { code, output } = run(folder, process.execPath, ['names.mjs', ...entries], 30_000);
    expect(output).toBe('');
    expect(code).toBe(0);
  }, 60_000);

  test('the types of every entry hold for a strict user who checks libraries too', () => {
    const lines = each.entries.map((entry, index) => `export type * as Entry${index} from '${entry}';`);
    writeFileSync(join(folder, 'entries.ts'), `${lines.join('\n')}\n`);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    const { code, output } = run(folder, join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.']);
    expect(code, output).toBe(0);
  }, 60_000);

  test.each(nodes)(
    "the README's example runs on node %s and ends with 0",
    (_version, node) => {
      writeFileSync(join(folder, 'example.mjs'), stripTypeScriptTypes(exampleOf(each.folder)));
      const { code, output } = run(folder, node, ['example.mjs'], 30_000);
      expect(code, output).toBe(0);
    },
    60_000,
  );

  test("the README's example type-checks against the packed types", () => {
    writeFileSync(join(folder, 'example.ts'), exampleOf(each.folder));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    expect(runOrThrow(folder, join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.'])).toBe('');
  }, 60_000);
});

function exampleOf(folder: string): string {
  let text: string;
  try {
    text = readFileSync(join(folder, 'README.md'), 'utf8');
  } catch {
    throw new Error('the package has no README.md, so its users have no example');
  }
  return readmeExample(text);
}
