/** Redis and PostgreSQL of Debian on the kernel of a namespace, with nothing kept on disk. */

import { type ChildProcess, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from '@tcpstack/netns/namespace';
import { Scratch } from './scratch.ts';

const DEBIAN_POSTGRES = '/usr/lib/postgresql';
const POLL_MS = 50;
const START_MS = 20_000;

/** Runs until disposed. */
export async function startRedis(namespace: Namespace): Promise<AsyncDisposable> {
  const options = ['--port', '6379', '--save', '', '--appendonly', 'no', '--protected-mode', 'no', '--bind', '0.0.0.0'];
  const server = namespace.spawn('redis-server', options, { stdio: 'ignore', cwd: '/tmp' });
  await answers(namespace, 6379, server);
  return { [Symbol.asyncDispose]: () => ended(server, 'SIGTERM') };
}

/** Runs until disposed; everybody may be `postgres`. It refuses to be root, so it is the user `nobody`. */
export async function startPostgres(namespace: Namespace): Promise<AsyncDisposable> {
  const scratch = new Scratch();
  const folder = scratch.path('data');
  chmodSync(scratch.path('.'), 0o777);
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;
  namespace.run(...asNobody, program('initdb'), '-D', folder, '-U', 'postgres', '-A', 'trust', '--no-sync', '-N');
  const [command, ...drop] = asNobody;
  const options = ['-D', folder, '-k', scratch.path('.'), '-c', 'listen_addresses=*', '-c', 'fsync=off'];
  namespace.run('sh', '-c', `echo 'host all all 10.77.0.0/24 trust' >> ${folder}/pg_hba.conf`);
  const server = namespace.spawn(command, [...drop, program('postgres'), ...options], { stdio: 'ignore', cwd: '/tmp' });
  await answers(namespace, 5432, server);
  return {
    async [Symbol.asyncDispose]() {
      await ended(server, 'SIGINT');
      scratch[Symbol.dispose]();
    },
  };
}

/** In the path, or where Debian keeps it. */
function program(name: string): string {
  if (spawnSync('sh', ['-c', `command -v ${name}`]).status === 0) return name;
  const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) throw new Error(`${name} is not installed: apt-get install postgresql`);
  return join(DEBIAN_POSTGRES, newest, 'bin', name);
}

/** Waits until something listens on `port`. */
async function answers(namespace: Namespace, port: number, server: ChildProcess): Promise<void> {
  const until = performance.now() + START_MS;
  while (!namespace.run('ss', '-tlnH', `sport = :${port}`).includes(`:${port}`)) {
    if (server.exitCode !== null) throw new Error(`the server for port ${port} ended with ${server.exitCode}`);
    if (performance.now() > until) throw new Error(`nobody listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  await new Promise((resolve) => {
    server.once('close', resolve);
    server.kill(signal);
  });
}
