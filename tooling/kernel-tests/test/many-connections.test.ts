/** Proof, "200 connections at once; 5,000 connections one after another without leak", both roles. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kernelSuite, ROLES } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

const AT_ONCE = 200;
const IN_A_ROW = 5000;
/** As many: tables, such as that of TIME-WAIT, and pools have the size then that they will have. */
const WARM_UP = IN_A_ROW;
/** A tenth of the record of a connection, times the connections: a leak of each would be far more. */
const GROWTH_MAX_BYTES = 100 * IN_A_ROW;
/** Longer than TIME-WAIT. */
const LATER_MS = 61_000;

kernelSuite('many connections with the kernel over TUN', [], () => {
  let world: World;
  beforeEach(async () => {
    world = await World.make({ offload: true });
  });
  afterEach(() => world?.[Symbol.dispose]());

  describe.each(ROLES)('$opening', ({ client: opener }) => {
    test('200 connections are open at once, each carries its own bytes', async () => {
      await transfer(world.roles(opener), {
        fromClient: talk(100_000, 1),
        fromServer: talk(100_000, 2),
        connections: AT_ONCE,
      });
      await world.ours.call('skip', { ms: LATER_MS });
      expect(await world.ours.call('state', {})).toMatchObject({ connections: [], bufferBytes: 0 });
    });

    test('5,000 connections one after another leave nothing behind', async () => {
      const { client, server } = world.roles(opener);
      const { port } = await server.call('listen', { services: ['echo'] });
      const echo = async (count: number): Promise<void> => {
        expect(await client.call('echo', { host: server.address, port, count })).toEqual({ differing: 0 });
        // Whoever closes first keeps a TIME-WAIT for a minute; that minute is over now.
        await world.ours.call('skip', { ms: LATER_MS });
      };
      await echo(WARM_UP);
      const before = await world.ours.call('state', {});
      await echo(IN_A_ROW);
      const after = await world.ours.call('state', {});
      expect(after).toMatchObject({ connections: [], bufferBytes: 0, nextDescriptor: before.nextDescriptor });
      expect(after.nextDescriptor).toBeLessThan(8);
      expect(after.heapBytes - before.heapBytes).toBeLessThan(GROWTH_MAX_BYTES);
      const opened = opener === 'kernel' ? 'passiveOpens' : 'activeOpens';
      expect(after.counters[opened]).toBe(WARM_UP + IN_A_ROW);
    });
  });
});
