/** Merged and unmerged arrival, whole and cut sending: the same stream and the same duties. */

import { toUint32 } from '@tcpstack/seq/seq';
import { PROTOCOL_TCP, protocol } from '@tcpstack/wire/ipv4';
import { acknowledgment } from '@tcpstack/wire/tcp';
import { describe, expect, test } from 'vitest';
import { AcksChecker } from '../src/checkers/acks.ts';
import { expectNothingHeld, finishTransfers } from '../src/checkers/ends.ts';
import { InvariantsChecker } from '../src/checkers/invariants.ts';
import { WireChecker } from '../src/checkers/wire.ts';
import type { PathOptions } from '../src/path-options.ts';
import { Random } from '../src/random.ts';
import type { SimHostOptions } from '../src/sim-host.ts';
import { Transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

/** What the receiver of a stream sent, and how the sender's packets fared. */
interface Trace {
  readonly acks: readonly string[];
  readonly packetsThere: number;
  readonly longestPacketBytes: number;
  readonly endedAtMs: number;
}

const SETTINGS = { timeWaitMs: 1000 };
const UP_BYTES = 300_000;
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

function run(seed: number, client: SimHostOptions, server: SimHostOptions, weather: PathOptions): Trace {
  const world = new World({ seed, hosts: [client, server], settings: SETTINGS });
  const [from, to] = [world.host(0), world.host(1)];
  const [there] = world.join(from, to, weather, { delayMs: weather.delayMs ?? 0 });
  const acks: string[] = [];
  let longestPacketBytes = 0;
  for (const observer of [new WireChecker(), new InvariantsChecker(), new AcksChecker()]) world.observe(observer);
  world.observe({
    sent(nowMs, host, { bytes, lengthBytes }) {
      longestPacketBytes = Math.max(longestPacketBytes, lengthBytes);
      if (host === to && protocol(bytes, 0) === PROTOCOL_TCP)
        acks.push(`${nowMs} ${toUint32(acknowledgment(bytes, 20))}`);
    },
  });
  const transfer = new Transfer(world, { client: from, server: to, upBytes: UP_BYTES, downBytes: 0 });
  finishTransfers(world, [transfer], 300_000);
  expectNothingHeld(world);
  return { acks, packetsThere: there.stats.sent, longestPacketBytes, endedAtMs: transfer.endedAtMs };
}

function weather(seed: number): PathOptions {
  const random = new Random(seed);
  return {
    bottleneck: { bytesPerMs: random.pick([1250, 12_500, Infinity]), bufferBytes: random.pick([30_000, 300_000]) },
    delayMs: random.pick([0.1, 5, 40]),
    lossShare: random.pick([0, 0.02, 0.1]),
    reorderShare: random.pick([0, 0.05]),
    reorderMs: 3,
    duplicateShare: random.pick([0, 0.05]),
  };
}

const SUPER: SimHostOptions = { superSegmentBytes: 65_535, checksum: 'offload' };

describe('super-segments', () => {
  test.each(SEEDS)(
    'merged by a link, world %i: ACKs leave at the times and for the bytes at which they leave for single packets (RFC 9293 §3.8.6.3) [SHLD-19]',
    (seed) => {
      // A D-SACK names the latest duplicate alone (RFC 2883 §4), which is longer when merged: so either no SACK, or no
      // duplicates.
      const sack = seed % 2 === 0;
      const tame = sack ? { reorderShare: 0, duplicateShare: 0 } : {};
      const network = { ...weather(seed), ...tame };
      const client = { ...SUPER, settings: { sack } };
      const apart = run(seed, client, { coalesceMs: 1, mergesArrivals: false }, network);
      const merged = run(seed, client, { coalesceMs: 1, mergesArrivals: true }, network);
      expect(merged).toEqual(apart);
    },
  );

  test.each(SEEDS)(
    'cut by the link or carried whole, world %i: the stream of single segments, each ACK in time (RFC 9293 §3.8.6.3) [SHLD-19]',
    (seed) => {
      // In what each of them goes through, the checkers find the stream whole and no ACK owed too long.
      const single = run(seed, {}, {}, weather(seed));
      const cut = run(seed, SUPER, {}, weather(seed));
      const trusted: SimHostOptions = { ...SUPER, checksum: 'trusted' };
      const whole = run(seed, trusted, trusted, { ...weather(seed), superSegmentBytes: 65_535 });
      expect(single.longestPacketBytes).toBe(1500);
      expect(cut.longestPacketBytes).toBeGreaterThan(1500);
      for (const { packetsThere } of [single, cut]) expect(packetsThere).toBeGreaterThan(UP_BYTES / 1448);
      expect(whole.packetsThere).toBeLessThan(cut.packetsThere);
    },
  );
});
