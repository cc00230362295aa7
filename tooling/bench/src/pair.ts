/** One server and one client, each in its namespace, ready to be asked. */

import { connectByVeth, Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess, NodeProcessOptions } from '@tcpstack/netns/node-process';
import { type Answer, type Question, TUN_ADDRESS, VETH_ADDRESS, VETH_CLIENT_ADDRESS } from './plan.ts';

const WATCHDOG_MS = 60_000;
// Users run what is built. From source, Node's type stripper and the sources stay in the heap: each collection is longer.
const BUILT: NodeProcessOptions = { code: 'built' };
const SERVER: NodeProcessOptions = { ...BUILT, nodeOptions: ['--expose-gc'] };

/** A running pair. */
export class Pair {
  readonly name: string;
  readonly #server: NodeProcess;
  readonly #client: NodeProcess;
  readonly #namespaces: readonly Namespace[];

  private constructor(name: string, server: NodeProcess, client: NodeProcess, namespaces: readonly Namespace[]) {
    this.name = name;
    this.#server = server;
    this.#client = client;
    this.#namespaces = namespaces;
  }

  /** Our stack over TUN; the kernel's client is on the other side of the device. */
  static async overTun(): Promise<Pair> {
    const namespace = new Namespace();
    const server = namespace.node(script('server'), ['tcpstack', TUN_ADDRESS], SERVER);
    await server.line('ready');
    return new Pair('tcpstack', server, namespace.node(script('client'), [TUN_ADDRESS], BUILT), [namespace]);
  }

  /** The kernel's stack on both ends of a veth pair. */
  static async overVeth(): Promise<Pair> {
    const a = new Namespace();
    const b = new Namespace();
    connectByVeth(
      { namespace: a, device: 'veth0', address: `${VETH_CLIENT_ADDRESS}/24` },
      { namespace: b, device: 'veth0', address: `${VETH_ADDRESS}/24` },
    );
    const server = b.node(script('server'), ['node', VETH_ADDRESS], SERVER);
    await server.line('ready');
    return new Pair('kernel', server, a.node(script('client'), [VETH_ADDRESS], BUILT), [a, b]);
  }

  async ask(question: Question): Promise<Answer> {
    this.#client.say(JSON.stringify(question));
    return JSON.parse(await this.#client.line('answer ', WATCHDOG_MS)) as Answer;
  }

  /** Bytes of heap and buffers of the server, after a collection. */
  async memoryBytes(): Promise<number> {
    this.#server.say('memory');
    return Number(await this.#server.line('memory '));
  }

  close(): void {
    for (const namespace of this.#namespaces) namespace.remove();
  }
}

/** As `pnpm bench` built it. */
function script(name: string): URL {
  return new URL(`../dist/${name}.js`, import.meta.url);
}
