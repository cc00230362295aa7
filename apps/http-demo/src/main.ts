#!/usr/bin/env node
/** The HTTP demo: the story of one connection, pages for a browser, pages over TUN. */

import { type Endpoint, parseEndpoint } from '@tcpstack/app-kit/arguments';
import { runProgram, UsageError } from '@tcpstack/app-kit/cli';
import { addTunOptions, checkTunOptions, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import { Command, Option } from 'commander';
import { serveOnLoopback } from './serve-mode.ts';
import { tellStory } from './story/tell.ts';
import { serveOnTun } from './tun-mode.ts';

interface Options extends TunOptions {
  readonly serve?: true;
  readonly listen: Endpoint;
  readonly json?: true;
}

const PORT = 80;

const program = new Command('http-demo')
  .description('One HTTP exchange over our own TCP, drawn as a ladder; or pages served over it.')
  .option('--json', 'print the story as one event a line')
  .option('--serve', 'serve pages to the browsers of this machine, without root')
  .addOption(
    new Option('--listen <address:port>', 'where to, with --serve')
      .argParser(parseEndpoint)
      .default(parseEndpoint('127.0.0.1:8080'), '127.0.0.1:8080'),
  );
addTunOptions(program, PORT).action(async (options: Options) => {
  check(options);
  if (options.tun !== undefined) await serveOnTun(options);
  else if (options.serve) await serveOnLoopback(options.listen, options.pcap);
  else await tellStory({ json: options.json === true, pcap: options.pcap });
});

function check(options: Options): void {
  const serving = options.serve ? '--serve' : '--tun';
  if (options.serve && options.tun !== undefined) throw new UsageError('--serve and --tun exclude each other');
  if (options.json && (options.serve || options.tun !== undefined))
    throw new UsageError(`--json does not go with ${serving}`);
  if (program.getOptionValueSource('listen') === 'cli' && !options.serve)
    throw new UsageError('--listen needs --serve');
  checkTunOptions(program, options);
}

await runProgram(program);
