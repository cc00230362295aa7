/** The classic network for fairness: each flow has hosts of its own, and all go through one bottleneck. */

import type { Settings } from '@tcpstack/sockets/host';
import { Bottleneck, type BottleneckOptions } from './bottleneck.ts';
import type { Path } from './path.ts';
import type { PathOptions } from './path-options.ts';
import type { SimHost, SimHostOptions } from './sim-host.ts';
import { World } from './world.ts';

/** One pair of hosts. */
export interface DumbbellFlow {
  /** Round-trip time without any queue. */
  readonly rttMs: number;
  /** What the path there has besides; its delay and bottleneck are the dumbbell's. */
  readonly there?: Omit<PathOptions, 'bottleneck' | 'delayMs'>;
  readonly client?: SimHostOptions;
  readonly server?: SimHostOptions;
}

/** Shape of a dumbbell. */
export interface DumbbellOptions {
  readonly seed: number;
  /** On the way from the clients to the servers; the way back is only delay. */
  readonly bottleneck: BottleneckOptions;
  readonly flows: readonly DumbbellFlow[];
  readonly settings?: Partial<Settings>;
}

/** A pair of hosts with the paths between them. */
export interface DumbbellPair {
  readonly client: SimHost;
  readonly server: SimHost;
  readonly there: Path;
  readonly back: Path;
}

/** A world of pairs that share one bottleneck. */
export interface Dumbbell {
  readonly world: World;
  readonly bottleneck: Bottleneck;
  readonly pairs: readonly DumbbellPair[];
}

export function createDumbbell(options: DumbbellOptions): Dumbbell {
  const { seed, flows, settings = {} } = options;
  const hosts = flows.flatMap(({ client = {}, server = {} }) => [client, server]);
  const world = new World({ seed, hosts, settings });
  const bottleneck = new Bottleneck(options.bottleneck);
  const pairs = flows.map(({ rttMs, there = {} }, i) => {
    const [client, server] = [world.host(2 * i), world.host(2 * i + 1)];
    const delayMs = rttMs / 2;
    const [out, back] = world.join(client, server, { ...there, bottleneck, delayMs }, { delayMs });
    return { client, server, there: out, back };
  });
  return { world, bottleneck, pairs };
}
