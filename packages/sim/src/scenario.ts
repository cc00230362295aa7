/** A whole world from one number: hosts, network, traffic and weather, all drawn from the seed. */

import { CONGESTION_NAMES } from '@tcpstack/tcp/congestion';
import { AcksChecker } from './checkers/acks.ts';
import { expectNothingHeld, finishTransfers } from './checkers/ends.ts';
import { InvariantsChecker } from './checkers/invariants.ts';
import { WireChecker } from './checkers/wire.ts';
import type { PathOptions } from './path-options.ts';
import { Random } from './random.ts';
import type { SimHostOptions } from './sim-host.ts';
import { Transfer } from './transfer.ts';
import { type Observer, World } from './world.ts';

/** One seeded world, before it runs. */
export interface Scenario {
  readonly seed: number;
  readonly hosts: readonly SimHostOptions[];
  readonly there: PathOptions;
  readonly back: PathOptions;
  /** Connections from the first host to the second, each with so many bytes up and down. */
  readonly connections: number;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly readEveryMs: number;
  readonly readBytesMax: number;
  /** Packets are lost, damaged, doubled and reordered until then. */
  readonly healsAtMs: number;
  /** No packet passes between these. */
  readonly cutFromMs: number;
  readonly cutUntilMs: number;
  /** When the programs of either side are killed; `Infinity`: never. If one is, so is the other. */
  readonly killsClientsAtMs: number;
  readonly killsServersAtMs: number;
}

/** How a world went. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly endedAtMs: number;
  readonly packets: number;
}

/** After the network has healed a transfer ends within this: a backed-off time-out, then the rest at the slowest rate. */
const HEALED_LIMIT_MS = 400_000;
/** All but the one that is for networks without queues: it fills these for ever. */
const CONTROLS = CONGESTION_NAMES.filter((name) => name !== 'none');
const TIME_WAIT_MS = 2000;
const FIRST_PORT = 80;

/** What the seed says, as data. */
export function drawScenario(seed: number): Scenario {
  const random = new Random(seed);
  const small = random.chance(0.3);
  const cutFromMs = random.chance(0.2) ? random.between(0, 3000) : Infinity;
  const killing = random.fork();
  const kills = killing.chance(0.15);
  return {
    seed,
    hosts: [drawHost(random.fork()), drawHost(random.fork())],
    there: drawPath(random.fork()),
    back: drawPath(random.fork()),
    connections: random.pick([1, 1, 1, 2, 5]),
    upBytes: random.below(small ? 4000 : 400_000),
    downBytes: random.chance(0.5) ? 0 : random.below(small ? 4000 : 200_000),
    readEveryMs: random.pick([0, 0, 0, 10, 200]),
    readBytesMax: random.pick([1000, 20_000, 200_000]),
    healsAtMs: random.pick([1000, 5000, 20_000]),
    cutFromMs,
    cutUntilMs: cutFromMs + random.between(100, 8000),
    killsClientsAtMs: kills ? killing.between(0, 4000) : Infinity,
    killsServersAtMs: kills ? killing.between(0, 4000) : Infinity,
  };
}

function drawHost(random: Random): SimHostOptions {
  const superSegmentBytes = random.pick([0, 0, 9000, 65_535]);
  const buffers = [8192, 65_536, 1_048_576];
  return {
    mtuBytes: random.pick([1500, 1500, 1280, 9000, 576]),
    superSegmentBytes,
    checksum: superSegmentBytes > 0 ? 'offload' : 'software',
    coalesceMs: random.pick([0, 0, 0.1, 2]),
    mergesArrivals: random.chance(0.5),
    settings: {
      sendBufferBytes: random.pick(buffers),
      receiveBufferBytes: random.pick(buffers),
      timeWaitMs: TIME_WAIT_MS,
      congestion: random.pick(CONTROLS),
      ecn: random.pick([0, 1, 2] as const),
      timestamps: random.chance(0.7),
      sack: random.chance(0.7),
      windowScaling: random.chance(0.8),
    },
  };
}

function drawPath(random: Random): PathOptions {
  const bytesPerMs = random.pick([50, 1250, 12_500, Infinity]);
  const sometimes = (most: number): number => (random.chance(0.4) ? random.next() * most : 0);
  return {
    bottleneck: {
      bytesPerMs,
      bufferBytes: random.pick([20_000, 100_000, 1_000_000]),
      markBytes: random.pick([Infinity, 10_000]),
    },
    delayMs: random.pick([0, 0.05, 1, 10, 50, 300]),
    jitterMs: sometimes(20),
    lossShare: sometimes(0.2),
    ...(random.chance(0.2) ? { burstLoss: { turnsBad: 0.01, turnsGood: 0.2, lossWhileBad: 0.9 } } : {}),
    reorderShare: sometimes(0.2),
    reorderMs: random.between(0, 30),
    duplicateShare: sometimes(0.1),
    damageShare: sometimes(0.05),
    superSegmentBytes: random.pick([0, 0, 65_535]),
    // Never a black hole: finding its MTU takes more than ICMP.
    mtuBytes: random.pick([65_535, 65_535, 1400, 600]),
  };
}

/** Runs it under every checker. Throws on the first that objects; the message says the seed and how to see it again. */
export function runScenario(scenario: Scenario, observers: readonly Observer[] = []): Outcome {
  const { seed, hosts } = scenario;
  const world = new World({ seed, hosts });
  try {
    return play(world, scenario, observers);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`seed ${seed} at ${world.nowMs} ms: ${reason}\nto see it again: ${replayCommand(seed)}`, {
      cause: error,
    });
  }
}

/** What a person types to see a seed's world packet by packet. */
export function replayCommand(seed: number): string {
  return `pnpm exec node --conditions=@tcpstack/source packages/sim/bench/replay.ts --seed ${seed}`;
}

function play(world: World, scenario: Scenario, observers: readonly Observer[]): Outcome {
  const [client, server] = [world.host(0), world.host(1)];
  const paths = world.join(client, server, scenario.there, scenario.back);
  const wire = new WireChecker();
  for (const observer of [...observers, wire, new InvariantsChecker(), new AcksChecker()]) world.observe(observer);
  world.at(scenario.healsAtMs, () => {
    for (const path of paths) path.heal();
  });
  if (scenario.cutFromMs < Infinity) {
    world.at(scenario.cutFromMs, () => setCut(paths, true));
    world.at(scenario.cutUntilMs, () => setCut(paths, false));
  }
  const { connections, upBytes, downBytes, readEveryMs, readBytesMax } = scenario;
  const transfers = Array.from({ length: connections }, (_, i) => {
    const ends = { client, server, port: FIRST_PORT + i };
    return new Transfer(world, { ...ends, upBytes, downBytes, readEveryMs, readBytesMax, startMs: i * i });
  });
  const { killsClientsAtMs, killsServersAtMs } = scenario;
  if (killsClientsAtMs < Infinity) {
    world.at(killsClientsAtMs, () => transfers.forEach((transfer) => transfer.client?.kill()));
    world.at(killsServersAtMs, () => transfers.forEach((transfer) => transfer.endServer()));
    world.run(Math.max(killsClientsAtMs, killsServersAtMs));
  } else finishTransfers(world, transfers, scenario.healsAtMs + HEALED_LIMIT_MS);
  expectNothingHeld(world);
  return { scenario, endedAtMs: Math.max(...transfers.map(({ endedAtMs }) => endedAtMs)), packets: wire.packets };
}

function setCut(paths: readonly { cut: boolean }[], cut: boolean): void {
  for (const path of paths) path.cut = cut;
}
