/** Listeners run in the asynchronous context that Node would call them in, whoever's packet it was. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { Socket } from '../src/net.ts';
import { listening, makePair, SERVER_ADDRESS, until } from './pair.ts';

test('a client’s events are in the context of its connect, a server’s connection in that of listen, its sockets’ in none', async () => {
  const pair = makePair();
  const context = new AsyncLocalStorage<string>();
  const seen: string[] = [];
  const note = (what: string): number => seen.push(`${what}: ${context.getStore()}`);
  const greet = (socket: Socket): void => {
    note('connection');
    socket.write('hello');
    socket.on('data', () => {
      note('server data');
      socket.end();
    });
    socket.on('close', () => note('server close'));
  };
  const server = await context.run('listen', () => listening(pair.server.createServer(greet), 7));
  const clients = ['one', 'two'].map((name) => {
    const socket = context.run(name, () => pair.client.connect(7, SERVER_ADDRESS));
    for (const event of ['connect', 'data', 'end', 'close']) socket.on(event, () => note(event));
    return socket.once('data', () => context.run('writer', () => socket.write('x')));
  });
  await Promise.all(clients.map((socket) => once(socket, 'close')));
  await until(() => seen.filter((line) => line.startsWith('server close')).length === 2, 'both ends to close');
  server.close();
  const each = ['connect', 'data', 'end', 'close'].flatMap((event) => [`${event}: one`, `${event}: two`]);
  const served = ['connection: listen', 'server data: undefined', 'server close: undefined'];
  expect(seen.sort()).toEqual([...each, ...served, ...served].sort());
});
