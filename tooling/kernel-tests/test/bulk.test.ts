/** Proof, "100 MB each way with equal SHA-256, with and without offload", both roles. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kernelSuite, OFFLOADS, ROLES } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

const BULK_BYTES = 100_000_000;

kernelSuite('bulk transfer with the kernel over TUN', [], () => {
  describe.each(OFFLOADS)('$mode', ({ offload }) => {
    let world: World;
    beforeAll(async () => {
      world = await World.make({ offload });
    });
    afterAll(() => world?.[Symbol.dispose]());

    describe.each(ROLES)('$opening', ({ client }) => {
      test.each([
        ['the client sends', { fromClient: talk(BULK_BYTES, 1), fromServer: talk(0, 2) }],
        ['the server sends', { fromClient: talk(0, 3), fromServer: talk(BULK_BYTES, 4) }],
        ['both send at once', { fromClient: talk(BULK_BYTES, 5), fromServer: talk(BULK_BYTES, 6) }],
      ])('100 MB arrive with the SHA-256 they left with: %s', async (_, plan) => {
        await transfer(world.roles(client), plan);
      });
    });

    test('no packet was found damaged, and no buffer is kept', async () => {
      const { counters, bufferBytes } = await world.ours.call('state', {});
      expect(counters).toMatchObject({ badChecksums: 0, badSegments: 0, badHeaders: 0, badHeaderChecksums: 0 });
      expect(bufferBytes).toBe(0);
    });
  });
});
