/** The applications on a TUN device in a namespace, as a user starts them, but run from source. */

import type { Namespace } from '@tcpstack/netns/namespace';
import { type NodeProcess, nodeArguments } from '@tcpstack/netns/node-process';

/** Their main modules. */
export const HTTP_DEMO = new URL('../../../apps/http-demo/src/main.ts', import.meta.url);
export const ECHO_SERVER = new URL('../../../apps/echo-server/src/main.ts', import.meta.url);

export const EXAMPLES_APP = new URL('../../../apps/examples/src/main.ts', import.meta.url);

/** Starts one and waits until it listens; `where` is what it says then. */
export async function startApp(
  namespace: Namespace,
  app: URL,
  ...options: string[]
): Promise<{ app: NodeProcess; where: string }> {
  const process = namespace.node(app, ['--tun', ...options]);
  return { app: process, where: await process.line('listening on ') };
}

/** How a command ended and everything it printed. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the HTTP demo under a shell line, in which `"$@"` is the demo, and waits for its end. */
export async function runDemo(namespace: Namespace, shell: string, ...options: string[]): Promise<Ended> {
  const args = ['-c', shell, 'sh', process.execPath, ...nodeArguments(HTTP_DEMO, options)];
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

/** Starts an example's server on a device, waits until it listens, and ends it in order when disposed. */
export async function startExample(namespace: Namespace, name: string): Promise<AsyncDisposable> {
  const server = namespace.node(EXAMPLES_APP, [name, '--tun']);
  await server.line('listening on ');
  return {
    async [Symbol.asyncDispose]() {
      server.child.kill('SIGTERM');
      await server.success();
    },
  };
}
