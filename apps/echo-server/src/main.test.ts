import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EchoEvent } from './exchange.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@tcpstack/source', MAIN, ...args], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

describe('the echo server (RFC 862)', () => {
  it('gets every message back equal, says so, and ends with 0', () => {
    const { code, stdout, stderr } = run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('server listens on 10.77.0.2:7');
    expect(stdout).toMatch(/sent 1,048,576 bytes, got 1,048,576 back in [\d.]+ ms: equal/);
    expect(stdout).toContain('closed in order: client is in TIME-WAIT, server in CLOSED');
  });

  it('prints one event a line with --json', () => {
    const events = run('--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as EchoEvent);
    const echoes = events.filter((event) => event.type === 'echo');
    expect(echoes.map(({ sentBytes, receivedBytes, equal }) => [sentBytes, receivedBytes, equal])).toEqual([
      [5, 5, true],
      [45, 45, true],
      [10_000, 10_000, true],
      [1_048_576, 1_048_576, true],
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      'listening',
      'connected',
      'echo',
      'echo',
      'echo',
      'echo',
      'closed',
      'packets',
    ]);
  });

  it.each([
    [['--nonsense'], /unknown option/],
    [['--tun', '--json'], /--json does not go with --tun/],
    [['--port', '7'], /--port needs --tun/],
  ])('%j is told in one line and ends with 2', (args, line) => {
    const { code, stderr } = run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^echo-server: [^\n]+; see --help\n$/);
  });
});
