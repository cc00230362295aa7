import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoryEvent } from './story/events.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const colourless = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env };
  const child = spawn(process.execPath, ['--conditions=@tcpstack/source', MAIN, ...args], { env: colourless });
  const result = { stdout: '', stderr: '', code: -1 };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    result.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    result.stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ ...result, code: code as number }));
  return { child, ended, result };
}

function run(args: readonly string[], env?: NodeJS.ProcessEnv) {
  return start(args, env).ended;
}

describe('without options', () => {
  it('prints the ladder without colour into a pipe and ends with 0', async () => {
    const { code, stdout, stderr } = await run([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('TIME-WAIT for 60.0 s more (2 MSL)');
    expect(stdout).toContain('3 opened the connection, 4 closed it, 0 sent again');
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  it('colours where FORCE_COLOR asks for it', async () => {
    expect((await run([], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[');
  });

  it('prints one event a line with --json', async () => {
    const { code, stdout } = await run(['--json']);
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as StoryEvent);
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['host', 'syscall', 'segment', 'state', 'queue', 'http', 'time-wait', 'socket']),
    );
  });

  it('writes a pcapng file with --pcap', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'http-demo-'));
    try {
      const file = join(folder, 'story.pcapng');
      expect((await run(['--pcap', file])).code).toBe(0);
      const bytes = readFileSync(file);
      expect(bytes.readUInt32LE(0)).toBe(0x0a0d0d0a);
      expect(bytes.includes('GET / HTTP/1.1')).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is wrong on the command line', () => {
  it.each([
    [['--nonsense'], /unknown option '--nonsense'/],
    [['something'], /too many arguments/],
    [['--listen', '127.0.0.1:1'], /--listen needs --serve/],
    [['--serve', '--listen', '127.0.0.1'], /Give an address and a port/],
    [['--serve', '--tun'], /exclude each other/],
    [['--tls'], /--tls needs --serve or --tun/],
    [['--files', '/'], /--files needs --serve or --tun/],
    [['--serve', '--tls', '--cert', 'x.pem'], /--cert and --key go together/],
    [['--serve', '--cert', 'x.pem', '--key', 'y.pem'], /--cert and --key need --tls/],
    [['--serve', '--tls', '0'], /Give a port from 1 to 65535/],
    [['--address', '10.0.0.2/24'], /--address needs --tun/],
    [['--tun', '--address', '10.0.0.300/24'], /Give an IPv4 address/],
    [['--tun', '--address', '10.77.0.0/24'], /not of a host/],
    [['--tun', '--address', '10.77.0.1/24'], /each end needs its own/],
    [['--tun', '--address', '10.78.0.2/24'], /must be in one network/],
    [['--tun', '--port', '65536'], /Give a port from 1 to 65535/],
    [['--tun', '--mtu', '67'], /from 68 to 65535/],
    [['--tun', 'no/name'], /Give 1 to 15 of/],
  ])('%j is told in one line and ends with 2', async (args, line) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^http-demo: [^\n]+; see --help\n$/);
  });

  it('says what to do about a port in use, and ends with 1', async () => {
    const other = net.createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as net.AddressInfo;
    const { code, stderr } = await run(['--serve', '--listen', `127.0.0.1:${port}`]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^http-demo: 127\.0\.0\.1:\d+ is in use: [^\n]+ --listen [^\n]+\n$/);
  });

  it.each([
    [
      ['--tls', '--cert', '/nowhere/x.pem', '--key', '/nowhere/y.pem'],
      '--cert /nowhere/x.pem: ENOENT: choose a file that can be read',
    ],
    [['--files', '/nowhere'], '--files /nowhere: there is no such folder'],
  ])('%j is told in one line and ends with 1', async (args, line) => {
    const { code, stderr } = await run(['--serve', '--listen', '127.0.0.1:0', ...args]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `http-demo: ${line}\n` });
  });

  it('says what to do about a file that cannot be written, and ends with 1', async () => {
    const { code, stderr } = await run(['--pcap', join(MAIN, 'no-folder', 'x.pcapng')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^http-demo: --pcap [^\n]+ choose a file that can be written\n$/);
  });
});

describe('fetch', () => {
  it('prints the ladder and the answer, with the body on standard output where it is asked for', async () => {
    const { code, stdout, stderr } = await run(['fetch', '/files/closing.txt', '-o', '-']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^How a TCP connection closes/);
    for (const part of [
      'The handshake',
      'SYN ACK seq 0',
      'GET /files/closing.txt HTTP/1.1',
      'The answer',
      'HTTP/1.1 200 OK',
    ]) {
      expect(stderr).toContain(part);
    }
  });

  it('prints one event a line with --json, the answer last', async () => {
    const { code, stdout } = await run(['fetch', 'https://10.77.0.2/bytes/10', '--json']);
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.at(-1)).toMatchObject({ type: 'answer', statusLine: 'HTTP/2 200', bodyBytes: 10, asPromised: true });
  });

  it('tells the story of what failed, says why in one line, and ends with 1', async () => {
    const { code, stdout, stderr } = await run(['fetch', 'http://10.77.0.2:81/']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'http-demo: connect ECONNREFUSED 10.77.0.2:81\n' });
    expect(stdout).toContain('The connection is reset');
  });

  it.each([
    [['fetch'], /missing required argument 'url'/],
    [['fetch', 'ftp://x/'], /is not what can be fetched/],
    [['fetch', '/', '--mtu', '1400'], /--mtu needs --tun/],
    [['fetch', '/', '--timeout', '0'], /Give a number of seconds/],
    [['fetch', '/', '--json', '-o', '-'], /both want standard output/],
    [['fetch', '/', '--serve'], /unknown option '--serve'/],
  ])('%j is told in one line and ends with 2', async (args, line) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^http-demo: [^\n]+; see --help\n$/);
  });
});

describe('--serve', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'says where it listens, serves, and ends in order with 0 at %s',
    async (signal) => {
      const { child, ended, result } = start(['--serve', '--listen', '127.0.0.1:0']);
      while (!result.stdout.includes('\n')) await once(child.stdout, 'data');
      const url = /^listening on (http:\/\/127\.0\.0\.1:\d+\/)\n$/.exec(result.stdout)?.[1] ?? '';
      const response = await fetch(url);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('crossed our own TCP');
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`${signal}: closing connections\n`);
    },
  );

  it('serves HTTPS with a certificate made at start, tells events as JSON, and ends live streams in order', async () => {
    const { child, ended, result } = start(['--serve', '--tls', '--json', '--listen', '127.0.0.1:0']);
    while (result.stdout.split('\n').length < 3) await once(child.stdout, 'data');
    const [plain, secure] = result.stdout
      .split('\n')
      .map((line) => (line === '' ? '' : (JSON.parse(line) as { url: string }).url));
    expect([plain, secure]).toEqual([expect.stringMatching(/^http:/), expect.stringMatching(/^https:/)]);
    const session = http2.connect(secure ?? '', { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/events' }).setEncoding('utf8');
    let text = '';
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    while (!text.includes('event: connection')) await once(stream, 'data');
    child.kill('SIGTERM');
    await once(session, 'close');
    expect(text).toMatch(/event: bye\ndata: \{\}\n\n$/);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; complete?: boolean });
    expect(events.map(({ type }) => type)).toEqual(['listening', 'listening', 'stopping', 'request', 'stopped']);
    expect(events[3]).toMatchObject({ path: '/events', httpVersion: '2.0', secure: true, status: 200, complete: true });
  });
});
