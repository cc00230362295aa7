/** `pnpm ledger [--write]`: run the packages' tests (or take their kept results), then check or write the ledgers. */
import { checkLedger, LEDGERS } from '@tcpstack/ledger/ledger';
import { testEnv } from './test-env.ts';
import { clearResults } from './totals.ts';
import { ROOT, runTurbo } from './turbo.ts';

const write = process.argv.includes('--write');
clearResults(ROOT);
const filters = ['--filter=./packages/*', '--concurrency=1', '--output-logs=new-only', '--continue'];
const tests = runTurbo(['run', 'test', ...filters], { env: testEnv().env });
const faults = LEDGERS.flatMap((files) => checkLedger(ROOT, files, write));
for (const fault of faults) console.log(fault);
console.log(faults.length === 0 ? 'every requirement is proven' : `${faults.length} faults in the ledgers`);
process.exitCode = tests.code !== 0 || faults.length > 0 ? 1 : 0;
