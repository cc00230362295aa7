/** The page that holds `node:net` and ours against each other, member by member. */

import type { Declared } from './node-net-declared.ts';
import { NOTES, type Note } from './node-net-notes.ts';

/** What the page is drawn from. */
export interface NodeNetSources {
  readonly declared: Declared;
  /** Node's own module, and a stack, each with an object of each class. */
  readonly nodes: Shape;
  readonly ours: Shape;
  /** Text of the comparison cases, by name of the file. */
  readonly cases: ReadonlyMap<string, string>;
  /** Titles of cases that differ on purpose, with the row of docs/deviations.md that says why. */
  readonly onPurpose: Readonly<Record<string, { readonly row: string }>>;
}

/** What can be asked of a module at run time. */
export interface Shape {
  has(name: string): boolean;
  socketHas(name: string): boolean;
  serverHas(name: string): boolean;
  /** Own names of the prototypes and of new objects, undocumented ones too. */
  readonly socketNames: readonly string[];
  readonly serverNames: readonly string[];
}

/** One line of a table. */
interface Row {
  /** As in the notes: "Socket connect". */
  readonly key: string;
  readonly shown: string;
  /** How a case must speak of it to count as a proof. */
  readonly spoken: RegExp;
  readonly nodeHas: boolean;
  /** `null` when only the cases can tell. */
  readonly weHave: boolean | null;
  /** Nobody documents it, so no case is asked to prove it. */
  readonly isHidden?: boolean;
}

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface NodeNetPage {
  readonly text: string;
  /** Absences that nobody explained, and notes about what is not there: one sentence each. */
  readonly faults: readonly string[];
}

export const FOLDER = 'packages/net/test/same';

export function drawNodeNet(sources: NodeNetSources, command: string): NodeNetPage {
  const sections = sectionsOf(sources);
  const faults: string[] = [];
  const counts = { same: 0, different: 0, absent: 0, untested: 0 };
  const drawn = sections.map(({ title, rows }) => {
    const lines = rows.map((row) => {
      const proofs = proofsOf(row, sources.cases);
      const note = noteOf(row, proofs.length > 0);
      counts[note.is]++;
      if (note.how === 'NO REASON GIVEN') faults.push(`${row.key} is absent, and node-net-notes.ts does not say why`);
      return `| ${row.shown} | ${note.is} | ${note.how ?? ''} | ${proofs.join(', ')} |`;
    });
    return `## ${title}\n\n| | | how, or why | cases |\n|---|---|---|---|\n${lines.join('\n')}\n`;
  });
  const known = new Set(sections.flatMap(({ rows }) => rows.map(({ key }) => key)));
  for (const key of Object.keys(NOTES)) if (!known.has(key)) faults.push(`a note is about ${key}, which is not there`);
  drawn.push(drawOnPurpose(sources.onPurpose));
  return { text: `${head(command, counts)}\n${drawn.join('\n')}`, faults };
}

function drawOnPurpose(onPurpose: NodeNetSources['onPurpose']): string {
  const rows = Object.entries(onPurpose).map(([title, { row }]) => `| ${title} | ${row} |`);
  const lines = rows.length === 0 ? 'None.' : `| case | row |\n|---|---|\n${rows.join('\n')}`;
  return `## Cases that differ on purpose\n\nThe rows are those of [deviations.md](deviations.md).\n\n${lines}\n`;
}

function head(command: string, { same, different, absent, untested }: Record<Note['is'], number>): string {
  return `# node:net, and ours

Written by \`${command}\`
from @types/node's net.d.ts, from the module that Node has at run time, and from a stack; what
is different or absent is said in [node-net-notes.ts](../tooling/checks/src/node-net-notes.ts). Do not edit.

${same} are the same, ${different} differ, ${absent} are absent${untested === 0 ? '' : `, and of ${untested} that are there no case speaks`}. The last
column names the files in [${FOLDER}](../${FOLDER}) whose cases speak of it: each case runs against Node's own \`net\` and against a stack, and both must tell the same events, with the
same arguments, in the same order. Where Node itself has no such member yet, the types are newer than the Node that
this page is written with.
`;
}

function sectionsOf({ declared, nodes, ours }: NodeNetSources): Section[] {
  const members = (name: string): readonly string[] => declared.members.get(name) ?? [];
  const inModule = (name: string): Row => ({
    key: `net ${name}`,
    shown: `\`net.${name}\``,
    spoken: new RegExp(`\\b${name}\\b`),
    nodeHas: nodes.has(name),
    weHave: ours.has(name),
  });
  const onSocket = (name: string): Row => memberRow('Socket', name, nodes.socketHas(name), ours.socketHas(name));
  const onServer = (name: string): Row => memberRow('Server', name, nodes.serverHas(name), ours.serverHas(name));
  const hidden = (names: readonly string[], known: readonly string[]): string[] =>
    names.filter((name) => !known.includes(name) && name !== 'constructor' && !INHERITED.has(name));
  return [
    { title: 'The module', rows: [...declared.exports, 'Stream'].map(inModule) },
    { title: 'Members of Socket', rows: members('Socket').map(onSocket) },
    { title: 'Events of Socket', rows: eventRows('Socket', declared.events.get('Socket')) },
    { title: 'Options of new Socket', rows: optionRows('new Socket', members('SocketConstructorOpts')) },
    {
      title: 'Options of connect',
      rows: optionRows('connect', [
        ...members('TcpSocketConnectOpts'),
        ...members('IpcSocketConnectOpts'),
        'timeout',
        'signal',
      ]),
    },
    { title: 'Options of onread', rows: optionRows('onread', members('OnReadOpts')) },
    { title: 'Members of Server', rows: members('Server').map(onServer) },
    { title: 'Events of Server', rows: eventRows('Server', declared.events.get('Server')) },
    { title: 'Options of createServer', rows: optionRows('createServer', members('ServerOpts')) },
    { title: 'Options of listen', rows: optionRows('listen', [...members('ListenOptions'), 'signal']) },
    { title: "What 'drop' tells", rows: optionRows('drop', members('DropArgument')) },
    {
      title: 'Not documented, but there',
      rows: [
        ...hidden(nodes.socketNames, members('Socket')).map((name) => ({ ...onSocket(name), isHidden: true })),
        ...hidden(nodes.serverNames, members('Server')).map((name) => ({ ...onServer(name), isHidden: true })),
      ],
    },
  ];
}

/** Of every stream and emitter: none of net's. */
const INHERITED = new Set([
  ...['_events', '_eventsCount', '_maxListeners', '_readableState', '_writableState', 'allowHalfOpen', 'end', 'read'],
]);

function memberRow(of: 'Socket' | 'Server', name: string, nodeHas: boolean, weHave: boolean): Row {
  const plain = name.replace(/[[\]]/g, '');
  const shown = name.startsWith('[') ? `\`${of.toLowerCase()}${name}\`` : `\`${of.toLowerCase()}.${name}\``;
  return {
    key: `${of} ${plain}`,
    shown,
    spoken: new RegExp(`[.'\\[]${plain.replace('.', '\\.')}\\b`),
    nodeHas,
    weHave,
  };
}

function eventRows(of: string, names: readonly string[] = []): Row[] {
  return names.map((name) => ({
    key: `${of} '${name}'`,
    shown: `\`'${name}'\``,
    spoken: new RegExp(`'${name}'`),
    nodeHas: true,
    weHave: null,
  }));
}

function optionRows(of: string, names: readonly string[]): Row[] {
  return names.map((name) => ({
    key: `${of}({ ${name} })`,
    shown: `\`${name}\``,
    spoken: new RegExp(`\\b${name}\\b`),
    nodeHas: true,
    weHave: null,
  }));
}

function noteOf({ key, nodeHas, weHave, isHidden }: Row, hasProof: boolean): Note {
  const note = NOTES[key];
  if (note !== undefined) return note;
  if (weHave !== false && isHidden) return { is: 'same', how: 'there; what is in it is ours' };
  if (weHave !== false) return { is: hasProof ? 'same' : 'untested' };
  // Not on a new object; the cases see when it comes.
  if (!nodeHas && hasProof) return { is: 'same' };
  return { is: 'absent', how: nodeHas ? 'NO REASON GIVEN' : 'newer than the Node that the two are compared on' };
}

function proofsOf({ spoken }: Row, cases: NodeNetSources['cases']): string[] {
  const files = [...cases].filter(([, text]) => spoken.test(text)).map(([file]) => file);
  const own = files.filter((file) => file.endsWith('.test.ts')).map((file) => file.replace('.test.ts', ''));
  return own.length === 0 && files.length > 0 ? ['every case'] : own;
}
