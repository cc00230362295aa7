/** The course on which both stacks run: two namespaces, the bridge between them, a sender of each kind, one receiver. */

import { Namespace } from '@tcpstack/netns/namespace';
import type { NodeProcess } from '@tcpstack/netns/node-process';
import { FAR_ADDRESS, FAR_DEVICE, NEAR_ADDRESS, NEAR_DEVICE, OUR_ADDRESS } from './addresses.ts';
import { Bridge } from './bridge.ts';
import type { Ways, WaysStats } from './way.ts';

/** Who sends; the receiver is the kernel in both cases. */
export type Runner = 'tcpstack' | 'kernel';

/** What came of one run. */
export interface Run {
  readonly mbitPerSecond: number;
  readonly stats: WaysStats;
}

/** Room for every window that the bridge can need, on the kernel's side; and no memory of earlier connections. */
const SETTINGS: Readonly<Record<string, string>> = {
  tcp_rmem: '4096 131072 33554432',
  tcp_wmem: '4096 65536 33554432',
  tcp_no_metrics_save: '1',
};
const SCRIPTS = {
  sender: new URL('./sender.ts', import.meta.url),
  receiver: new URL('./receiver.ts', import.meta.url),
};
const PERFECT: Ways = { forth: { seed: 0 }, back: { seed: 0 } };
/** Added to the length of a run before it counts as stuck: a lost SYN is resent after 1, 3 and 7 s. */
const PATIENCE_MS = 15_000;

export class Course {
  readonly #namespaces: readonly Namespace[];
  readonly #bridge: Bridge;
  readonly #senders: Readonly<Record<Runner, NodeProcess>>;
  readonly #receiver: NodeProcess;

  private constructor(
    namespaces: readonly Namespace[],
    bridge: Bridge,
    senders: Readonly<Record<Runner, NodeProcess>>,
    receiver: NodeProcess,
  ) {
    this.#namespaces = namespaces;
    this.#bridge = bridge;
    this.#senders = senders;
    this.#receiver = receiver;
  }

  /**
   * @param congestionControl Of the sending kernel.
   * @param settings Of our stack, as JSON.
   */
  static async make(congestionControl: string, settings: string): Promise<Course> {
    const [near, far] = [new Namespace(), new Namespace()];
    try {
      const bridge = await Bridge.connect(
        { namespace: near, device: NEAR_DEVICE, address: `${NEAR_ADDRESS}/24` },
        { namespace: far, device: FAR_DEVICE, address: `${FAR_ADDRESS}/24` },
        PERFECT,
      );
      for (const namespace of [near, far]) {
        for (const [name, value] of Object.entries(SETTINGS)) setSysctl(namespace, name, value);
      }
      setSysctl(near, 'ip_forward', '1');
      // By the route: a namespace may not take what the machine does not allow everyone, as its default.
      near.run('ip', 'route', 'add', `${FAR_ADDRESS}/32`, 'dev', NEAR_DEVICE, 'congctl', congestionControl);
      far.run('ip', 'route', 'add', `${OUR_ADDRESS}/32`, 'via', NEAR_ADDRESS);
      const receiver = far.node(SCRIPTS.receiver, [FAR_ADDRESS]);
      const tcpstack = near.node(SCRIPTS.sender, ['tcpstack', settings]);
      const kernel = near.node(SCRIPTS.sender, ['kernel']);
      await Promise.all([receiver, tcpstack, kernel].map((each) => each.line('ready')));
      return new Course([near, far], bridge, { tcpstack, kernel }, receiver);
    } catch (error) {
      near.remove();
      far.remove();
      throw error;
    }
  }

  /** One run over a new network. */
  async run(runner: Runner, ways: Ways, connections: number, seconds: number): Promise<Run> {
    await this.#bridge.renew(ways);
    this.#receiver.say(String(seconds));
    await this.#receiver.line('measuring');
    const sender = this.#senders[runner];
    sender.say(String(connections));
    const bytes = Number(await this.#receiver.line('measured ', seconds * 1000 + PATIENCE_MS));
    // The resets must not be lost.
    const stats = await this.#bridge.renew(PERFECT);
    await sender.line('done');
    return { mbitPerSecond: (bytes * 8) / 1e6 / seconds, stats };
  }

  close(): void {
    for (const namespace of this.#namespaces) namespace.remove();
  }
}

function setSysctl(namespace: Namespace, name: string, value: string): void {
  namespace.run('sh', '-c', `echo ${value} > /proc/sys/net/ipv4/${name}`);
}
