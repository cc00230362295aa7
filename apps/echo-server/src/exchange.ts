/** Several messages to an echo server in the same process, and what came back. */

import { createHash } from 'node:crypto';
import { Failure } from '@tcpstack/app-kit/cli';
import { createEmbedded, SERVER_ADDRESS } from '@tcpstack/app-kit/embedded';
import { connectionsEnded } from '@tcpstack/app-kit/orderly';
import type { Socket } from '@tcpstack/net';
import { serveEcho } from './echo.ts';

/** A step of the exchange; one line of `--json`. Times are milliseconds since the beginning. */
export type EchoEvent =
  | { readonly type: 'listening'; readonly timeMs: number; readonly address: string; readonly port: number }
  | { readonly type: 'connected'; readonly timeMs: number; readonly local: string; readonly remote: string }
  | {
      readonly type: 'echo';
      readonly timeMs: number;
      readonly sentBytes: number;
      readonly receivedBytes: number;
      readonly equal: boolean;
      readonly durationMs: number;
      readonly sha256: string;
    }
  | { readonly type: 'closed'; readonly timeMs: number; readonly clientState: string; readonly serverState: string }
  | { readonly type: 'packets'; readonly timeMs: number; readonly toServer: number; readonly toClient: number };

const PORT = 7;
/** Far more than any step takes. */
const PATIENCE_MS = 5000;
/** A word, a line, more than one segment, more than one window. */
const MESSAGES: readonly Uint8Array[] = [
  Buffer.from('hello'),
  Buffer.from('The quick brown fox jumps over the lazy dog.\n'),
  pattern(10_000),
  pattern(2 ** 20),
];

/**
 * Runs the exchange and tells each step.
 *
 * @returns Whether everything came back as it was sent.
 */
export async function runExchange(onEvent: (event: EchoEvent) => void, pcap?: string): Promise<boolean> {
  const startMs = performance.now();
  const timeMs = (): number => roundMs(performance.now() - startMs);
  const { client, server, serverLink, closeCapture } = createEmbedded({ pcap });
  let allEqual = true;
  try {
    const listener = await serveEcho(server, PORT);
    onEvent({ type: 'listening', timeMs: timeMs(), address: SERVER_ADDRESS, port: PORT });
    const socket = client.connect({ host: SERVER_ADDRESS, port: PORT, noDelay: true, allowHalfOpen: true });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Failure(`nothing came back for ${PATIENCE_MS / 1000} s`)));
    await happened(socket, 'connect');
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    onEvent({
      type: 'connected',
      timeMs: timeMs(),
      local: `${localAddress}:${localPort}`,
      remote: `${remoteAddress}:${remotePort}`,
    });
    for (const message of MESSAGES) {
      const sentMs = performance.now();
      const answer = await ask(socket, message);
      const equal = answer.equals(message);
      allEqual &&= equal;
      onEvent({
        type: 'echo',
        timeMs: timeMs(),
        sentBytes: message.length,
        receivedBytes: answer.length,
        equal,
        durationMs: roundMs(performance.now() - sentMs),
        sha256: createHash('sha256').update(answer).digest('hex'),
      });
    }
    const end = happened(socket, 'close');
    socket.resume().end();
    await end;
    listener.close();
    await connectionsEnded(server, PATIENCE_MS); // the client's last acknowledgment still crosses
    const state = (stack: typeof client): string =>
      stack.host.sockets().find(({ remote }) => remote !== null)?.state ?? 'CLOSED';
    onEvent({ type: 'closed', timeMs: timeMs(), clientState: state(client), serverState: state(server) });
    const { receivedPackets, sentPackets } = serverLink.stats;
    onEvent({ type: 'packets', timeMs: timeMs(), toServer: receivedPackets, toClient: sentPackets });
  } finally {
    await Promise.all([client.close(), server.close()]);
    closeCapture();
  }
  return allEqual;
}

/** Sends `message` and collects as many bytes as it has. */
async function ask(socket: Socket, message: Uint8Array): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let missing = message.length;
  const answered = new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      missing -= chunk.length;
      if (missing <= 0) finish();
    };
    const finish = (error?: Error): void => {
      socket.off('data', take).off('end', finish).off('error', finish).pause();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.on('data', take).on('end', finish).on('error', finish).resume();
  });
  socket.write(message);
  await answered;
  return Buffer.concat(chunks);
}

function happened(socket: Socket, event: 'connect' | 'close'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve()).once('error', reject);
  });
}

/** Bytes in which a piece lost, repeated or moved would show. */
function pattern(lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let state = 1;
  for (let i = 0; i < lengthBytes; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
