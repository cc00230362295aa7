import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EchoEvent } from './exchange-events.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@tcpstack/source', MAIN, ...args], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

describe('the exchange inside this process', () => {
  it('gets from echo, discard and chargen what their RFCs say, says so, and ends with 0', () => {
    const { code, stdout, stderr } = run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('echo: server listens on 10.77.0.2:7');
    expect(stdout).toMatch(/sent 1,048,576 bytes, got 1,048,576 back in [\d.]+ ms: equal/);
    expect(stdout).toMatch(/sent 1,048,576 bytes in [\d.]+ ms, got 0 back: as it should be/);
    expect(stdout).toMatch(/got 2\d\d,\d{3} characters in [\d.]+ ms: each in its place/);
    expect(stdout).toMatch(/sent 1,000 bytes in a datagram, got 1,000 back in [\d.]+ ms: equal/);
    expect(stdout.match(/closed in order: client is in TIME-WAIT, server in CLOSED/g)).toHaveLength(3);
  });

  it('prints one event a line with --json', () => {
    const events = run('--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as EchoEvent);
    const echoes = events.filter((event) => event.type === 'echo');
    expect(
      echoes.map(({ transport, sentBytes, receivedBytes, asExpected }) => [
        transport,
        sentBytes,
        receivedBytes,
        asExpected,
      ]),
    ).toEqual([
      ['tcp', 5, 5, true],
      ['tcp', 45, 45, true],
      ['tcp', 10_000, 10_000, true],
      ['tcp', 1_048_576, 1_048_576, true],
      ['udp', 1000, 1000, true],
    ]);
    expect(events.map(({ type }) => type).join(' ')).toBe(
      'listening connected echo echo echo echo closed listening connected discard closed ' +
        'listening connected chargen closed echo packets',
    );
  });
});

describe('the command line', () => {
  it.each([
    [['--nonsense'], /unknown option/],
    [['something'], /too many arguments/],
    [['--port', '7'], /--port needs --tun/],
    [['--chargen-port', '7'], /--chargen-port needs --tun/],
    [['--no-udp'], /--no-udp needs --tun/],
    [['--tun', '--discard-port', '65536'], /Give a port from 1 to 65535/],
    [['--tun', '--port', '0'], /Give a port from 1 to 65535/],
  ])('%j is told in one line and ends with 2', (args, line) => {
    const { code, stderr } = run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^echo-server: [^\n]+; see --help\n$/);
  });

  it('explains itself with --help, examples and exit codes included, and ends with 0', () => {
    const { code, stdout, stderr } = run('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const part of ['RFC 862', 'RFC 863', 'RFC 864', '--discard-port', 'Examples:', 'Exit codes:']) {
      expect(stdout).toContain(part);
    }
  });
});
