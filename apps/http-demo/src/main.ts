#!/usr/bin/env node
/** The HTTP demo: the story of one connection, pages for a browser, pages over TUN. */

import { type Endpoint, parseEndpoint } from '@tcpstack/app-kit/arguments';
import { runProgram, UsageError } from '@tcpstack/app-kit/cli';
import { addTunOptions, checkTunOptions, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import { Command, Option } from 'commander';
import { fetchCommand } from './fetch/command.ts';
import { addSiteOptions, checkFolder, checkSiteOptions, type SiteOptions } from './options.ts';
import { tellStory } from './story/tell.ts';

interface Options extends TunOptions, Omit<SiteOptions, 'json' | 'log'> {
  readonly json?: true;
  readonly log?: true;
  readonly serve?: true;
  readonly listen: Endpoint;
}

const PORT = 80;
const EXAMPLES = `
Examples:
  pnpm demo                                one connection, told as a story
  pnpm demo fetch /bytes/1000000           any answer, with the ladder of its connection; see fetch --help
  pnpm demo --serve                        pages for a browser on http://127.0.0.1:8080/, no root
  pnpm demo --serve --tls                  and on https://127.0.0.1:8443/, with HTTP/2
  sudo pnpm demo --tun --tls               pages for this machine's kernel on 10.77.0.2, until Ctrl-C
    curl http://10.77.0.2/                 the page about its own connection
    curl --http2 -k https://10.77.0.2/     the same over HTTP/2
    curl -r 0-99 http://10.77.0.2/files/handshake.txt
    curl -D- -o /dev/null http://10.77.0.2/bytes/1000000      with Content-Digest
    curl --data-binary @FILE http://10.77.0.2/upload          its SHA-256
    curl -N http://10.77.0.2/events        the connection that carries it, each second

Exit codes: 0; 1 when something cannot be done; 2 for a wrong command line.`;

const program = new Command('http-demo')
  .description('One HTTP exchange over our own TCP, drawn as a ladder; or pages served over it.')
  .enablePositionalOptions()
  .option('--json', 'print what happens as one event a line')
  .optionsGroup('For the browsers of this machine, without root:')
  .option('--serve', 'serve pages')
  .addOption(
    new Option('--listen <address:port>', 'where to')
      .argParser(parseEndpoint)
      .default(parseEndpoint('127.0.0.1:8080'), '127.0.0.1:8080'),
  );
addTunOptions(program, PORT);
addSiteOptions(program)
  .addCommand(fetchCommand())
  .addHelpText('after', EXAMPLES)
  .action(async (options: Options) => {
    const { json = false, log = false } = options;
    const site = { ...options, json, log };
    check(options, site);
    if (options.tun !== undefined) return (await import('./tun-mode.ts')).serveOnTun(site);
    if (options.serve) return (await import('./serve-mode.ts')).serveOnLoopback(options.listen, site);
    return tellStory({ json, pcap: options.pcap });
  });

function check(options: Options, site: SiteOptions): void {
  const isServing = options.serve === true || options.tun !== undefined;
  if (options.serve && options.tun !== undefined) throw new UsageError('--serve and --tun exclude each other');
  if (program.getOptionValueSource('listen') === 'cli' && !options.serve)
    throw new UsageError('--listen needs --serve');
  checkTunOptions(program, options);
  checkSiteOptions(program, site, isServing);
  checkFolder(site);
}

await runProgram(program);
