/** Proof, "half-close", "refused connection is ECONNREFUSED", "reset under a pending write"; both roles. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Conversation } from '../src/conversation.ts';
import { expectSameBytes } from '../src/same-bytes.ts';
import { kernelSuite, ROLES } from '../src/suite.ts';
import { talk, transfer } from '../src/transfer.ts';
import { World } from '../src/world.ts';

const afterEnd = (sendBytes: number, seed: number): Conversation => ({ sendBytes, seed, send: 'after-end' });

kernelSuite('the ends of connections with the kernel over TUN', [], () => {
  let world: World;
  beforeAll(async () => {
    world = await World.make({ offload: true });
  });
  afterAll(() => world?.[Symbol.dispose]());

  describe.each(ROLES)('$opening', ({ client: opener }) => {
    test('half-close, RFC 9293 §3.6: the server answers with 1 MB after the FIN of the client', async () => {
      await transfer(world.roles(opener), { fromClient: talk(1_000_000, 1), fromServer: afterEnd(1_000_000, 2) });
    });

    test('half-close, RFC 9293 §3.6: the client answers with 1 MB after the FIN of the server', async () => {
      await transfer(world.roles(opener), { fromClient: afterEnd(1_000_000, 3), fromServer: talk(1_000_000, 4) });
    });

    test('half-close, RFC 9293 §3.6: a FIN without any byte before it leaves the other direction open', async () => {
      await transfer(world.roles(opener), { fromClient: talk(0, 5), fromServer: afterEnd(1_000_000, 6) });
      await transfer(world.roles(opener), { fromClient: afterEnd(1_000_000, 7), fromServer: talk(0, 8) });
    });

    test('a port without a listener refuses with ECONNREFUSED, RFC 9293 §3.10.7.1', async () => {
      const { client, server } = world.roles(opener);
      const error = await client.call('refused', { host: server.address, port: 9 });
      expect(error).toEqual({
        code: 'ECONNREFUSED',
        syscall: 'connect',
        address: server.address,
        port: 9,
        message: `connect ECONNREFUSED ${server.address}:9`,
      });
    });

    describe.each(['client', 'server'] as const)('a reset by the %s under pending writes of both sides', (resetter) => {
      test('fails the write, and a new connection on the same ports carries none of the old bytes', async () => {
        const { client, server } = world.roles(opener);
        const [fromClient, fromServer] = [talk(500_000, 9), talk(500_000, 10)];
        const { port } = await server.call('listen', { services: ['stuck', fromServer] });
        const [{ localPort }, { clientPort }] = await Promise.all([
          client.call('stick', { host: server.address, port }),
          server.call('stuck', {}),
        ]);
        expect(clientPort).toBe(localPort);
        const queued = async (): Promise<boolean> => {
          const { receivedBytes, unacknowledgedBytes } = await world.ours.call('state', {});
          return receivedBytes > 0 && unacknowledgedBytes > 0;
        };
        await expect.poll(queued).toBe(true);
        const [by, other] = resetter === 'client' ? [client, server] : [server, client];
        await by.call('reset', {});
        // ECANCELED where a read was told of the reset first.
        expect((await other.call('writeError', {})).code).toMatch(/^(ECONNRESET|ECANCELED)$/);
        const [atClient, atServer] = await Promise.all([
          client.call('converse', { host: server.address, port, localPort, conversation: fromClient }),
          server.call('heard', { count: 1 }),
        ]);
        expect(atClient[0]?.clientPort).toBe(localPort);
        expectSameBytes(atClient, atServer, { connections: 1, fromClient, fromServer });
      });
    });
  });

  test('afterwards no connection but those in TIME-WAIT is left, and no buffer', async () => {
    const { connections, bufferBytes } = await world.ours.call('state', {});
    expect(connections.filter((each) => !each.startsWith('TIME-WAIT '))).toEqual([]);
    expect(bufferBytes).toBe(0);
  });
});
