/** Networks that turn bad and heal, and networks of one kind of trouble each. */

import { describe, expect, test } from 'vitest';
import { AcksChecker } from '../src/checkers/acks.ts';
import { expectNothingHeld, finishTransfers } from '../src/checkers/ends.ts';
import { InvariantsChecker } from '../src/checkers/invariants.ts';
import { WireChecker } from '../src/checkers/wire.ts';
import type { Path } from '../src/path.ts';
import type { PathOptions, PathStats } from '../src/path-options.ts';
import { Transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

interface Run {
  readonly endedAtMs: number;
  readonly stats: PathStats;
  readonly counters: Readonly<Record<string, number>>;
}

/** A transfer of 500 kB under all checkers; `during` arranges what befalls the paths. */
function run(seed: number, options: PathOptions, during?: (world: World, paths: Path[]) => void): Run {
  const world = new World({ seed, hosts: [{}, {}], settings: { timeWaitMs: 1000 } });
  const [client, server] = [world.host(0), world.host(1)];
  const paths = world.join(client, server, options);
  for (const observer of [new WireChecker(), new InvariantsChecker(), new AcksChecker()]) world.observe(observer);
  during?.(world, paths);
  const transfer = new Transfer(world, { client, server, upBytes: 500_000, downBytes: 0 });
  finishTransfers(world, [transfer], 60_000);
  expectNothingHeld(world);
  return { endedAtMs: transfer.endedAtMs, stats: paths[0].stats, counters: server.host.counters() };
}

const LINE: PathOptions = { bottleneck: { bytesPerMs: 1250, bufferBytes: 50_000 }, delayMs: 10 };
const SEEDS = [1, 2, 3, 4, 5];

describe.each(SEEDS)('seed %i', (seed) => {
  test('after a cut of three seconds a transfer goes on within a doubled time-out (RFC 6298 §5.5)', () => {
    const { endedAtMs, stats } = run(seed, LINE, (world, paths) => {
      for (const path of paths) {
        world.at(100, () => (path.cut = true));
        world.at(3100, () => (path.cut = false));
      }
    });
    expect(stats.cut).toBeGreaterThan(0);
    expect(endedAtMs).toBeGreaterThan(3100);
    expect(endedAtMs).toBeLessThan(3100 + 3200 + 1000);
  });

  test('loss of a fifth that ends leaves nothing behind', () => {
    const { endedAtMs, stats } = run(seed, { ...LINE, lossShare: 0.2 }, (world, paths) => {
      world.at(2000, () => {
        for (const path of paths) path.heal();
      });
    });
    expect(stats.lost).toBeGreaterThan(0);
    expect(endedAtMs).toBeLessThan(20_000);
  });

  test('packets that arrive twice do no harm', () => {
    expect(run(seed, { ...LINE, duplicateShare: 0.3 }).stats.duplicated).toBeGreaterThan(50);
  });

  test('packets that overtake each other arrive as one stream', () => {
    expect(run(seed, { ...LINE, reorderShare: 0.2, reorderMs: 4 }).stats.reordered).toBeGreaterThan(50);
  });

  test('each damaged packet is dropped and counted (RFC 9293 §3.1) [MUST-3]', () => {
    const { stats, counters } = run(seed, { ...LINE, damageShare: 0.05 });
    const { badChecksums = 0, badSegments = 0, badHeaderChecksums = 0, badHeaders = 0, notIpv4 = 0 } = counters;
    expect(stats.damaged).toBeGreaterThan(5);
    expect(badChecksums + badSegments + badHeaderChecksums + badHeaders + notIpv4).toBe(stats.damaged);
  });

  test('a path that marks congestion harms nobody', () => {
    run(seed, { ...LINE, bottleneck: { bytesPerMs: 1250, bufferBytes: 50_000, markBytes: 5000 } });
  });
});
