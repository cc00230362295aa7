/** Write docs/node-net.md; with --check only say what is wrong with it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readDeclared } from './node-net-declared.ts';
import { drawNodeNet, FOLDER, type Shape } from './node-net-page.ts';

const PAGE = 'docs/node-net.md';
const COMMAND = 'node --conditions=@tcpstack/source tooling/checks/src/write-node-net.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = drawNodeNet(
  {
    declared: readDeclared(readFileSync(join(root, 'node_modules/@types/node/net.d.ts'), 'utf8')),
    nodes: shapeOf(net as unknown as Module),
    ours: shapeOf(await ourModule()),
    cases: readCases(),
    onPurpose: await readOnPurpose(),
  },
  COMMAND,
);
if (!process.argv.includes('--check')) writeFileSync(join(root, PAGE), page.text);
else if (!existsSync(join(root, PAGE)) || readFileSync(join(root, PAGE), 'utf8') !== page.text) {
  process.stdout.write(`${PAGE} is stale: run ${COMMAND}\n`);
}
for (const fault of page.faults) process.stdout.write(`${PAGE}: ${fault}\n`);

interface Module {
  readonly Socket: new () => object;
  readonly Server: new () => object;
}

/** A stack that talks to itself; imported by path, so that the checks depend on no package. */
async function ourModule(): Promise<Module> {
  const from = (file: string) => import(pathToFileURL(join(root, 'packages/net/src', file)).href);
  const [{ createStack }, { createNowhereLink }] = await Promise.all([from('net.ts'), from('nowhere-link.ts')]);
  return createStack({ link: createNowhereLink() });
}

function shapeOf(module: Module): Shape {
  const socket = new module.Socket();
  const server = new module.Server();
  return {
    has: (name) => name in module,
    socketHas: (name) => keyOf(name) in socket,
    serverHas: (name) => keyOf(name) in server,
    socketNames: namesOf(socket),
    serverNames: namesOf(server),
  };
}

/** "[Symbol.asyncDispose]" is a symbol, and all else its own name. */
function keyOf(name: string): PropertyKey {
  const symbol = /^\[?Symbol\.(\w+)\]?$/.exec(name)?.[1];
  return symbol === undefined ? name : ((Symbol as unknown as Record<string, symbol>)[symbol] as symbol);
}

function namesOf(object: object): string[] {
  return [...Object.getOwnPropertyNames(Object.getPrototypeOf(object)), ...Object.getOwnPropertyNames(object)];
}

function readCases(): Map<string, string> {
  const folder = join(root, FOLDER);
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));
  // The events that every case listens to are named there.
  if (existsSync(join(folder, 'trial.ts'))) files.push('trial.ts');
  return new Map(files.sort().map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

async function readOnPurpose(): Promise<Record<string, { row: string }>> {
  const file = join(root, FOLDER, 'on-purpose.ts');
  return existsSync(file) ? (await import(pathToFileURL(file).href)).onPurpose : {};
}
