/** `dial`, and what is not TCP: local sockets and descriptors, which the built-in `net` has. */

import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inherits } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Socket } from '../src/net.ts';
import { listening, makePair, SERVER_ADDRESS, states } from './pair.ts';

function localPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'net-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'socket');
}

test('dial resolves with a connected socket that has no listeners left', async () => {
  const pair = makePair();
  await listening(
    pair.server.createServer((socket) => socket.end('hello')),
    80,
  );
  const socket = await pair.client.dial(80, SERVER_ADDRESS);
  expect([socket.connecting, socket.readyState, socket.listenerCount('error')]).toEqual([false, 'open', 0]);
  expect(await text(socket)).toBe('hello');
});

test('dial rejects with the error of the connection, and with that of an aborted signal', async () => {
  const pair = makePair();
  await expect(pair.client.dial(81, SERVER_ADDRESS)).rejects.toMatchObject({ code: 'ECONNREFUSED', port: 81 });
  const abort = new AbortController();
  const dialled = pair.client.dial({ port: 80, host: '10.0.0.77', signal: abort.signal });
  abort.abort();
  await expect(dialled).rejects.toMatchObject({ name: 'AbortError' });
  expect(states(pair.client)).toEqual([]);
});

test('a server of the stack listens on a local socket, and its sockets are the built-in’s', async () => {
  const { server, client } = makePair();
  const path = localPath();
  const listener = server.createServer((socket) => socket.end(`from ${socket.server === listener}`));
  listener.listen(path);
  await once(listener, 'listening');
  expect(listener.address()).toBe(path);
  const socket = client.connect(path);
  expect(socket).toBeInstanceOf(net.Socket);
  expect(await text(socket)).toBe('from true');
  await new Promise((resolve) => listener.close(resolve));
});

test('a Socket of the stack that is told a path carries bytes both ways over it', async () => {
  const { client } = makePair();
  const path = localPath();
  const echo = net.createServer((socket) => socket.pipe(socket)).listen(path);
  await once(echo, 'listening');
  const socket = new client.Socket().connect(path);
  socket.end(Buffer.alloc(1_000_000, 'x'));
  expect((await text(socket)).length).toBe(1_000_000);
  expect([socket.bytesRead, socket.bytesWritten]).toEqual([1_000_000, 1_000_000]);
  echo.close();
});

test('a descriptor of the operating system makes a socket of the built-in, also without new', async () => {
  const { client } = makePair();
  expect(() => client.Socket({ fd: openSync('/dev/null', 'r') })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_FD_TYPE' }),
  );
});

test('classes of both styles over Socket connect, and what is no object of theirs is no instance', async () => {
  const pair = makePair();
  await listening(pair.server.createServer(), 80);
  function Old(this: Socket): void {
    pair.client.Socket.call(this as never, { allowHalfOpen: true });
  }
  inherits(Old as never, pair.client.Socket as never);
  const socket = new (Old as never as new () => Socket)();
  expect([socket instanceof pair.client.Socket, socket.allowHalfOpen]).toEqual([true, true]);
  class Young extends pair.client.Socket {}
  expect([new Young() instanceof Young, new pair.client.Socket() instanceof Young]).toEqual([true, false]);
  expect([socket instanceof pair.server.Socket, new net.Socket() instanceof pair.client.Socket]).toEqual([true, true]);
  socket.connect(80, SERVER_ADDRESS);
  await once(socket, 'connect');
});
