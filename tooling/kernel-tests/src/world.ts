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

/** A command under way. */
interface Waiting {
  readonly name: string;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** A side in its process. Commands may overlap. */
export class Peer {
  /** Where the other side reaches it. */
  readonly address: string;
  readonly process: NodeProcess;
  readonly #waiting = new Map<number, Waiting>();
  #commands = 0;

  constructor(process: NodeProcess, address: string) {
    this.process = process;
    this.address = address;
  }

  call<N extends CommandName>(name: N, request: Request<N>): Promise<Reply<N>> {
    return new Promise<Reply<N>>((resolve, reject) => {
      const id = ++this.#commands;
      this.#waiting.set(id, { name, resolve, reject });
      this.process.say(JSON.stringify({ id, name, request }));
      if (this.#waiting.size === 1) void this.#takeReplies();
    });
  }

  async #takeReplies(): Promise<void> {
    try {
      while (this.#waiting.size > 0) this.#take(await this.process.line('reply ', ANSWER_MS));
    } catch (error) {
      for (const { reject } of this.#waiting.values()) reject(error as Error);
      this.#waiting.clear();
    }
  }

  #take(line: string): void {
    const { id, value, error } = JSON.parse(line) as { id: number; value: never; error?: string };
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(`${waiting.name} at ${this.address}: ${error}`));
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
