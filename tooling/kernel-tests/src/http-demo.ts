/** The HTTP demo in a namespace of its own, as a user starts it. */

import type { Namespace } from '@tcpstack/netns/namespace';
import { type NodeProcess, nodeArguments } from '@tcpstack/netns/node-process';

/** Its main module, run from source. */
export const DEMO = new URL('../../../apps/http-demo/src/main.ts', import.meta.url);

/** Starts it and waits until it listens. */
export async function startDemo(
  namespace: Namespace,
  ...options: string[]
): Promise<{ demo: NodeProcess; url: string }> {
  const demo = namespace.node(DEMO, ['--tun', ...options]);
  return { demo, url: await demo.line('listening on ') };
}

/** How a command ended and everything it printed. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the demo under a shell line, in which `"$@"` is the demo, and waits for its end. */
export async function runDemo(namespace: Namespace, shell: string, ...options: string[]): Promise<Ended> {
  const args = ['-c', shell, 'sh', process.execPath, ...nodeArguments(DEMO, options)];
  const child = namespace.spawn('sh', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const watchdog = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(watchdog);
  return { code, output };
}
