import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { clearResults, sumResults } from './totals.ts';

function resultsOf(files: Readonly<Record<string, object>>): string {
  const root = mkdtempSync(join(tmpdir(), 'tcpstack-totals-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [file, counts] of Object.entries(files)) {
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true });
    const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numFailedTestSuites: 0 };
    writeFileSync(path, JSON.stringify({ ...none, ...counts }));
  }
  return root;
}

test('results of packages, apps and tooling are added up', () => {
  const root = resultsOf({
    'packages/a/test-results/vitest.json': { numPassedTests: 3, numPendingTests: 1 },
    'apps/b/test-results/vitest.json': { numPassedTests: 4, numFailedTests: 2, numFailedTestSuites: 1 },
    'tooling/c/test-results/vitest.json': { numPassedTests: 5, numTodoTests: 1 },
  });
  expect(sumResults(root)).toEqual({ passed: 12, failed: 2, skipped: 2 });
});

test('a test file that does not load counts as a failure', () => {
  const root = resultsOf({ 'packages/a/test-results/vitest.json': { numPassedTests: 3, numFailedTestSuites: 1 } });
  expect(sumResults(root)).toEqual({ passed: 3, failed: 1, skipped: 0 });
});

test('clearing leaves nothing of an earlier run to be counted', () => {
  const root = resultsOf({ 'packages/a/test-results/vitest.json': { numPassedTests: 3 } });
  clearResults(root);
  expect(sumResults(root)).toEqual({ passed: 0, failed: 0, skipped: 0 });
  expect(existsSync(join(root, 'packages/a'))).toBe(true);
});
