/** The ledgers of this repository: made from its files, compared with what is committed, or written. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLedger } from './page.ts';
import { readProofs, readSources } from './proofs.ts';
import { readReasons, readRequirements } from './table.ts';

/** Where the parts of one ledger are, relative to the root. */
export interface LedgerFiles {
  readonly rfc: string;
  readonly table: string;
  /** Why an option was not taken. */
  readonly reasons: string;
  readonly page: string;
}

/** Another RFC with labelled requirements is another row. */
export const LEDGERS: readonly LedgerFiles[] = [
  {
    rfc: 'RFC 9293',
    table: 'docs/rfc/rfc9293-requirements.tsv',
    reasons: 'docs/rfc/rfc9293-options-not-taken.tsv',
    page: 'docs/rfc/9293.md',
  },
];

/** Compares one ledger with its page, or writes the page; returns what is wrong, one sentence each. */
export function checkLedger(root: string, files: LedgerFiles, write = false): string[] {
  const text = (file: string): string => readFileSync(join(root, file), 'utf8');
  const { page, faults } = makeLedger({
    rfc: files.rfc,
    toRoot: files.page.split('/').slice(1).fill('..').join('/'),
    rows: readRequirements(text(files.table)),
    reasons: readReasons(text(files.reasons)),
    proofs: readProofs(root),
    sources: readSources(root),
  });
  if (write) writeFileSync(join(root, files.page), page);
  const current = existsSync(join(root, files.page)) && text(files.page) === page;
  return current ? [...faults] : [...faults, `${files.page} is stale: run pnpm ledger --write, and commit it`];
}
