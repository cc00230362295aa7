/** The page with the state diagram, drawn from the table of transitions, and the check that both and the code agree. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isTestFile, listFiles } from './files.ts';

/** One arrow, as packages/tcp/src/transitions.ts has it. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly on: string;
  readonly section: string;
  readonly file: string;
  readonly via?: string;
}

const SOURCES = 'packages/tcp/src';
const TABLE = `${SOURCES}/transitions.ts`;
export const PAGE = 'docs/state-machine.md';
const COMMAND = 'node tooling/checks/src/draw-state-machine.ts';

/** How a file moves to a state: `enter`, or one of the two functions that also tend the timers. */
const MOVES = /\b(?:enter\(tcb, '([A-Z0-9-]+)'\)|(enterTimeWait)\(|(endConnection)\()/g;
/** The file of those two functions; what it enters, others asked for. */
const HELPERS = 'timeouts.ts';

/** Violations, one sentence each; empty when the page is fresh and the table names the files that move. */
export async function checkStateDiagram(root: string): Promise<string[]> {
  const arrows = await readArrows(root);
  const page = join(root, PAGE);
  const stale = !existsSync(page) || readFileSync(page, 'utf8') !== drawPage(arrows);
  return [...(stale ? [`${PAGE} is not what ${TABLE} says: run ${COMMAND}`] : []), ...checkFiles(root, arrows)];
}

/** The table of the sources. It imports nothing, so that it can be read without a build. */
export async function readArrows(root: string): Promise<readonly Arrow[]> {
  const { TRANSITIONS } = await import(pathToFileURL(join(root, TABLE)).href);
  return TRANSITIONS;
}

function checkFiles(root: string, arrows: readonly Arrow[]): string[] {
  const faults: string[] = [];
  const moves = new Map<string, Set<string>>();
  for (const file of listFiles(root, SOURCES).filter((path) => path.endsWith('.ts') && !isTestFile(path))) {
    moves.set(file.slice(SOURCES.length + 1), movesOf(readFileSync(join(root, file), 'utf8')));
  }
  for (const { from, to, file } of arrows) {
    if (!moves.get(file)?.has(to)) faults.push(`${TABLE}: ${from} to ${to} is not taken by ${file}`);
  }
  for (const [file, states] of moves) {
    for (const to of states) {
      // Anything may abort.
      if (to === 'CLOSED' || file === HELPERS || arrows.some((arrow) => arrow.file === file && arrow.to === to))
        continue;
      faults.push(`${SOURCES}/${file}: enters ${to}, and no arrow of ${TABLE} names the file for it`);
    }
  }
  return faults;
}

function movesOf(source: string): Set<string> {
  const states = [...source.matchAll(MOVES)].map(([, state, wait]) => state ?? (wait ? 'TIME-WAIT' : 'CLOSED'));
  return new Set(states);
}

/** The page in Markdown; GitHub draws the Mermaid block. */
export function drawPage(arrows: readonly Arrow[]): string {
  const states = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))];
  const name = (state: string) => state.replaceAll('-', '_');
  return `# The state machine

Drawn from [\`transitions.ts\`](../${TABLE}) by
\`${COMMAND}\`; do not edit.

It is RFC 9293 §3.3.2, figure 5. A connection moves only along these arrows: \`enter\` asserts it, in production too. ABORT, an
acceptable reset and a time-out lead to CLOSED from every state and are not drawn.

\`\`\`mermaid
stateDiagram-v2
${states.map((state) => `  state "${state}" as ${name(state)}`).join('\n')}
  [*] --> CLOSED
${arrows.map(({ from, to, on }) => `  ${name(from)} --> ${name(to)}: ${on}`).join('\n')}
\`\`\`

## Every arrow

Each has a test in [\`state.test.ts\`](../${SOURCES}/state.test.ts) that walks it and bears its name. Where a state is
given as passed, we take two arrows within one event.

| from | to | on | RFC 9293 | taken by | passing |
|---|---|---|---|---|---|
${arrows.map(row).join('\n')}
`;
}

function row({ from, to, on, section, file, via }: Arrow): string {
  return `| ${from} | ${to} | ${on} | §${section} | [\`${file}\`](../${SOURCES}/${file}) | ${via ?? ''} |`;
}
