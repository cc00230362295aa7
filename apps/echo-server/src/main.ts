#!/usr/bin/env node
/** The echo server: an exchange inside this process, or a server on TUN. */

import { parsePortOrNone } from '@tcpstack/app-kit/arguments';
import { runProgram } from '@tcpstack/app-kit/cli';
import { addTunOptions, checkTunOptions, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import { Command, Option } from 'commander';
import { CHARGEN } from './services/chargen.ts';
import { DISCARD } from './services/discard.ts';
import { ECHO } from './services/echo.ts';
import { tellExchange } from './tell.ts';
import { serveOnTun } from './tun-mode.ts';

interface Options extends TunOptions {
  readonly json?: true;
  readonly discardPort: number;
  readonly chargenPort: number;
  readonly udp: boolean;
}

const EXAMPLES = `
Examples:
  pnpm echo                           an exchange between two hosts in this process, checked byte by byte
  pnpm echo --json                    the same, one event a line
  sudo pnpm echo --tun                serve this machine's kernel on 10.77.0.2 until Ctrl-C
    nc 10.77.0.2 7                    what you type comes back (RFC 862)
    head -c 1000000 /dev/zero | nc -N 10.77.0.2 9    is thrown away (RFC 863)
    nc 10.77.0.2 19 | head            lines of characters without an end (RFC 864)
    echo hello | nc -u -w1 10.77.0.2 7               the same in a datagram
  sudo pnpm echo --tun --port 7007 --discard-port 0 --chargen-port 0 --no-udp

Exit codes: 0; 1 when something cannot be done, or came back changed; 2 for a wrong command line.`;

/** Options that mean something only for a server. */
const SERVER_ONLY = ['discardPort', 'chargenPort', 'udp'];

const program = new Command('echo-server')
  .description(
    'The simple services echo (RFC 862), discard (RFC 863) and chargen (RFC 864) over our own TCP and UDP:\n' +
      'an exchange inside this process, or a server on a TUN device.',
  )
  .option('--json', 'print what happens as one event a line');
addTunOptions(program, ECHO.port)
  .addOption(portOption('discard', DISCARD.port))
  .addOption(portOption('chargen', CHARGEN.port))
  .option('--no-udp', 'serve TCP only')
  .addHelpText('after', EXAMPLES)
  .action(async (options: Options) => {
    checkTunOptions(program, options, SERVER_ONLY);
    const json = options.json === true;
    if (options.tun === undefined) return tellExchange({ json, pcap: options.pcap });
    const ports = { echo: options.port, discard: options.discardPort, chargen: options.chargenPort };
    await serveOnTun(options, { ports, udp: options.udp }, json);
  });

function portOption(service: string, port: number): Option {
  return new Option(`--${service}-port <port>`, `where to ${service}; 0 for nowhere`)
    .argParser(parsePortOrNone)
    .default(port);
}

await runProgram(program);
