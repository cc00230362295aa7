/** A bad network between two namespaces: a process with a TUN device in each, which forwards between them. */

import type { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import type { Ways, WaysStats } from './way.ts';

/** One end of the bridge. */
export interface BridgeEnd {
  readonly namespace: Namespace;
  /** Name of the device in its namespace; the two ends have different names. */
  readonly device: string;
  /** IPv4 address of the namespace on it, with prefix length. */
  readonly address: string;
}

const SCRIPT = new URL('./bridge-process.ts', import.meta.url);
/** A kernel must not lose packets of its own to a process that is late by some milliseconds. */
const QUEUE_PACKETS = 10_000;

/** A running bridge. It ends with the namespace of its near end. */
export class Bridge {
  readonly #process: NodeProcess;

  private constructor(process: NodeProcess) {
    this.#process = process;
  }

  /** Connects `near` and `far`; packets flow when this resolves. */
  static async connect(near: BridgeEnd, far: BridgeEnd, ways: Ways): Promise<Bridge> {
    const process = near.namespace.node(SCRIPT, [near.device, far.device, JSON.stringify(ways)]);
    await process.line('devices');
    near.namespace.run('ip', 'link', 'set', far.device, 'netns', far.namespace.name);
    for (const { namespace, device, address } of [near, far]) {
      namespace.run('sh', '-c', `echo 1 > /proc/sys/net/ipv6/conf/${device}/disable_ipv6 || true`);
      namespace.run('ip', 'addr', 'add', address, 'dev', device);
      namespace.run('ip', 'link', 'set', device, 'txqueuelen', String(QUEUE_PACKETS), 'up');
    }
    process.say('start');
    await process.line('ready');
    return new Bridge(process);
  }

  /** Makes the network new, with its seeds at their beginning; what was on its way is lost. Returns what happened so far. */
  async renew(ways: Ways): Promise<WaysStats> {
    this.#process.say(JSON.stringify(ways));
    return JSON.parse(await this.#process.line('was ')) as WaysStats;
  }
}
