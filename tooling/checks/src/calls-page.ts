/** The page of system calls and options: what each gives, and what shows it. Written from what the cases do when they run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMMAND, documentedConstants, LEVELS, SOURCES, sentence } from './kernel-pages.ts';
import { listUnitTests, type UnitTest } from './test-titles.ts';

export const CALLS_PAGE = 'docs/calls.md';
const CASES = 'tooling/kernel-calls/src';
const METHOD = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*([a-z0-9_]+)\(/g;

/** What of tooling/kernel-calls this needs; imported by path, so that the checks depend on no package. */
interface Shown {
  readonly results: ReadonlyMap<string, readonly string[]>;
  readonly reasons: ReadonlySet<string>;
}
interface Manual {
  readonly pages: string;
  readonly shown: readonly string[];
  readonly never: Readonly<Record<string, string>>;
  readonly units?: Readonly<Record<string, string>>;
}
interface Sources {
  readonly calls: ReadonlyMap<string, Shown>;
  readonly options: ReadonlyMap<string, Shown>;
  readonly manual: Readonly<Record<string, Manual>>;
  readonly oursOnly: Readonly<Record<string, string>>;
  readonly whyNever: (reason: string) => string;
  readonly whyNotCompared: (reason: string) => string;
  readonly places: readonly { readonly file: string; readonly inside: string; readonly error: string }[];
  readonly levels: ReadonlyMap<number, ReadonlyMap<number, unknown>>;
  readonly tests: readonly UnitTest[];
}

/** The page, its path, and one sentence for each thing that nothing shows. */
export async function drawCallsPage(root: string): Promise<{ path: string; page: string; faults: string[] }> {
  const sources = await readSources(root);
  const text = (file: string) => readFileSync(join(root, SOURCES, file), 'utf8');
  const calls = documentedCalls(text('syscalls.ts'));
  const faults = calls.flatMap(({ name }) => faultsOf(sources, name));
  const options = drawOptions(sources, text('constants.ts'), faults);
  const page = [HEAD, drawCalls(sources, calls), drawResults(sources, calls), options, drawPlaces(sources)].join('\n');
  return { path: CALLS_PAGE, page, faults };
}

async function readSources(root: string): Promise<Sources> {
  const from = (folder: string, file: string) => import(pathToFileURL(join(root, folder, file)).href);
  const { errorPlaces } = await from(CASES, 'error-places.ts');
  const { MANUAL, OURS_ONLY, whyNever, whyNotCompared } = await from(CASES, 'manual.ts');
  const run = async () => (await from(CASES, 'tally.ts')).tallyCases();
  const [tally, places] = await errorPlaces(join(root, SOURCES), run);
  const { OPTION_LEVELS } = await from(SOURCES, 'syscalls/options/tables.ts');
  const tests = listUnitTests(root);
  const reasons = { whyNever, whyNotCompared };
  return { ...tally, ...reasons, manual: MANUAL, oursOnly: OURS_ONLY, places, levels: OPTION_LEVELS, tests };
}

interface Call {
  readonly name: string;
  readonly does: string;
}

/** The methods of `Syscalls` with the first sentence of what is said of each. */
function documentedCalls(source: string): Call[] {
  const body = source.slice(source.indexOf('export interface Syscalls {'), source.indexOf('export function createSys'));
  return [...body.matchAll(METHOD)].map(([, does = '', name = '']) => ({ name, does: firstSentence(sentence(does)) }));
}

function firstSentence(text: string): string {
  return /^.*?[.;:](?= |$)/.exec(text.replace(/^\*\s*/, ''))?.[0].replace(/[;:]$/, '.') ?? text;
}

/** What the manual pages name and no case shows, and the other way round. */
export function faultsOf(sources: Pick<Sources, 'calls' | 'manual' | 'oursOnly' | 'tests'>, name: string): string[] {
  const { calls, manual, oursOnly } = sources;
  if (name in oursOnly) return [];
  const of = manual[name];
  const results = calls.get(name)?.results;
  if (of === undefined || results === undefined) return [`${name}() is in no case, or not in ${CASES}/manual.ts`];
  return [
    ...['0', ...of.shown].filter((one) => !results.has(one)).map((one) => `no case shows ${one} of ${name}()`),
    ...Object.keys(of.units ?? {})
      .filter((one) => testsSaying(sources, name, one).length === 0)
      .map((one) => `no test shows ${one} of ${name}()`),
    ...Object.keys(of.never)
      .filter((one) => results.has(one))
      .map((one) => `a case shows ${one} of ${name}(), which ${CASES}/manual.ts says never comes`),
  ];
}

function drawCalls({ calls, manual, oursOnly }: Sources, documented: readonly Call[]): string {
  const rows = documented.map(({ name, does }) => {
    const shown = calls.get(name);
    const errors = [...(shown?.results.keys() ?? [])].filter((one) => one !== '0').sort();
    const like = oursOnly[name] === undefined ? 'every result' : `Linux has ${oursOnly[name]}`;
    const cells = [`\`${name}\``, does, errors.join(' '), like, reasonsOf(shown), manual[name]?.pages ?? ''];
    return `| ${cells.join(' | ')} |`;
  });
  return table('Calls', 'call | what it does | errors | compared | where not as Linux | manual', rows);
}

function drawResults(sources: Sources, documented: readonly Call[]): string {
  const rows = documented.flatMap(({ name }) => {
    const { results } = sources.calls.get(name) ?? { results: new Map<string, string[]>() };
    const shown = [...results].sort(([a], [b]) => (a < b ? -1 : 1));
    const never = Object.entries(sources.manual[name]?.never ?? {}).sort();
    const units = Object.entries(sources.manual[name]?.units ?? {});
    return [
      ...shown.map(([result, cases]) => `| \`${name}\` | ${result === '0' ? 'done' : result} | ${titles(cases)} |`),
      ...(name in sources.oursOnly ? unitRows(sources, name) : []),
      ...units.map(([error, why]) => {
        const by = `${unitTitle(testsSaying(sources, name, error), error)}; not compared: ${sources.whyNotCompared(why)}`;
        return `| \`${name}\` | ${error} | ${by} |`;
      }),
      ...never.map(([error, why]) => `| \`${name}\` | ${error} | never: ${sources.whyNever(why)} |`),
    ];
  });
  return table('What shows it', 'call | result | shown by', rows);
}

/** Tests that make the call and tell of the error. */
function testsSaying({ tests }: Pick<Sources, 'tests'>, name: string, error: string): UnitTest[] {
  const [makes, says] = [new RegExp(`\\b${name}\\(`), new RegExp(`\\b${error}\\b`)];
  return tests.filter(({ body }) => makes.test(body) && says.test(body));
}

/** Of a call that the kernel has not, the tests that make it. */
function unitRows({ tests }: Sources, name: string): string[] {
  const made = tests.filter(({ body }) => body.includes(`.${name}(`));
  const errors = [...new Set(made.flatMap(({ body }) => body.match(/\bE[A-Z]{3,}\b/g) ?? []))];
  const row = (result: string, of: readonly UnitTest[]) => `| \`${name}\` | ${result} | ${unitTitle(of, result)} |`;
  return [
    row('done', made),
    ...errors.sort().map((error) => {
      const says = new RegExp(`\\.${name}\\([^\\n]*\\b${error}\\b`);
      const saying = made.filter(({ body }) => says.test(body));
      return saying.length === 0 ? '' : row(error, saying);
    }),
  ].filter((line) => line !== '');
}

function drawOptions(sources: Sources, constants: string, faults: string[]): string {
  const documented = documentedConstants(constants);
  return LEVELS.map(({ name: level, prefix }) => {
    const numbers = [...(sources.levels.get(documented.find((one) => one.name === level)?.number ?? -1) ?? [])];
    const rows = numbers
      .map(([number]) => number)
      .sort((a, b) => a - b)
      .map((number) => {
        const option = documented.find(
          (one) => one.number === number && one.name.startsWith(prefix) && !/PMTUDISC_|_EE_/.test(one.name),
        );
        const name = option?.name ?? '?';
        const shown = sources.options.get(name);
        if (shown === undefined) faults.push(`no case asks for ${name}`);
        return drawOption(sources, name, option?.does ?? '', shown);
      });
    return table(
      `Options of ${level}`,
      'option | what it does | results in the cases | a further case | a unit test | where not as Linux',
      rows,
    );
  }).join('\n');
}

function drawOption({ tests }: Sources, name: string, does: string, shown: Shown | undefined): string {
  const results = [...(shown?.results ?? [])];
  const errors = results.map(([result]) => result).filter((one) => one !== '0');
  // Each option has cases of its defaults, ranges and errors: what else there is says more.
  const cases = [...new Set(results.flatMap(([, names]) => names))].filter((one) => !isPlain(one, name));
  const units = tests.filter(({ body }) => new RegExp(`\\b${name}\\b`).test(body));
  const cells = [`\`${name}\``, does, ['done', ...errors.sort()].join(' '), titles(cases), unitTitle(units, name)];
  return `| ${cells.join(' | ')} | ${reasonsOf(shown)} |`;
}

function isPlain(title: string, name: string): boolean {
  return title.includes(` ${name}: `) || title.endsWith(` ${name} of a datagram socket`);
}

function drawPlaces({ places }: Sources): string {
  const rows = [...new Set(places.map(({ file, inside, error }) => `| \`${file}\` | ${inside} | ${error} |`))];
  return table('Errors in the sources that no case comes to', 'file | function | error', rows);
}

function reasonsOf(shown: Shown | undefined): string {
  return [...(shown?.reasons ?? [])].join('; ');
}

/** The first is proof enough; a list of all would change with every case. */
function titles(names: readonly string[]): string {
  return names[0]?.replaceAll('|', '\\|') ?? '';
}

/** One in whose title the name stands, if there is one; else the first. */
function unitTitle(tests: readonly UnitTest[], name: string): string {
  const one = tests.find(({ title }) => new RegExp(`\\b${name}\\b`).test(title)) ?? tests[0];
  if (one === undefined) return '';
  return `${one.file.split('/').at(-1)?.replace('.test.ts', '')}: ${one.title.replaceAll('|', '\\|')}`;
}

function table(title: string, columns: string, rows: readonly string[]): string {
  const line = columns.replace(/[^|]+/g, '---');
  return `## ${title}\n\n| ${columns} |\n|${line}|\n${rows.join('\n')}\n`;
}

const HEAD = `# System calls and socket options

Written by \`${COMMAND}\` from what the cases of
[\`tooling/kernel-calls\`](../${CASES}/cases) give when they run on this stack; do not edit.

Each case runs on the Linux kernel too (\`tooling/kernel-calls/test\`, as root), and every result of every call in it is
compared: one that differs and is not listed in [\`known-differences.ts\`](../${CASES}/known-differences.ts) fails the
test, as does a listed one that is gone. So what is here as shown is also Linux's, except where the page says why not;
[deviations.md](deviations.md) has the whole list. The check that writes this page fails when an error that a manual page
gives for a call is shown by no case and has no reason in [\`manual.ts\`](../${CASES}/manual.ts) for never coming.
`;
