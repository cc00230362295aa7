#!/usr/bin/env node
/** The echo server: an exchange inside this process, or a server on TUN. */

import { runProgram, UsageError } from '@tcpstack/app-kit/cli';
import { addTunOptions, checkTunOptions, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import { Command } from 'commander';
import { tellExchange } from './tell.ts';
import { serveOnTun } from './tun-mode.ts';

/** RFC 862: "listens for TCP connections on TCP port 7". */
const PORT = 7;

const program = new Command('echo-server')
  .description('The echo protocol (RFC 862) over our own TCP: an exchange inside this process, or a server on TUN.')
  .option('--json', 'print the exchange as one event a line');
addTunOptions(program, PORT).action(async (options: TunOptions & { readonly json?: true }) => {
  if (options.json && options.tun !== undefined) throw new UsageError('--json does not go with --tun');
  checkTunOptions(program, options);
  if (options.tun !== undefined) await serveOnTun(options);
  else await tellExchange({ json: options.json === true, pcap: options.pcap });
});

await runProgram(program);
