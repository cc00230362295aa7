/** Programs that know nothing of us, under `--import @tcpstack/net/register`. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const node = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
const at = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const REGISTER = ['--import', new URL('../src/register.ts', import.meta.url).href];

interface Ended {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** Runs `test/hooked/PROGRAM` to its end; the last line of `err` says which handles of the kernel's TCP it made. */
async function run(
  program: string,
  args: string[] = [],
  env: Record<string, string> = {},
  hook = REGISTER,
): Promise<Ended> {
  const watch = ['--import', new URL('./hooked/watch-handles.mjs', import.meta.url).href];
  const argv = ['--conditions=@tcpstack/source', ...watch, ...hook, at(`./hooked/${program}`), ...args];
  const child = spawn(node, argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout: 20_000,
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out: out.trimEnd().split('\n'), err: err.trimEnd().split('\n') };
}

const NONE = ['kernel handles: none'];

test('net: an echo server, a subclass of Socket, and no socket of the kernel', async () => {
  expect(await run('net-echo.cjs')).toEqual({
    code: 0,
    out: [
      'from 127.0.0.1 IPv4',
      'instances true true',
      'stranger false',
      'kernel TCP sockets 0',
      'echo hello',
      'closed',
    ],
    err: NONE,
  });
});

test('without the hook the same program uses the kernel, and this test would see it', async () => {
  const { code, out, err } = await run('net-echo.cjs', [], {}, []);
  expect(code).toBe(0);
  expect(out.join()).toMatch(/kernel TCP sockets [23]/);
  expect(err[0]).toContain('TCPSERVERWRAP');
});

test("import 'node:net' in each of its forms", async () => {
  expect(await run('named-imports.mjs')).toEqual({
    code: 0,
    out: ['from the server', 'true true true true'],
    err: NONE,
  });
});

test("what is not TCP stays Node's: children's pipes, output, local sockets", async () => {
  const { code, out, err } = await run('not-tcp.cjs', [at('./hooked/socket')]);
  expect({ code, err }).toEqual({ code: 0, err: NONE });
  expect([...out].sort()).toEqual(['child null true', 'path ENOENT connect', 'stdout true Socket', 'tty true']);
});

test("Node's own fetch", async () => {
  expect(await run('fetch.mjs')).toEqual({ code: 0, out: ['200 hello'], err: NONE });
});

test('http: a server, and requests with and without agents that keep connections', async () => {
  expect(await run('http-hello.cjs')).toEqual({
    code: 0,
    out: [
      'none 200 hello 127.0.0.1 false',
      'global 200 hello 127.0.0.1 false',
      'kept 200 hello 127.0.0.1 false 200 hello 127.0.0.1 true',
      'closed',
    ],
    err: NONE,
  });
});

test('https: both sides know the addresses of the connection below', async () => {
  expect(await run('https-hello.cjs')).toEqual({
    code: 0,
    out: ['server true 127.0.0.1 true', 'client true 127.0.0.1 true', '200 hello', 'closed'],
    err: NONE,
  });
});

test('http2: in the clear and over TLS', async () => {
  expect(await run('http2-hello.mjs')).toEqual({
    code: 0,
    out: ['http h2c hello 127.0.0.1', 'https h2 hello 127.0.0.1'],
    err: NONE,
  });
});

test('tls: an echo, a connection that turns to TLS, and what fails, with the events that Node has', async () => {
  const ours = await run('tls-echo.cjs');
  expect(ours.err).toEqual(NONE);
  expect(ours.out).toContain('echo connect ready secureConnect end close');
  const nodes = await run('tls-echo.cjs', [], {}, []);
  expect(ours.out).toEqual(nodes.out);
});

describe.each(['local-sockets.cjs', 'subclasses.cjs', 'fetch-and-websocket.mjs', 'tls-failures.cjs', 'processes.cjs'])(
  '%s',
  (program) => {
    test('does under the hook what it does without', async () => {
      const [ours, nodes] = await Promise.all([run(`alike/${program}`), run(`alike/${program}`, [], {}, [])]);
      expect(nodes.code).toBe(0);
      expect(nodes.out.length).toBeGreaterThan(2);
      expect({ code: ours.code, out: ours.out, err: ours.err }).toEqual({ code: 0, out: nodes.out, err: ours.err });
      expect(ours.err.filter((line) => line !== NONE[0])).toEqual([]);
    });
  },
);

test('what is wrong with the variables is said in one line, before the program runs', async () => {
  const { code, out, err } = await run('net-echo.cjs', [], { TCPSTACK_ADDRESS: '10.77.0.256' });
  expect(code).toBe(1);
  expect(out).toEqual(['']);
  expect(err).toEqual(['@tcpstack/net/register: not an IP address: 10.77.0.256', ...NONE]);
});
