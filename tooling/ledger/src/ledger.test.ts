import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkLedger } from './ledger.ts';

const FILES = { rfc: 'RFC 1', table: 'docs/t.tsv', reasons: 'docs/r.tsv', page: 'docs/rfc/1.md' };

/** A repository with one requirement, one source that quotes it and these results of tests. */
function repository(...tests: readonly { readonly titles: readonly string[]; readonly status: string }[]): string {
  const root = mkdtempSync(join(tmpdir(), 'tcpstack-ledger-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const assertionResults = tests.map(({ titles, status }) => ({
    ancestorTitles: titles.slice(0, -1),
    title: titles.at(-1),
    status,
  }));
  const files = {
    'docs/t.tsv': 'id\tlevel\tgroup\trequirement\tsection\nMUST-1\tMUST\tWindow\tIs unsigned\t3.1\n',
    'docs/r.tsv': 'label\treason\n',
    'docs/rfc/1.md': 'of yesterday',
    'packages/a/src/deep/a.ts': '// "unsigned" [MUST-1]\n',
    'packages/a/src/quote.ts': '// "MUST be treated as an unsigned number (MUST-1)"\n',
    'packages/a/src/a.test.ts': '// [MUST-9]\n',
    // As a cache restores it from another checkout.
    'packages/a/test-results/vitest.json': JSON.stringify({
      testResults: [{ name: '/else/where/packages/a/src/a.test.ts', assertionResults }],
    }),
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

const STALE = 'docs/rfc/1.md is stale: run pnpm ledger --write, and commit it';
const UNPROVEN = "MUST-1 (Is unsigned): no test's title carries it";

test('a page is stale until it is written, and then as good as the tests', () => {
  const root = repository({ titles: ['windows', 'are unsigned [MUST-1]'], status: 'passed' });
  expect(checkLedger(root, FILES)).toEqual([STALE]);
  expect(checkLedger(root, FILES, true)).toEqual([]);
  expect(checkLedger(root, FILES)).toEqual([]);
  const page = readFileSync(join(root, 'docs/rfc/1.md'), 'utf8');
  expect(page).toContain('[a/src/a.test.ts](../../packages/a/src/a.test.ts)<br>– windows › are unsigned');
  expect(page).toContain('[a/src/deep/a.ts](../../packages/a/src/deep/a.ts)');
  expect(page).toContain('[a/src/quote.ts](../../packages/a/src/quote.ts)');
  writeFileSync(join(root, 'docs/rfc/1.md'), `${page}more\n`);
  expect(checkLedger(root, FILES)).toEqual([STALE]);
});

test('a skipped test proves nothing', () => {
  const root = repository({ titles: ['unsigned [MUST-1]'], status: 'skipped' });
  expect(checkLedger(root, FILES, true)).toEqual([UNPROVEN]);
});

test("a label in a group's title makes the group one proof, which one failure breaks", () => {
  const passed = { titles: ['unsigned [MUST-1]', 'one'], status: 'passed' };
  const root = repository(passed, { titles: ['unsigned [MUST-1]', 'two'], status: 'failed' }, passed);
  expect(checkLedger(root, FILES, true)).toEqual(['MUST-1 (Is unsigned): a test fails']);
  const page = readFileSync(join(root, 'docs/rfc/1.md'), 'utf8');
  expect(page.match(/– /g)).toHaveLength(1);
});
