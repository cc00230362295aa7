/** Bytes through two stacks: whole, in order, with back-pressure, and both ends of a half-close. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { impairLink } from '@tcpstack/runtime/impaired-link';
import { expect, test } from 'vitest';
import type { Socket } from '../src/net.ts';
import { connected, listening, makePair, SERVER_ADDRESS, states, until } from './pair.ts';

/** `bytes` pseudo-random bytes in pieces of many sizes, the same each time. */
function* pieces(bytes: number, seed: number): Generator<Buffer> {
  let state = seed | 1;
  const step = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let left = bytes; left > 0; ) {
    const piece = Buffer.allocUnsafe(Math.min(left, 1 + (step() % 120_000)));
    const words = piece.length >> 2;
    for (let i = 0; i < words; i++) piece.writeUInt32LE(step(), 4 * i);
    for (let i = 4 * words; i < piece.length; i++) piece[i] = step() & 0xff;
    left -= piece.length;
    yield piece;
  }
}

function hashOf(chunks: Iterable<Buffer>): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** Unlike an iterator, these leave the writing half of the stream alone. */
async function hashOfStream(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  stream.on('data', (chunk: Buffer) => hash.update(chunk));
  await once(stream, 'end');
  return hash.digest('hex');
}

async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks).toString();
}

test('echo: what is written comes back, and both ends close', async () => {
  const pair = makePair();
  const server = await listening(
    pair.server.createServer((socket) => socket.pipe(socket)),
    7,
  );
  const socket = pair.client.connect({ port: 7, host: SERVER_ADDRESS });
  socket.end('hello, stack');
  expect(await text(socket)).toBe('hello, stack');
  if (!socket.closed) await once(socket, 'close');
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ['software checksums, MTU 1500', {}],
  ['super-segments, trusted', { superSegmentBytes: 65535, checksum: 'trusted' }],
  ['super-segments, the link finishing checksums', { superSegmentBytes: 65535, checksum: 'offload' }],
  ['an MTU of 576', { mtuBytes: 576 }],
] as const)(
  '50 MB each way at once arrive with equal SHA-256: %s',
  async (name, options) => {
    const bytes = name.includes('576') ? 5_000_000 : 50_000_000;
    const pair = makePair(options);
    const server = await listening(pair.server.createServer({ allowHalfOpen: true }), 9);
    const { near, far } = await connected(pair, server, 9, { allowHalfOpen: true });
    const [atFar, atNear] = await Promise.all([
      hashOfStream(far),
      hashOfStream(near),
      pipeline(Readable.from(pieces(bytes, 1)), near),
      pipeline(Readable.from(pieces(bytes, 2)), far),
    ]);
    expect(atFar).toBe(hashOf(pieces(bytes, 1)));
    expect(atNear).toBe(hashOf(pieces(bytes, 2)));
    expect(near.bytesRead).toBe(bytes);
    expect(near.bytesWritten).toBe(bytes);
  },
  60_000,
);

test.each([
  ['5 % loss', { lossPercent: 5 }],
  ['20 % loss', { lossPercent: 20 }],
  ['reordering and duplication', { reorderPercent: 5, duplicatePercent: 5 }],
])(
  'through a bad network bytes still arrive whole: %s',
  async (_name, impairments) => {
    const bytes = 400_000;
    const pair = makePair({}, (link) => impairLink(link, { seed: 11, ...impairments }));
    const server = await listening(pair.server.createServer({ allowHalfOpen: true }), 9);
    const { near, far } = await connected(pair, server, 9, { allowHalfOpen: true });
    const [atFar, atNear] = await Promise.all([
      hashOfStream(far),
      hashOfStream(near),
      pipeline(Readable.from(pieces(bytes, 3)), near),
      pipeline(Readable.from(pieces(bytes, 4)), far),
    ]);
    expect(atFar).toBe(hashOf(pieces(bytes, 3)));
    expect(atNear).toBe(hashOf(pieces(bytes, 4)));
  },
  60_000,
);

test('half-close by the client: after its end it still receives', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ allowHalfOpen: true }), 80);
  const { near, far } = await connected(pair, server, 80);
  near.end('question');
  expect(await text(far)).toBe('question');
  await until(() => states(pair.client)[0] === 'FIN-WAIT-2', 'the acknowledgment of the FIN');
  expect(states(pair.server)).toEqual(['CLOSE-WAIT']);
  far.end('answer, after your FIN');
  expect(await text(near)).toBe('answer, after your FIN');
});

test('half-close by the server: a client that allows it still sends', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ allowHalfOpen: true }), 80);
  const { near, far } = await connected(pair, server, 80, { allowHalfOpen: true });
  far.end('greeting');
  expect(await text(near)).toBe('greeting');
  expect(near.writable).toBe(true);
  expect(near.readyState).toBe('writeOnly');
  near.end('late words');
  expect(await text(far)).toBe('late words');
});

test('without allowHalfOpen the end of the peer ends the socket, and a write after that is EPIPE', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ allowHalfOpen: true }), 80);
  const { near, far } = await connected(pair, server, 80);
  near.resume();
  far.end();
  await Promise.all([once(near, 'end'), once(near, 'finish')]);
  const failed = new Promise<NodeJS.ErrnoException>((resolve) =>
    near.write('x', (error) => resolve(error as NodeJS.ErrnoException)),
  );
  near.on('error', () => {});
  expect(await failed).toMatchObject({ code: 'EPIPE', message: 'This socket has been ended by the other party' });
});

test('back-pressure: a reader that stops, stops the writer, and memory stays flat', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ pauseOnConnect: true }), 80);
  const { near, far } = await connected(pair, server, 80);
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let written = 0;
  let full = false;
  const pump = (): void => {
    full = false;
    while (written < 512 * 1024 * 1024) {
      written += chunk.length;
      if (!near.write(chunk)) {
        full = true;
        near.once('drain', pump);
        return;
      }
    }
  };
  pump();
  let last = -1;
  await until(() => {
    const same = written === last;
    last = written;
    return full && same && written > chunk.length;
  }, 'the writer to stop');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(full).toBe(true);
  const stoppedAt = written;
  // All of it lies in the two hosts' buffers and the stream's own.
  expect(stoppedAt).toBeLessThan(32 * 1024 * 1024);
  expect(far.readableLength).toBe(0);
  const view = pair.server.host.sockets().find(({ state }) => state === 'ESTABLISHED');
  expect(view?.recvQueueBytes).toBeGreaterThan(0);
  let received = 0;
  far.on('data', (data: Buffer) => {
    received += data.length;
  });
  far.resume();
  await until(() => received > 4 * stoppedAt, 'the flow to go on');
  near.destroy();
});

test('a paused stream keeps its bytes in the stack: at most the high-water mark and one read are buffered', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ highWaterMark: 16 * 1024 }), 80);
  const { near, far } = await connected(pair, server, 80);
  near.write(Buffer.alloc(3_000_000));
  await until(() => far.readableLength >= 16 * 1024, 'the buffer to fill');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(far.readableLength).toBeLessThanOrEqual(16 * 1024 + 64 * 1024);
  let received = 0;
  for await (const data of far) {
    received += (data as Buffer).length;
    if (received === 3_000_000) break;
  }
  expect(received).toBe(3_000_000);
});

test('writes before the connection is there are kept, in order', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = pair.client.connect(80, SERVER_ADDRESS);
  near.write('one ');
  near.write('two ');
  near.cork();
  near.write('three ');
  near.end('four');
  expect(near.connecting).toBe(true);
  expect(near.bytesWritten).toBe(18);
  const [far] = await accepted;
  expect(await text(far)).toBe('one two three four');
});

test('many small writes arrive as one stream', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer({ allowHalfOpen: true }), 80);
  const { near, far } = await connected(pair, server, 80);
  const whole = text(far);
  for (let i = 0; i < 20_000; i++) near.write(`${i},`);
  near.end();
  expect(await whole).toBe(Array.from({ length: 20_000 }, (_, i) => `${i},`).join(''));
});
