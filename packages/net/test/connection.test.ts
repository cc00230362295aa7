/** Opening, refusing, resetting, timing out: events and errors are those of `node:net`. */

import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import type { Socket } from '../src/net.ts';
import { CLIENT_ADDRESS, connected, listening, makePair, SERVER_ADDRESS, states, until } from './pair.ts';

/** Message and own fields, as a program sees them. */
function fields(error: Error): Record<string, unknown> {
  return { ...error, message: error.message };
}

function errorOf(emitter: NodeJS.EventEmitter): Promise<Error> {
  return new Promise((resolve) => emitter.once('error', resolve));
}

test('a connection has both names at both ends, and tells its state as it goes', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const events: string[] = [];
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = new pair.client.Socket();
  expect(near.pending).toBe(true);
  for (const name of ['connect', 'ready', 'end', 'close']) near.on(name, () => events.push(name));
  near.connect(80, SERVER_ADDRESS);
  expect([near.connecting, near.readyState, near.remoteAddress]).toEqual([true, 'opening', undefined]);
  await once(near, 'connect');
  const [far] = await accepted;
  expect([near.connecting, near.pending, near.readyState]).toEqual([false, false, 'open']);
  expect([near.remoteAddress, near.remotePort, near.remoteFamily]).toEqual([SERVER_ADDRESS, 80, 'IPv4']);
  expect(near.address()).toEqual({ address: CLIENT_ADDRESS, family: 'IPv4', port: near.localPort });
  expect([far.remoteAddress, far.remotePort]).toEqual([CLIENT_ADDRESS, near.localPort]);
  expect([far.localAddress, far.localPort]).toEqual([SERVER_ADDRESS, 80]);
  expect(near instanceof pair.client.Socket && far instanceof pair.server.Socket).toBe(true);
  far.end();
  near.resume();
  await once(near, 'close');
  expect(events).toEqual(['connect', 'ready', 'end', 'close']);
  expect([near.readyState, near.remoteAddress]).toEqual(['closed', SERVER_ADDRESS]);
});

test('a port where nobody listens refuses: ECONNREFUSED, in the very words of Node', async () => {
  const pair = makePair();
  const socket = pair.client.connect(81, SERVER_ADDRESS);
  const error = await errorOf(socket);
  expect(await once(socket, 'close')).toEqual([true]);
  const real = await errorOf(net.connect(1, '127.0.0.1'));
  expect(error.message).toBe('connect ECONNREFUSED 10.0.0.1:81');
  expect(fields(error)).toEqual({ ...fields(real), address: SERVER_ADDRESS, port: 81, message: error.message });
  expect(states(pair.client)).toEqual([]);
});

test('a reset by the peer is ECONNRESET at the reader, and then close with an error', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const { near, far } = await connected(pair, server, 80);
  near.resume();
  far.resetAndDestroy();
  const error = await errorOf(near);
  expect(error).toMatchObject({ message: 'read ECONNRESET', code: 'ECONNRESET', syscall: 'read' });
  expect(await once(near, 'close')).toEqual([true]);
  expect([...states(pair.client), ...states(pair.server)]).toEqual([]);
});

test('destroying a socket with unread bytes resets the peer: what it sent was lost', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ pauseOnConnect: true }), 80);
  const { near, far } = await connected(pair, server, 80);
  near.write('unread');
  await until(
    () => pair.server.host.sockets().some(({ recvQueueBytes }) => recvQueueBytes === 6),
    'the bytes to arrive',
  );
  far.destroy();
  expect(await errorOf(near)).toMatchObject({ code: 'ECONNRESET' });
});

test('a reset under a pending write fails the socket; the next connection carries none of its bytes', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ pauseOnConnect: true }), 80);
  const first = await connected(pair, server, 80);
  const localPort = first.near.localPort as number;
  first.near.write(Buffer.alloc(20_000_000, 'old'));
  await until(() => pair.server.host.sockets().some(({ recvQueueBytes }) => recvQueueBytes > 0), 'the bytes to arrive');
  const failed = errorOf(first.near);
  first.far.resetAndDestroy();
  expect((await failed).message).toMatch(/ECONNRESET|EPIPE/);
  await once(first.near, 'close');
  const again = once(server, 'connection') as Promise<[Socket]>;
  const near = pair.client.connect({ port: 80, host: SERVER_ADDRESS, localPort });
  near.end('new');
  const [far] = await again;
  const chunks: Buffer[] = [];
  far.on('data', (chunk: Buffer) => chunks.push(chunk));
  far.resume();
  await once(far, 'end');
  expect(Buffer.concat(chunks).toString()).toBe('new');
});

test.each([
  ['destroyed', (socket: Socket) => void socket.destroy()],
  ['reset by the peer while it reads', (_: Socket, far: Socket) => void far.resetAndDestroy()],
])('a write that waits when the socket is %s is told of it, as in Node, and did not succeed', async (_, end) => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ pauseOnConnect: true }), 80);
  const { near, far } = await connected(pair, server, 80);
  near.on('error', () => {});
  near.resume();
  const written = new Promise<unknown>((resolve) => near.write(Buffer.alloc(20_000_000), resolve));
  end(near, far);
  expect(await written).toMatchObject({ code: expect.stringMatching(/^(ECANCELED|ECONNRESET)$/), syscall: 'write' });
});

test('200 connections at once each get their own bytes', async () => {
  const pair = makePair();
  const server = await listening(
    pair.server.createServer((socket) => socket.pipe(socket)),
    7,
  );
  let count = 0;
  server.on('connection', () => count++);
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const socket = pair.client.connect(7, SERVER_ADDRESS);
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      socket.end(`connection ${i} `.repeat(100));
      await once(socket, 'close');
      return text;
    }),
  );
  expect(answers).toEqual(Array.from({ length: 200 }, (_, i) => `connection ${i} `.repeat(100)));
  expect(count).toBe(200);
  expect(await new Promise((resolve) => server.getConnections((_error, open) => resolve(open)))).toBe(0);
});

test('1,000 connections one after another leave nothing behind but TIME-WAIT', async () => {
  const pair = makePair();
  const server = await listening(
    pair.server.createServer((socket) => socket.end('x')),
    80,
  );
  for (let i = 0; i < 1000; i++) {
    const socket = pair.client.connect(80, SERVER_ADDRESS).resume();
    await once(socket, 'close');
  }
  // The last ACK may still be under way to either end.
  const all = () => [...states(pair.server), ...states(pair.client)];
  await until(() => all().every((state) => state === 'TIME-WAIT'), 'the last close');
  expect(all().length).toBeGreaterThanOrEqual(1000);
  expect(pair.server.host.bufferBytes()).toBe(0);
  expect(pair.client.host.bufferBytes()).toBe(0);
  await new Promise((resolve) => server.close(resolve));
});

test('timeout: without traffic it is emitted after the time, with traffic it is put off, and 0 turns it off', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const { near, far } = await connected(pair, server, 80);
  far.resume();
  let rang = 0;
  const startMs = performance.now();
  near.setTimeout(60, () => rang++);
  expect(near.timeout).toBe(60);
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    near.write('.');
  }
  expect(rang).toBe(0);
  await once(near, 'timeout');
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(5 * 25 + 59);
  expect(near.destroyed).toBe(false);
  near.setTimeout(0);
  await new Promise((resolve) => setTimeout(resolve, 90));
  expect(rang).toBe(1);
  expect(() => near.setTimeout('1' as unknown as number)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  expect(() => near.setTimeout(-1)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
});

test('a name that the resolver does not know fails with the resolver’s error', async () => {
  const pair = makePair();
  const socket = pair.client.connect(80, 'nobody.invalid');
  const [real, error] = await Promise.all([errorOf(net.connect(80, 'nobody.invalid')), errorOf(socket)]);
  expect(fields(error)).toEqual(fields(real));
  expect(error).toMatchObject({ syscall: 'getaddrinfo', hostname: 'nobody.invalid' });
});

test('localhost is the stack’s own loopback', async () => {
  const { client } = makePair();
  const server = await listening(client.createServer(), 80);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = client.connect(80);
  const looked = once(socket, 'lookup');
  const [far] = await accepted;
  expect((await looked)[3]).toBe('localhost');
  expect(far.remoteAddress).toMatch(/^(::ffff:)?127\.0\.0\.1$|^::1$/);
});

test('a local port in use is EADDRINUSE or EADDRNOTAVAIL, and nothing stays open', async () => {
  const pair = makePair();
  await listening(pair.client.createServer(), 5000);
  const socket = pair.client.connect({ port: 80, host: SERVER_ADDRESS, localPort: 5000 });
  expect(await errorOf(socket)).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind', port: 5000 });
  expect(states(pair.client)).toEqual([]);
});

test.each([
  ['a port beyond 65535', [70000], 'ERR_SOCKET_BAD_PORT'],
  ['no arguments', [], 'ERR_MISSING_ARGS'],
  ['options without a port', [{}], 'ERR_MISSING_ARGS'],
])('connect with %s throws as Node does', (_name, args, code) => {
  const pair = makePair();
  const connect = pair.client.connect as (...args: unknown[]) => Socket;
  expect(() => connect(...args)).toThrow(expect.objectContaining({ code }));
});

test('destroying while connecting closes quietly', async () => {
  const pair = makePair();
  await listening(pair.server.createServer(), 80);
  const socket = pair.client.connect(80, SERVER_ADDRESS);
  socket.destroy();
  expect(await once(socket, 'close')).toEqual([false]);
  await until(() => states(pair.server).length === 0, 'the server to forget it');
});

test('an abort signal destroys the socket', async () => {
  const pair = makePair();
  await listening(pair.server.createServer(), 80);
  const abort = new AbortController();
  const socket = pair.client.connect({ port: 80, host: SERVER_ADDRESS, signal: abort.signal });
  await once(socket, 'connect');
  const failed = errorOf(socket);
  abort.abort();
  expect((await failed).name).toBe('AbortError');
  const late = pair.client.connect({ port: 80, host: SERVER_ADDRESS, signal: abort.signal });
  expect((await errorOf(late)).name).toBe('AbortError');
  expect(pair.client.host.sockets().filter(({ fd }) => fd >= 0)).toEqual([]);
  // The abort was that one's: a socket that is told again connects.
  late.connect(80, SERVER_ADDRESS);
  await once(late, 'connect');
});

test('destroySoon sends what was written before it closes', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const { near, far } = await connected(pair, server, 80);
  let received = 0;
  far.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  near.write(Buffer.alloc(8_000_000));
  near.destroySoon();
  await once(far, 'end');
  expect(received).toBe(8_000_000);
});

/** Runs with the program's own handler of uncaught exceptions in place of the test runner's. */
async function catching(run: (caught: unknown[]) => Promise<void>): Promise<void> {
  const caught: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => caught.push(error));
  try {
    await run(caught);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  }
}

test('a listener of the program that throws does not stop the other sockets', async () => {
  const pair = makePair();
  const server = await listening(
    pair.server.createServer((socket) => socket.pipe(socket)),
    7,
  );
  const first = await connected(pair, server, 7);
  const second = await connected(pair, server, 7);
  await catching(async (caught) => {
    first.near.once('data', () => {
      throw new Error('from a listener');
    });
    first.near.write('a');
    second.near.write('b');
    const [data] = (await once(second.near, 'data')) as [Buffer];
    expect(String(data)).toBe('b');
    await until(() => caught.length === 1, 'the exception');
  });
});

test('a listener that throws at each chunk still gets all of them', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const { near, far } = await connected(pair, server, 80);
  let received = 0;
  far.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > 4_000_000) throw new Error('from a listener');
  });
  near.write(Buffer.alloc(4_000_000)); // opens the congestion window
  await until(() => received === 4_000_000, 'the first part');
  await catching(async (caught) => {
    near.write(Buffer.alloc(1_000_000));
    await until(() => received === 5_000_000, 'the second part');
    expect(caught.length).toBeGreaterThan(3);
  });
});
