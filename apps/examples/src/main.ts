#!/usr/bin/env node
/** The examples: both ends in this process, or one end on a TUN device. */

import { runProgram, UsageError } from '@tcpstack/app-kit/cli';
import { closeInOrder } from '@tcpstack/app-kit/orderly';
import { untilSignal } from '@tcpstack/app-kit/signals';
import { addTunOptions, checkTunOptions, openTunStack, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import { createStack } from '@tcpstack/net';
import { createMemoryLinkPair } from '@tcpstack/runtime/memory-link';
import { Command } from 'commander';
import { EXAMPLES } from './catalogue.ts';
import type { Example } from './example.ts';

interface Options extends TunOptions {
  readonly ask?: string;
  readonly insecure?: true;
  readonly port: number;
}

/** For the last segments of connections that are closed already. */
const GRACE_MS = 500;

const LIST = Object.entries(EXAMPLES).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`);
const MORE = `
Examples:
${LIST.join('\n')}

  pnpm example http2                     server and client in this process, over a link in memory
  sudo pnpm example https --tun          the server, for the kernel of this machine: curl -k https://10.77.0.2/
  sudo pnpm example http --tun --ask 10.77.0.1 --port 8000    the client, to a server of this machine

Exit codes: 0; 1 when something cannot be done; 2 for a wrong command line.`;

const program = new Command('example')
  .description('http, https, http2, WebSocket and fetch over our own TCP.')
  .argument('<name>', 'one of the examples below')
  .option('--ask <address>', 'be the client of a server of this machine (with --tun)')
  .option('--insecure', 'take any certificate (with --ask)');
addTunOptions(program, 0)
  .addHelpText('after', MORE)
  .action(async (name: string, options: Options) => {
    const example = EXAMPLES[name];
    if (example === undefined)
      throw new UsageError(`no example "${name}": there is ${Object.keys(EXAMPLES).join(', ')}`);
    checkTunOptions(program, options, ['ask', 'insecure']);
    if (options.tun === undefined) await bothEnds(example);
    else await onTun(example, options);
  });

async function bothEnds(example: Example): Promise<void> {
  const [near, far] = createMemoryLinkPair();
  const server = createStack({ link: near, address: '10.0.0.1' });
  const client = createStack({ link: far, address: '10.0.0.2' });
  try {
    await example.serve(server, example.port);
    tell(await example.ask(client, { address: '10.0.0.1', port: example.port }));
  } finally {
    await closeInOrder(client, GRACE_MS);
    await server.close();
  }
}

async function onTun(example: Example, options: Options): Promise<void> {
  const port = options.port || example.port;
  const { stack, lost, closeCapture } = openTunStack(options);
  try {
    if (options.ask !== undefined) {
      tell(
        await Promise.race([
          example.ask(stack, { address: options.ask, port, isInsecure: options.insecure === true }),
          lost,
        ]),
      );
      await closeInOrder(stack, GRACE_MS);
    } else {
      await example.serve(stack, port);
      console.log(`listening on ${options.address.address}:${port}`);
      await Promise.race([untilSignal(), lost]);
    }
  } finally {
    await stack.close();
    closeCapture();
  }
}

function tell(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

await runProgram(program);
