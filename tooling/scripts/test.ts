/** `pnpm test`: every check and every test, in two rounds, then one line with the sum of all tests. */
import { checkLedger, LEDGERS } from '@tcpstack/ledger/ledger';
import { testEnv } from './test-env.ts';
import { clearResults, sumResults } from './totals.ts';
import { ROOT, runTurbo } from './turbo.ts';

/** Whether a ledger that is stale or has an unproven requirement makes the whole run fail. */
const LEDGERS_BIND = true;

const { obstacle, env } = testEnv();
const shared = ['--output-logs=new-only', '--continue=dependencies-successful', ...process.argv.slice(2)];

clearResults(ROOT);
// Half the processors: vitest uses several itself, and the tests of runtime and net keep real time.
const first = runTurbo(
  ['run', 'lint', 'typecheck', 'check', 'build', 'test', '--log-order=grouped', '--concurrency=50%', ...shared],
  { env },
);
// Alone on the machine: these measure real time against a real kernel.
const second = runTurbo(['run', 'kernel-test', 'pack-test', '--concurrency=1', ...shared], { env });

if (obstacle !== undefined) console.log(`\nkernel tests ${obstacle}`);
const { passed, failed, skipped } = sumResults(ROOT);
if (skipped > 0) console.log(`${skipped} skipped`);
const tests = first.code !== 0 ? first.code : second.code;
const faults = ledgerFaults(first.code);
const code = tests === 0 && LEDGERS_BIND && faults > 0 ? 1 : tests;
const silent = code !== 0 && failed === 0;
if (silent) console.log('a check, a build, a ledger or a whole test run failed; it counts as one below');
console.log(`${passed} passed, ${silent ? 1 : failed} failed`);
process.exitCode = code;

/** Prints what is wrong with the ledgers, or why nobody looked; returns how many faults there are. */
function ledgerFaults(testsCode: number): number {
  // With a filter some packages leave no results; a failed test is enough to mend for one run.
  const isPartial = process.argv.slice(2).some((each) => /^(-F|--filter|--affected)/.test(each));
  if (isPartial || testsCode !== 0) {
    console.log(`ledgers not checked: ${isPartial ? 'only some packages ran' : 'the tests failed'}`);
    return 0;
  }
  const faults = LEDGERS.flatMap((files) => checkLedger(ROOT, files));
  if (LEDGERS_BIND) for (const fault of faults) console.log(`ledger: ${fault}`);
  else if (faults.length > 0) console.log(`${faults.length} faults in the ledgers: see pnpm ledger`);
  return faults.length;
}
