/** A user namespace with a network namespace in it: its root has no right over the machine's own network. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { NodeProcess, nodeArguments } from '@tcpstack/netns/node-process';

export class UserNamespace {
  readonly #holder: ChildProcess;
  readonly #enter: readonly string[];

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
    this.#enter = ['--target', String(holder.pid), '--user', '--net', '--preserve-credentials'];
  }

  /** `unshare -Urn`, as the README says. */
  static async make(): Promise<UserNamespace> {
    // It lives as long as somebody may write to `cat`, so it ends with this process at the latest.
    const holder = spawn('unshare', ['-Urn', 'sh', '-c', 'echo ready; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await Promise.race([
      once(holder.stdout, 'data'),
      once(holder, 'exit').then(() => Promise.reject(new Error('unshare -Urn is not possible here'))),
    ]);
    return new UserNamespace(holder);
  }

  /** Runs a command to its end and returns what it printed; throws with its complaints when it fails. */
  run(command: string, ...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('nsenter', [...this.#enter, command, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}: ${stderr}`);
    return stdout;
  }

  /** Starts a TypeScript file under this Node. */
  node(script: URL, ...args: string[]): NodeProcess {
    const node = [process.execPath, ...nodeArguments(script, args)];
    return new NodeProcess(spawn('nsenter', [...this.#enter, ...node], { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** Lets it go; the kernel removes it with the last process in it. */
  [Symbol.dispose](): void {
    this.#holder.stdin?.end();
  }
}
