/** A slow reader of a long stream: what waits between both ends is bounded, and so is the memory. */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { listening, makePair, SERVER_ADDRESS } from './pair.ts';

const MIB = 1 << 20;
const STREAM_BYTES = 1024 * MIB;
const CHUNK = Buffer.alloc(64 * 1024, 'slow ');
/** The send buffer grows to 4 MiB and the receive buffer to 8; besides, what both streams keep. */
const BETWEEN_BYTES_MAX = 13 * MIB;
/** Those buffers, what the wire keeps, and garbage that is not swept yet: an eighth of the stream. */
const MEMORY_BYTES_MAX = 128 * MIB;
/** Memory is looked at this often, with the garbage gone. */
const LOOK_BYTES = 64 * MIB;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function usedBytes(): Promise<number> {
  collectGarbage();
  await turn();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Chunks until the stream is long enough; `taken` is how many bytes somebody asked for. */
function source(taken: { bytes: number }): Readable {
  return new Readable({
    read() {
      taken.bytes += CHUNK.length;
      this.push(taken.bytes <= STREAM_BYTES ? CHUNK : null);
    },
  });
}

test('a slow reader of a stream of 1 GiB holds the writer back, and memory stays flat', async () => {
  const pair = makePair();
  const server = await listening(pair.server.createServer(), 80);
  const accepted = once(server, 'connection') as Promise<Socket[]>;
  const taken = { bytes: 0 };
  const near = pair.client.connect(80, SERVER_ADDRESS);
  source(taken).pipe(near as unknown as NodeJS.WritableStream);
  const [far] = (await accepted) as [Socket];

  let read = 0;
  let between = 0;
  const used: number[] = [];
  const before = await usedBytes();
  while (!far.readableEnded) {
    // Not all that waits, as an iteration would take: no more than one chunk in each turn of the loop.
    const chunk = (far.read(CHUNK.length) ?? far.read()) as Buffer | null;
    read += chunk?.length ?? 0;
    between = Math.max(between, taken.bytes - read);
    if (read >= (used.length + 1) * LOOK_BYTES) used.push(await usedBytes());
    await turn();
  }
  expect(read).toBe(STREAM_BYTES);
  expect(used).toHaveLength(STREAM_BYTES / LOOK_BYTES);
  expect(between).toBeLessThan(BETWEEN_BYTES_MAX);
  expect(Math.max(...used) - before).toBeLessThan(MEMORY_BYTES_MAX);
});
