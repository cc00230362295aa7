/** Buffers of sockets that grow by themselves, and those that a user sized. */

import { describe, expect, test } from 'vitest';
import { AF_INET, AF_INET6, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from '../src/constants.ts';
import { connected, listening, type Pair, said } from './calls.ts';
import { FAMILIES, World } from './world.ts';

describe.each(FAMILIES)('over %s', (_, family) => {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const BEGIN_BYTES = 20_000;
  const ROUND_MS = 100;
  const TOTAL_BYTES = 1_200_000;
  const SETTINGS = { sendBufferBytes: BEGIN_BYTES, receiveBufferBytes: BEGIN_BYTES };

  /** The client writes whenever it may, the server reads whatever comes; returns their buffers at the end. */
  function bulk(world: World, { server, client, s, c }: Pair): { send: number; receive: number } {
    const chunk = new Uint8Array(64_000);
    let read = 0;
    for (let written = 0, turns = 0; read < TOTAL_BYTES; turns++) {
      expect(turns).toBeLessThan(10_000);
      for (;;) {
        const n =
          written < TOTAL_BYTES ? client.sys.write(c, chunk, 0, Math.min(chunk.length, TOTAL_BYTES - written)) : 0;
        if (n <= 0) break;
        written += n;
      }
      world.run(ROUND_MS / 10);
      for (let n = server.sys.read(s, chunk); n > 0; n = server.sys.read(s, chunk)) read += n;
    }
    return {
      send: Number(client.sys.getsockopt(c, SOL_SOCKET, SO_SNDBUF)),
      receive: Number(server.sys.getsockopt(s, SOL_SOCKET, SO_RCVBUF)),
    };
  }

  function slowWorld(settings = {}): World {
    return new World({ family, delayMs: ROUND_MS / 2, settings: { ...SETTINGS, ...settings } });
  }

  describe('in a bulk transfer over 100 ms', () => {
    test('both buffers grow, and getsockopt(2) says how large they are', () => {
      const world = slowWorld();
      const { send, receive } = bulk(world, connected(world));
      expect(send).toBeGreaterThan(4 * BEGIN_BYTES);
      expect(receive).toBeGreaterThan(4 * BEGIN_BYTES);
    });

    test('no further than the settings say', () => {
      const world = slowWorld({ sendBufferMaxBytes: 60_000, receiveBufferMaxBytes: 70_000 });
      expect(bulk(world, connected(world))).toEqual({ send: 60_000, receive: 70_000 });
    });

    test('not at all while the buffers of the Host hold what they may', () => {
      const world = slowWorld({ bufferMemoryMaxBytes: 0 });
      expect(bulk(world, connected(world))).toEqual({ send: BEGIN_BYTES, receive: BEGIN_BYTES });
    });

    test('SO_SNDBUF and SO_RCVBUF of an open connection end the growth', () => {
      const world = slowWorld();
      const pair = connected(world);
      expect(said(pair.client.sys.setsockopt(pair.c, SOL_SOCKET, SO_SNDBUF, 30_000))).toBe(0);
      expect(said(pair.server.sys.setsockopt(pair.s, SOL_SOCKET, SO_RCVBUF, 40_000))).toBe(0);
      expect(bulk(world, pair)).toEqual({ send: 30_000, receive: 40_000 });
    });

    test('and so do those of a listener for what it accepts, and those set before connect(2)', () => {
      const world = slowWorld();
      const server = world.host(0);
      const client = world.host(1);
      const listener = listening(server);
      server.sys.setsockopt(listener, SOL_SOCKET, SO_RCVBUF, 40_000);
      const c = client.sys.socket(domain);
      client.sys.setsockopt(c, SOL_SOCKET, SO_SNDBUF, 30_000);
      expect(said(client.sys.connect(c, server.address, 80))).toBe('EINPROGRESS');
      world.run(200);
      const s = server.sys.accept(listener);
      expect(bulk(world, { server, client, listener, s, c })).toEqual({ send: 30_000, receive: 40_000 });
    });
  });
});
