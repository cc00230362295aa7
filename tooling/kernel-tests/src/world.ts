/** A network namespace with a TUN device in it, our stack at one end and the kernel's TCP at the other. */

import { connectByVeth, Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import { Bridge } from '@tcpstack/rig/bridge';
import type { Ways } from '@tcpstack/rig/way';
import type { CommandName, Reply, Request } from './commands.ts';
import { ENDS, HURRY, KERNEL_ADDRESS, type LinkChoice } from './link-choice.ts';

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

/** The kernel's side alone, for a namespace in which something else has the device. */
export async function startKernelSide(home: Namespace, address = KERNEL_ADDRESS, stallMs = STALL_MS): Promise<Peer> {
  const kernel = home.node(SCRIPT, ['kernel', address, String(stallMs)]);
  await kernel.line('ready');
  return new Peer(kernel, address);
}

/** How to make a world. */
export interface WorldOptions {
  /** Longest time that no byte may move. Default 10 s; a lossy world needs more, since time-outs double. */
  readonly stallMs?: number;
  /**
   * The kernel's side lives in a namespace of its own, behind a router that has the device. A packet dropped on the
   * way is then lost in silence; a host knows when its own output was dropped, and does not count it as sent.
   */
  readonly distant?: boolean;
  /** The kernel's side is distant, and on the way to it is this network; `forth` leads to the kernel. */
  readonly bridge?: Ways;
}

/** Both sides, and the namespaces around them. */
export class World {
  /** Where the device is. */
  readonly namespace: Namespace;
  /** Where the kernel's side is: the same, or beyond a router. */
  readonly home: Namespace;
  readonly ours: Peer;
  readonly kernel: Peer;
  readonly bridge: Bridge | undefined;
  readonly #namespaces: readonly Namespace[];

  private constructor(
    namespaces: readonly [Namespace, ...Namespace[]],
    ours: Peer,
    kernel: Peer,
    bridge: Bridge | undefined,
  ) {
    this.#namespaces = namespaces;
    this.bridge = bridge;
    this.namespace = namespaces[0];
    this.home = namespaces.at(-1) ?? namespaces[0];
    this.ours = ours;
    this.kernel = kernel;
  }

  /** Makes all of it; the device is up when this resolves. */
  static async make(link: LinkChoice, options: WorldOptions = {}): Promise<World> {
    const namespaces: [Namespace, ...Namespace[]] = [new Namespace()];
    try {
      const ways = options.bridge;
      if (options.distant === true) addDistantHost(namespaces);
      const bridge = ways === undefined ? undefined : await addBridgedHost(namespaces, ways);
      const home = namespaces.at(-1) ?? namespaces[0];
      const stallMs = options.stallMs ?? STALL_MS;
      const { ours: ourAddress, kernels } = ENDS[link.family ?? 4];
      const kernelAddress = home === namespaces[0] ? kernels : DISTANT_ADDRESS;
      // The kernel's addresses of IPv6 are there at once.
      if (link.family === 6) home.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad');
      const nodeOptions = ['--expose-gc'];
      const ours = namespaces[0].node(SCRIPT, ['ours', ourAddress, String(stallMs), JSON.stringify(link)], {
        nodeOptions,
      });
      const [kernel] = await Promise.all([startKernelSide(home, kernelAddress, stallMs), ours.line('ready')]);
      return new World(namespaces, new Peer(ours, ourAddress), kernel, bridge);
    } catch (error) {
      for (const namespace of namespaces) namespace.remove();
      throw error;
    }
  }

  /** Client and server of a role. */
  roles(client: 'kernel' | 'ours'): { client: Peer; server: Peer } {
    return client === 'kernel'
      ? { client: this.kernel, server: this.ours }
      : { client: this.ours, server: this.kernel };
  }

  /** Settings of the kernel's TCP for new connections, as `tcp_sack`. */
  setKernel(settings: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(settings)) {
      this.home.run('sh', '-c', `echo ${value} > /proc/sys/net/ipv4/${name}`);
    }
  }

  /** What the kernel says of its open connections, in the words of `ss -i`. */
  kernelConnections(): string {
    return this.home.run('ss', '-tinoH', 'state', 'established');
  }

  /** A counter of the kernel's TCP by its name in `nstat`, as `TCPKeepAlive`. */
  kernelCounter(name: string): number {
    const lines = this.home.run('cat', '/proc/net/netstat').split('\n');
    const [names = '', values = ''] = lines.filter((line) => line.startsWith('TcpExt:'));
    return Number(values.split(' ')[names.split(' ').indexOf(name)]);
  }

  /** Ends both sides in order: what was captured is written. */
  async end(): Promise<void> {
    await this.kernel.call('close', {});
    await this.ours.call('close', {});
    for (const { process } of [this.ours, this.kernel]) {
      process.child.stdin?.end();
      await process.success();
    }
  }

  /** Removes everything, however it stands. */
  [Symbol.dispose](): void {
    for (const namespace of this.#namespaces) namespace.remove();
  }
}

const DISTANT_ADDRESS = '10.78.0.1';
const ROUTER_ADDRESS = '10.78.0.2';

/** Makes the first namespace a router, and adds one behind it. */
function addDistantHost(namespaces: [Namespace, ...Namespace[]]): void {
  const router = namespaces[0];
  const host = new Namespace();
  namespaces.push(host);
  connectByVeth(
    { namespace: router, device: 'near', address: `${ROUTER_ADDRESS}/24` },
    { namespace: host, device: 'far', address: `${DISTANT_ADDRESS}/24` },
  );
  router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  host.run('ip', 'route', 'add', '10.77.0.0/24', 'via', ROUTER_ADDRESS, 'rto_min', `${200 / HURRY}ms`);
  hurryTimeouts(host);
}

/** The same, with a bad network on the way and the kernel's time-outs as they are. */
async function addBridgedHost(namespaces: [Namespace, ...Namespace[]], ways: Ways): Promise<Bridge> {
  const router = namespaces[0];
  const host = new Namespace();
  namespaces.push(host);
  const bridge = await Bridge.connect(
    { namespace: router, device: 'near', address: `${ROUTER_ADDRESS}/24` },
    { namespace: host, device: 'far', address: `${DISTANT_ADDRESS}/24` },
    ways,
  );
  router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  host.run('ip', 'route', 'add', '10.77.0.0/24', 'via', ROUTER_ADDRESS);
  return bridge;
}

/**
 * Makes the kernel's time-outs short, as ours are when hurried: under heavy loss it measures round trips that include
 * whole time-outs, and comes to wait for minutes. The limit of a second needs Linux 6.15.
 */
function hurryTimeouts(host: Namespace): void {
  const settings = { tcp_thin_linear_timeouts: 1, tcp_rto_max_ms: 1000, tcp_retries2: 255, tcp_orphan_retries: 255 };
  for (const [name, value] of Object.entries(settings)) {
    host.run('sh', '-c', `f=/proc/sys/net/ipv4/${name}; [ ! -e $f ] || echo ${value} > $f`);
  }
}
