/** The command line of `demo fetch`. */

import { UsageError } from '@tcpstack/app-kit/cli';
import { addTunOptions, checkTunOptions, type TunOptions } from '@tcpstack/app-kit/tun-mode';
import { Command, InvalidArgumentError } from 'commander';

interface Options extends TunOptions {
  readonly json?: true;
  readonly output?: string;
  readonly upload?: string;
  readonly insecure?: true;
  readonly http1?: true;
  readonly timeout: number;
}

const TIMEOUT_SECONDS = 30;
const EXAMPLES = `
Examples:
  pnpm demo fetch /bytes/1000000                         from our own demo, over a wire in memory; no root
  pnpm demo fetch https://10.77.0.2/ --json              the same by HTTP/2, one event a line
  pnpm demo fetch /files/handshake.txt -o -              the body to standard output, the story to the other
  sudo pnpm demo fetch http://10.77.0.1:8000/ --tun      from a server on this machine's kernel
  sudo pnpm demo fetch https://example.com/ --tun        from anywhere, where the kernel forwards and translates:
    sysctl net.ipv4.ip_forward=1
    iptables -t nat -A POSTROUTING -s 10.77.0.0/24 -j MASQUERADE

Exit codes: 0, whatever the status; 1 without an answer, or when its body is not what its digest field says (RFC 9530);
2 for a wrong command line.`;

export function fetchCommand(): Command {
  const command = new Command('fetch')
    .description('Fetches a URL through our stack and draws the ladder of its connection.')
    .argument('<url>', 'http:// or https://; or a path, of our own demo')
    .option('--json', 'print the story and the answer as one event a line')
    .option('-o, --output <file>', 'write the body to a file; - for standard output')
    .option('--upload <file>', 'send this file by POST')
    .option('-k, --insecure', 'trust any certificate')
    .option('--http1', 'speak HTTP/1.1 also where the server has HTTP/2')
    .option('--timeout <seconds>', 'give up when nothing comes for so long', parseSeconds, TIMEOUT_SECONDS);
  return addTunOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, options: Options) => {
      checkTunOptions(command, options);
      if (options.json && options.output === '-') throw new UsageError('--json and -o - both want standard output');
      const { tellFetch } = await import('./tell-fetch.ts');
      const { json = false, insecure = false, http1 = false, timeout: timeoutSeconds } = options;
      await tellFetch(url, { ...options, json, insecure, http1, timeoutSeconds });
    });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && seconds > 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('Give a number of seconds, as 30.');
}
