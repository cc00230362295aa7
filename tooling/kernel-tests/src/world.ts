/** A network namespace with a TUN device in it, our stack at one end and the kernel's TCP at the other. */

import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import type { CommandName, Reply, Request } from './commands.ts';
import { KERNEL_ADDRESS, type LinkChoice, OUR_ADDRESS } from './link-choice.ts';

/** Longest time that no byte may move; a lossy world needs more, since time-outs double. */
const STALL_MS = 10_000;
/** Longest answer to one command. */
const ANSWER_MS = 60_000;

const SCRIPT = new URL('./side-process.ts', import.meta.url);

/** A side in its process. Commands to one side run one after another; to two sides at once. */
export class Peer {
  /** Where the other side reaches it. */
  readonly address: string;
  readonly process: NodeProcess;
  #last: Promise<unknown> = Promise.resolve();

  constructor(process: NodeProcess, address: string) {
    this.process = process;
    this.address = address;
  }

  call<N extends CommandName>(name: N, request: Request<N>): Promise<Reply<N>> {
    const answer = this.#last.then(() => this.#ask(name, request));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask<N extends CommandName>(name: N, request: Request<N>): Promise<Reply<N>> {
    this.process.say(JSON.stringify({ name, request }));
    const reply = JSON.parse(await this.process.line('reply ', ANSWER_MS)) as { value: Reply<N>; error?: string };
    if (reply.error !== undefined) throw new Error(`${name} at ${this.address}: ${reply.error}`);
    return reply.value;
  }
}

/** Both sides, and the namespace around them. */
export class World {
  readonly namespace: Namespace;
  readonly ours: Peer;
  readonly kernel: Peer;

  private constructor(namespace: Namespace, ours: Peer, kernel: Peer) {
    this.namespace = namespace;
    this.ours = ours;
    this.kernel = kernel;
  }

  /** Makes all of it; the device is up when this resolves. */
  static async make(link: LinkChoice, options: { stallMs?: number } = {}): Promise<World> {
    const namespace = new Namespace();
    const stallMs = String(options.stallMs ?? STALL_MS);
    const start = (...args: string[]): NodeProcess =>
      namespace.node(SCRIPT, args, { nodeOptions: ['--expose-gc'] });
    const ours = start('ours', stallMs, JSON.stringify(link));
    const kernel = start('kernel', stallMs);
    try {
      await Promise.all([ours.line('ready'), kernel.line('ready')]);
    } catch (error) {
      namespace.remove();
      throw error;
    }
    return new World(namespace, new Peer(ours, OUR_ADDRESS), new Peer(kernel, KERNEL_ADDRESS));
  }

  /** Client and server of a role. */
  roles(client: 'kernel' | 'ours'): { client: Peer; server: Peer } {
    return client === 'kernel'
      ? { client: this.kernel, server: this.ours }
      : { client: this.ours, server: this.kernel };
  }

  /** Ends both sides in order: what was captured is written. */
  async end(): Promise<void> {
    await this.ours.call('close', {});
    await this.kernel.call('close', {});
    for (const { process } of [this.ours, this.kernel]) {
      process.child.stdin?.end();
      await process.success();
    }
  }

  /** Removes everything, however it stands. */
  [Symbol.dispose](): void {
    this.namespace.remove();
  }
}
