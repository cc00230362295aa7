/** Proof, "100 MB each way with equal SHA-256, with and without offload", both roles. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Conversation } from '../src/conversation.ts';
import { kernelSuite, OFFLOADS, ROLES } from '../src/suite.ts';
import { World } from '../src/world.ts';

const BULK_BYTES = 100_000_000;

const talk = (sendBytes: number, seed: number): Conversation => ({ sendBytes, seed, send: 'at-once' });

kernelSuite('bulk transfer with the kernel over TUN', [], () => {
  describe.each(OFFLOADS)('$mode', ({ offload }) => {
    let world: World;
    beforeAll(async () => {
      world = await World.make({ offload });
    });
    afterAll(() => world[Symbol.dispose]());

    describe.each(ROLES)('$opening', (role) => {
      test.each([
        ['the client sends', talk(BULK_BYTES, 1), talk(0, 2)],
        ['the server sends', talk(0, 3), talk(BULK_BYTES, 4)],
        ['both send at once', talk(BULK_BYTES, 5), talk(BULK_BYTES, 6)],
      ])('100 MB arrive with the SHA-256 they left with: %s', async (_, fromClient, fromServer) => {
        const { client, server } = world.roles(role.client);
        const { port } = await server.call('listen', { services: [fromServer] });
        const [[sent], [taken]] = await Promise.all([
          client.call('converse', { host: server.address, port, conversation: fromClient }),
          server.call('heard', { count: 1 }),
        ]);
        expect(taken).toEqual({
          clientPort: sent?.clientPort,
          sentBytes: fromServer.sendBytes,
          sentSha256: sent?.receivedSha256,
          receivedBytes: fromClient.sendBytes,
          receivedSha256: sent?.sentSha256,
        });
        expect(sent?.receivedBytes).toBe(fromServer.sendBytes);
      });
    });

    test('no packet was found damaged, and no buffer is kept', async () => {
      const { counters, bufferBytes } = await world.ours.call('state', {});
      expect(counters).toMatchObject({ badChecksums: 0, badSegments: 0, badHeaders: 0, badHeaderChecksums: 0 });
      expect(bufferBytes).toBe(0);
    });
  });
});
