/** The ledger's page, and what is missing in it. Nothing in it depends on the time or the machine. */
import type { Proof, Source } from './proofs.ts';
import { isMentionOf, type Requirement } from './table.ts';

/** Everything that a page is made from. */
export interface LedgerInput {
  /** "RFC 9293". */
  readonly rfc: string;
  /** From the page's folder to the root: `../..`. */
  readonly toRoot: string;
  readonly rows: readonly Requirement[];
  readonly reasons: ReadonlyMap<string, string>;
  readonly proofs: readonly Proof[];
  readonly sources: readonly Source[];
}

/** The page, and one sentence for each fault. */
export interface Ledger {
  readonly page: string;
  readonly faults: readonly string[];
}

interface Judged {
  readonly row: Requirement;
  readonly proofs: readonly Proof[];
  readonly files: readonly string[];
  readonly reason: string;
  readonly result: 'passes' | 'FAILS' | 'OPEN' | 'not taken';
}

/** Joins the tables with the results. */
export function makeLedger(input: LedgerInput): Ledger {
  const judged = input.rows.map((row) => judge(input, row));
  return { page: writePage(input, judged), faults: [...judged.flatMap(faultsOf), ...strayMentions(input)] };
}

function judge(input: LedgerInput, row: Requirement): Judged {
  const proofs = input.proofs.filter(({ mention }) => isMentionOf(mention, row));
  const files = new Set(input.sources.filter(({ mention }) => isMentionOf(mention, row)).map(({ file }) => file));
  const reason = input.reasons.get(row.label) ?? '';
  const judged = { row, proofs, files: [...files], reason };
  if (proofs.some(({ passed }) => !passed)) return { ...judged, result: 'FAILS' };
  if (proofs.length > 0) return { ...judged, result: 'passes' };
  return { ...judged, result: isOptional(row) && reason !== '' ? 'not taken' : 'OPEN' };
}

/** The label decides: the words in the RFC's summary do not always agree with its text. */
function isOptional({ label }: Requirement): boolean {
  return label.startsWith('MAY-');
}

function faultsOf({ row, proofs, files, reason, result }: Judged): string[] {
  const name = `${row.label} (${row.requirement})`;
  const faults: string[] = [];
  if (result === 'FAILS') faults.push(`${name}: a test fails`);
  if (result === 'OPEN') faults.push(`${name}: no test's title carries it${isOptional(row) ? ', and no reason' : ''}`);
  if (result === 'passes' && files.length === 0) faults.push(`${name}: no source file mentions it`);
  if (reason !== '' && !isOptional(row)) faults.push(`${name}: is no option, so a reason does not help`);
  if (reason !== '' && proofs.length > 0) faults.push(`${name}: has tests and a reason for having none`);
  return faults;
}

/** Labels that no row answers to: misspelt, or words that choose nothing. */
function strayMentions({ rows, proofs, sources }: LedgerInput): string[] {
  const faults = new Set<string>();
  for (const { file, mention } of [...proofs, ...sources]) {
    if (rows.some((row) => isMentionOf(mention, row))) continue;
    faults.add(`${file}: [${`${mention.label} ${mention.words}`.trim()}] is no requirement`);
  }
  return [...faults];
}

function writePage(input: LedgerInput, judged: readonly Judged[]): string {
  const groups = [...new Set(judged.map(({ row }) => row.group))];
  return [
    `# ${input.rfc}: every requirement and its proof`,
    '',
    'Written by `pnpm ledger --write` from the tests, the sources and the tables in this folder; do not edit it.',
    'A test proves a requirement when its title carries the label, and a file implements it when a comment there quotes',
    'it. Where the RFC uses one label twice, a title may choose: `[MUST-15 IPv6]`. A title stands for all tests below it.',
    '',
    `${countLine(judged)}`,
    '',
    ...groups.flatMap((group) => writeGroup(input, group, judged)),
  ].join('\n');
}

function countLine(judged: readonly Judged[]): string {
  const kinds = [
    ['MUST', 'MUST'],
    ['SHOULD', 'SHLD'],
    ['RECOMMENDED', 'REC'],
    ['MAY', 'MAY'],
  ] as const;
  const parts = kinds.map(([word, prefix]) => {
    const rows = judged.filter(({ row }) => row.label.startsWith(`${prefix}-`));
    const labels = new Set(rows.map(({ row }) => row.label));
    const lacking = new Set(rows.filter(({ result }) => result !== 'passes').map(({ row }) => row.label));
    return `${labels.size - lacking.size} of ${labels.size} ${word}`;
  });
  return `Proven: ${parts.join(', ')}.`;
}

function writeGroup(input: LedgerInput, group: string, judged: readonly Judged[]): string[] {
  return [
    `## ${group}`,
    '',
    '| label | level | requirement | section | implemented in | tests | result |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...judged.filter(({ row }) => row.group === group).map((each) => writeRow(input, each)),
    '',
  ];
}

function writeRow({ toRoot }: LedgerInput, { row, proofs, files, reason, result }: Judged): string {
  const link = (file: string): string => `[${file.replace(/^packages\//, '')}](${toRoot}/${file})`;
  const byFile = new Map<string, Set<string>>();
  for (const { file, title } of proofs) byFile.set(file, (byFile.get(file) ?? new Set()).add(title));
  const tests = [...byFile].map(([file, titles]) => [link(file), ...[...titles].map((title) => `– ${cell(title)}`)]);
  const cells = [
    row.label,
    row.level,
    cell(row.requirement),
    row.section,
    files.map(link).join('<br>'),
    tests.length > 0 ? tests.flat().join('<br>') : cell(reason),
    result === 'passes' ? result : `**${result}**`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Text as a table's cell shows it literally. */
function cell(text: string): string {
  return text
    .replaceAll(/[\\|`*_<>[\]]/g, (mark) => `\\${mark}`)
    .replaceAll(/\s+/g, ' ')
    .trim();
}
