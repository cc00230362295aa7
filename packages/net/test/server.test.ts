/** Servers: where they listen, how they refuse, how they end. */

import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { AddressInfo, Server, Socket } from '../src/net.ts';
import { connected, listening, makePair, SERVER_ADDRESS, until } from './pair.ts';

function errorOf(server: Server): Promise<NodeJS.ErrnoException> {
  return new Promise((resolve) => server.once('error', resolve));
}

test('listen: port 0 picks one, address() tells it, listening says so, the callback comes', async () => {
  const pair = makePair();
  const server = pair.server.createServer();
  expect(server.address()).toBe(null);
  await new Promise<void>((resolve) => server.listen(0, SERVER_ADDRESS, resolve));
  const address = server.address() as AddressInfo;
  expect(address).toMatchObject({ address: SERVER_ADDRESS, family: 'IPv4' });
  expect(address.port).toBeGreaterThan(0);
  expect(server.listening).toBe(true);
  const socket = pair.client.connect(address.port, SERVER_ADDRESS);
  await once(socket, 'connect');
});

test('every form of listen means what it means in Node', async () => {
  const pair = makePair();
  const forms: ((server: Server, done: () => void) => void)[] = [
    (server, done) => server.listen(done),
    (server, done) => server.listen(1001, done),
    (server, done) => server.listen('1002', '0.0.0.0', done),
    (server, done) => server.listen(1003, 5, done),
    (server, done) => server.listen(1004, '0.0.0.0', 5, done),
    (server, done) => server.listen({ port: 1005, backlog: 5 }, done),
  ];
  const ports: (number | undefined)[] = [];
  for (const form of forms) {
    const server = pair.server.createServer();
    await new Promise<void>((resolve) => form(server, resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  expect(ports.slice(1)).toEqual([1001, 1002, 1003, 1004, 1005]);
  const backlogs = pair.server.host.sockets().map(({ local, backlogSegs }) => [local.port, backlogSegs]);
  expect(backlogs).toContainEqual([1001, 511]);
  expect(backlogs).toContainEqual([1003, 5]);
  expect(backlogs).toContainEqual([1004, 5]);
  expect(backlogs).toContainEqual([1005, 5]);
});

test('a port in use: EADDRINUSE in the very words of Node, and free again after close', async () => {
  const pair = makePair();
  const first = pair.server.createServer().listen(80, SERVER_ADDRESS);
  await once(first, 'listening');
  const second = pair.server.createServer();
  const failed = errorOf(second);
  second.listen(80, SERVER_ADDRESS);
  const error = await failed;
  expect(error).toMatchObject({
    message: `listen EADDRINUSE: address already in use ${SERVER_ADDRESS}:80`,
    code: 'EADDRINUSE',
    syscall: 'listen',
    address: SERVER_ADDRESS,
    port: 80,
  });
  expect(second.listening).toBe(false);
  await new Promise((resolve) => first.close(resolve));
  second.listen(80, SERVER_ADDRESS);
  await once(second, 'listening');
});

test('an address that is not ours: EADDRNOTAVAIL; a name: ENOTFOUND', async () => {
  const pair = makePair();
  const server = pair.server.createServer();
  let failed = errorOf(server);
  server.listen(80, '1.2.3.4');
  expect((await failed).message).toBe('listen EADDRNOTAVAIL: address not available 1.2.3.4:80');
  failed = errorOf(server);
  server.listen(80, 'example.test');
  expect(await failed).toMatchObject({ code: 'ENOTFOUND', hostname: 'example.test' });
});

test('listening twice and closing what does not listen are errors, as in Node', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  expect(() => server.listen(81)).toThrow(expect.objectContaining({ code: 'ERR_SERVER_ALREADY_LISTEN' }));
  expect(() => pair.server.createServer().listen(70000)).toThrow(
    expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }),
  );
  const never = pair.server.createServer();
  const error = await new Promise<Error | undefined>((resolve) => never.close(resolve));
  expect(error).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
});

test('close refuses new connections at once, and is done when the last one has ended', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const { near, far } = await connected(pair, server, 80);
  let closed = false;
  server.close(() => {
    closed = true;
  });
  expect(server.listening).toBe(false);
  const late = pair.client.connect(80, SERVER_ADDRESS);
  const [error] = (await new Promise((resolve) => late.once('error', (...args) => resolve(args)))) as [
    NodeJS.ErrnoException,
  ];
  expect(error.code).toBe('ECONNREFUSED');
  expect(closed).toBe(false);
  near.resume();
  far.resume();
  near.end();
  await until(() => closed, 'close');
});

test('await using closes a server', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  await server[Symbol.asyncDispose]();
  expect(server.listening).toBe(false);
});

test('maxConnections: the connection too many is dropped, with both its names', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  server.maxConnections = 1;
  await connected(pair, server, 80);
  const dropped = once(server, 'drop');
  const second = pair.client.connect(80, SERVER_ADDRESS).resume();
  second.on('error', () => {});
  const [names] = (await dropped) as [Record<string, unknown>];
  expect(names).toMatchObject({
    localAddress: SERVER_ADDRESS,
    localPort: 80,
    localFamily: 'IPv4',
    remoteAddress: '10.0.0.2',
  });
  await once(second, 'close');
});

test('pauseOnConnect: nothing is read until the socket is resumed', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ pauseOnConnect: true }), 80);
  const { near, far } = await connected(pair, server, 80);
  near.write('held');
  await until(
    () => pair.server.host.sockets().some(({ recvQueueBytes }) => recvQueueBytes === 4),
    'the bytes to arrive',
  );
  expect([far.isPaused(), far.bytesRead]).toEqual([true, 0]);
  far.resume();
  const [data] = (await once(far, 'data')) as [Buffer];
  expect(String(data)).toBe('held');
});

test('more connections than one turn accepts are all accepted', async () => {
  const pair = makePair();
  const sockets: Socket[] = [];
  const server = pair.server.createServer((socket) => sockets.push(socket)).listen({ port: 80, backlog: 1000 });
  await once(server, 'listening');
  const clients = Array.from({ length: 500 }, () => pair.client.connect(80, SERVER_ADDRESS));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  await until(() => sockets.length === 500, 'five hundred connections');
});

test('an aborted signal closes the server', async () => {
  const pair = makePair();
  const abort = new AbortController();
  const server = pair.server.createServer().listen({ port: 80, signal: abort.signal });
  await once(server, 'listening');
  abort.abort();
  await once(server, 'close');
  expect(server.listening).toBe(false);
});

test('without a free descriptor accept fails as in Node, and what waits is accepted when one is given back', async () => {
  const pair = makePair({}, (link) => link, { descriptorsMax: 3 });
  const sockets: Socket[] = [];
  const server = await listening(
    pair.server.createServer((socket) => sockets.push(socket)),
    80,
  );
  const failed = errorOf(server);
  const clients = Array.from({ length: 3 }, () => pair.client.connect(80, SERVER_ADDRESS).resume());
  expect(await failed).toMatchObject({ message: 'accept EMFILE', code: 'EMFILE', syscall: 'accept' });
  expect(sockets.length).toBe(2);
  sockets[0]?.destroy();
  await until(() => sockets.length === 3, 'the third connection');
  for (const client of clients) client.destroy();
});
