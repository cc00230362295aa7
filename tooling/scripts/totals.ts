/** Add up the results that vitest left as JSON in each package's `test-results/`. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** How many tests passed, failed and were skipped. */
export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestJson {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
}

function resultFolders(root: string): string[] {
  const found: string[] = [];
  for (const folder of ['packages', 'apps', 'tooling']) {
    if (!existsSync(join(root, folder))) continue;
    for (const name of readdirSync(join(root, folder))) found.push(join(root, folder, name, 'test-results'));
  }
  return found;
}

/** Removes all results, so that a later sum holds only what ran, or what turbo restored from its cache. */
export function clearResults(root: string): void {
  for (const folder of resultFolders(root)) rmSync(folder, { recursive: true, force: true });
}

/** Sums all results. A file that failed to load has no test to count, so it counts as one failure itself. */
export function sumResults(root: string): Totals {
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  for (const folder of resultFolders(root)) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
      const result = JSON.parse(readFileSync(join(folder, name), 'utf8')) as VitestJson;
      totals.passed += result.numPassedTests;
      totals.failed += result.numFailedTests;
      totals.skipped += result.numPendingTests + result.numTodoTests;
      if (result.numFailedTests === 0 && result.numFailedTestSuites > 0) totals.failed += result.numFailedTestSuites;
    }
  }
  return totals;
}
