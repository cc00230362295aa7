import { expect, test } from 'vitest';
import { type LedgerInput, makeLedger } from './page.ts';
import type { Proof, Source } from './proofs.ts';
import { mentionsIn, readReasons, readRequirements } from './table.ts';

const HEAD = 'id\tlevel\tgroup\trequirement\tsection\n';
const TWO_ROWS = `${HEAD}MUST-1\tMUST\tWindow\tIPv4 is unsigned\t3.1\nMUST-1\tMUST\tWindow\tIPv6 is unsigned\t3.1\n`;

function proof(title: string, passed = true): Proof[] {
  return mentionsIn(title).map((mention) => ({ file: 'packages/a/src/a.test.ts', title, mention, passed }));
}

function source(text: string): Source[] {
  return mentionsIn(text).map((mention) => ({ file: 'packages/a/src/a.ts', mention }));
}

function input(table: string, parts: Partial<LedgerInput> = {}): LedgerInput {
  const rows = readRequirements(table);
  return { rfc: 'RFC 1', toRoot: '../..', rows, reasons: new Map(), proofs: [], sources: [], ...parts };
}

const ONE = `${HEAD}MUST-1\tMUST\tWindow\tIs unsigned\t3.1\n`;

test('a requirement with a passing test and a source has a row that says so, and no fault', () => {
  const { page, faults } = makeLedger(
    input(ONE, { proofs: proof('a | window [MUST-1]'), sources: source('[MUST-1]') }),
  );
  expect(faults).toEqual([]);
  expect(page).toContain(
    '| MUST-1 | MUST | Is unsigned | 3.1 | [a/src/a.ts](../../packages/a/src/a.ts) | ' +
      '[a/src/a.test.ts](../../packages/a/src/a.test.ts)<br>– a \\| window \\[MUST-1\\] | passes |',
  );
  expect(page).toContain('Proven: 1 of 1 MUST, 0 of 0 SHOULD');
});

test.each([
  ['no test', [], source('[MUST-1]'), ["MUST-1 (Is unsigned): no test's title carries it"]],
  ['a failing one', proof('x [MUST-1]', false), source('[MUST-1]'), ['MUST-1 (Is unsigned): a test fails']],
  [
    'one that passes and one that fails',
    [...proof('x [MUST-1]'), ...proof('y [MUST-1]', false)],
    source('[MUST-1]'),
    ['MUST-1 (Is unsigned): a test fails'],
  ],
  ['no source', proof('x [MUST-1]'), [], ['MUST-1 (Is unsigned): no source file mentions it']],
])('a requirement with %s is a fault', (_, proofs, sources, faults) => {
  expect(makeLedger(input(ONE, { proofs, sources })).faults).toEqual(faults);
});

test('an option needs a test or a reason', () => {
  const table = `${HEAD}MAY-1\tMAY\tWindow\tMay be blue\t3.1\n`;
  const reasons = readReasons('label\treason\nMAY-1\tIt is green\n');
  expect(makeLedger(input(table)).faults).toEqual(["MAY-1 (May be blue): no test's title carries it, and no reason"]);
  const { page, faults } = makeLedger(input(table, { reasons }));
  expect(faults).toEqual([]);
  expect(page).toContain('| It is green | **not taken** |');
});

test('a reason is not accepted for what is required, nor beside a test', () => {
  const reasons = readReasons('label\treason\nMUST-1\tToo hard\n');
  expect(makeLedger(input(ONE, { reasons })).faults).toEqual([
    "MUST-1 (Is unsigned): no test's title carries it",
    'MUST-1 (Is unsigned): is no option, so a reason does not help',
  ]);
});

test('where one label has two rows, words behind it choose, and the bare label means both', () => {
  const sources = source('[MUST-1]');
  const chosen = makeLedger(input(TWO_ROWS, { proofs: proof('x [MUST-1 IPv6]'), sources }));
  expect(chosen.faults).toEqual(["MUST-1 (IPv4 is unsigned): no test's title carries it"]);
  expect(makeLedger(input(TWO_ROWS, { proofs: proof('x [MUST-1]'), sources })).faults).toEqual([]);
});

test('a label that no row answers to is a fault of the file that says it', () => {
  const proofs = proof('x [MUST-1] [MUST-2] [MUST-1 IPv7]');
  expect(makeLedger(input(ONE, { proofs, sources: source('[MUST-1]') })).faults).toEqual([
    'packages/a/src/a.test.ts: [MUST-2] is no requirement',
    'packages/a/src/a.test.ts: [MUST-1 IPv7] is no requirement',
  ]);
});

test('a table with a line that is no requirement is refused', () => {
  expect(() => readRequirements(`${HEAD}MUST\tMUST\tx\ty\t1\n`)).toThrow('no requirement: "MUST"');
});
