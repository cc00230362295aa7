/**
 * Proof, "5 % and 20 % random loss in both directions (nftables) and reordering and duplication (an impaired link of
 * ours): still equal". A lossy transfer mostly waits for time-outs, so what can wait together does.
 */

import { describe, expect, test } from 'vitest';
import { loseOnTheWay } from '../src/loss.ts';
import { kernelSuite, OFFLOADS, ROLES } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

/** A retransmission may be lost several times in a row, and each time-out doubles the wait. */
const STALL_MS = 60_000;

kernelSuite('bad networks between the kernel and us', ['nft'], () => {
  // Many bytes to be sure of losses: the kernel's packets have up to 64 KB on the way. Short connections where loss is
  // heavy: in a long one the kernel measures round trips with whole time-outs in them, and comes to wait for minutes.
  describe.each([
    { percent: 5, connections: 1, bytes: 8_000_000 },
    { percent: 20, connections: 8, bytes: 30_000 },
  ])('$percent % of the packets are lost in each direction', ({ percent, connections, bytes }) => {
    test.concurrent.each(OFFLOADS)('every byte arrives all the same, RFC 6298, $mode', async ({ offload }) => {
      using world = await World.make({ offload, hurried: true }, { stallMs: STALL_MS, distant: true });
      loseOnTheWay(world.namespace, percent / 100);
      const plan = { fromClient: talk(bytes, 1), fromServer: talk(bytes, 2), connections };
      await Promise.all(ROLES.map(({ client }) => transfer(world.roles(client), plan)));
      const { counters } = await world.ours.call('state', {});
      const { retransmittedSegments = 0, outOfOrderSegments = 0 } = counters;
      expect(retransmittedSegments + outOfOrderSegments, JSON.stringify(counters)).toBeGreaterThan(0);
    });
  });

  describe.each(OFFLOADS)('packets overtake each other and come twice, $mode', ({ offload }) => {
    test.each(ROLES)('20 MB each way arrive as they left: $opening', async ({ client }) => {
      const impairments = { seed: 77, reorderPercent: 5, duplicatePercent: 5 };
      using world = await World.make({ offload, impairments });
      const bytes = 20_000_000;
      await transfer(world.roles(client), { fromClient: talk(bytes, 1), fromServer: talk(bytes, 2) });
      const { counters, impaired } = await world.ours.call('state', {});
      expect(impaired.reordered).toBeGreaterThan(10);
      expect(impaired.duplicated).toBeGreaterThan(10);
      expect(counters['outOfOrderSegments']).toBeGreaterThan(0);
    });
  });
});
