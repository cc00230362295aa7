/**
 * Print `N passed, N failed` for the last `pnpm test`. The arguments are exit codes of what else had to succeed: one
 * that is not 0 and has no failed test to show for it counts as a failure of its own.
 */
import { sumResults } from './totals.ts';
import { ROOT } from './turbo.ts';

const [tests = '0', ...others] = process.argv.slice(2);
let { passed, failed } = sumResults(ROOT);
if (tests !== '0' && failed === 0) failed++;
failed += others.filter((code) => code !== '0').length;
console.log(`${passed} passed, ${failed} failed`);
