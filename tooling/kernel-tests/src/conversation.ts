/** One connection's worth of traffic, the same code on both sides: bytes out, bytes in, digests of both. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { ConnectionShape } from './net-shape.ts';
import { PseudoRandomStream } from './pseudo-random.ts';

/** What one side does with a connection. */
export interface Conversation {
  readonly sendBytes: number;
  /** The stream sent also depends on the client's port, so that crossed connections show. */
  readonly seed: number;
  /** `at-once`: send while receiving. `after-end`: only once the other side has sent its FIN. */
  readonly send: 'at-once' | 'after-end';
}

/** What one side saw of a connection. */
export interface Heard {
  /** The client's port: names the connection on both sides. */
  readonly clientPort: number;
  readonly sentBytes: number;
  readonly sentSha256: string;
  readonly receivedBytes: number;
  readonly receivedSha256: string;
}

/** Counts bytes of all conversations of a process, for a watchdog to look at. */
export const progress = { bytes: 0 };

/** Sends and receives as agreed, each with a FIN at its end; resolves when the connection is closed. */
export async function converse(
  connection: ConnectionShape,
  side: 'client' | 'server',
  conversation: Conversation,
): Promise<Heard> {
  const clientPort = (side === 'client' ? connection.localPort : connection.remotePort) ?? 0;
  const closed = once(connection, 'close');
  const receiving = receive(connection);
  closed.catch(() => {}); // said again by whoever waits for it below
  if (conversation.send === 'after-end') await receiving;
  const stream = new PseudoRandomStream(conversation.seed * 65536 + clientPort, conversation.sendBytes);
  const [sentSha256, received] = await Promise.all([send(connection, stream), receiving, closed]);
  return {
    clientPort,
    sentBytes: conversation.sendBytes,
    sentSha256,
    receivedBytes: received.bytes,
    receivedSha256: received.sha256,
  };
}

async function send(connection: ConnectionShape, stream: PseudoRandomStream): Promise<string> {
  const hash = createHash('sha256');
  for (let chunk = stream.next(); chunk !== undefined; chunk = stream.next()) {
    hash.update(chunk);
    const more = connection.write(chunk);
    progress.bytes += chunk.length;
    if (!more) await once(connection, 'drain');
  }
  connection.end();
  return hash.digest('hex');
}

function receive(connection: ConnectionShape): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  return new Promise((resolve, reject) => {
    connection.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
      progress.bytes += chunk.length;
    });
    connection.once('end', () => resolve({ bytes, sha256: hash.digest('hex') }));
    connection.once('error', reject);
    connection.once('close', () => reject(new Error(`closed after ${bytes} bytes without an end`)));
  });
}
