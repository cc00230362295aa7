/** The client's side of a service: sends, collects what comes back, ends. */

import { once } from 'node:events';
import { Failure } from '@tcpstack/app-kit/cli';
import type { Socket, Stack } from '@tcpstack/net';
import { AF_INET, SOCK_DGRAM } from '@tcpstack/sockets/constants';

/** Far more than any step takes. */
const PATIENCE_MS = 5000;
const DATAGRAM_BYTES_MAX = 65_535;

/** Resolves when connected. */
export async function connectTo(stack: Stack, host: string, port: number): Promise<Socket> {
  const socket = stack.connect({ host, port, noDelay: true, allowHalfOpen: true });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Failure(`nothing came back for ${PATIENCE_MS / 1000} s`)));
  await once(socket, 'connect');
  return socket;
}

/** Sends `message` and collects `lengthBytes` bytes, or what comes before the peer's end. */
export async function ask(socket: Socket, message: Uint8Array, lengthBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let missing = lengthBytes;
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

/** Sends `message` and our end; resolves with all that comes until the peer's. */
export async function askToTheEnd(socket: Socket, message: Uint8Array): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.end(message);
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Ends our side, throws away what still comes, and resolves when both sides are closed. */
export async function hangUp(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const closed = once(socket, 'close');
  socket.resume().end();
  await closed;
}

/** Sends a datagram from a fresh port and resolves with the first that comes back. */
export async function askByDatagram(stack: Stack, host: string, port: number, message: Uint8Array): Promise<Buffer> {
  const { driver } = stack;
  const fd = driver.sys.socket(AF_INET, SOCK_DGRAM);
  const late = setTimeout(() => driver.closeFd(fd), PATIENCE_MS);
  try {
    await driver.connect(fd, host, port);
    driver.sys.send(fd, message, 0, message.length, 0); // also one of no bytes, which write() would not send
    const into = new Uint8Array(DATAGRAM_BYTES_MAX);
    return Buffer.from(into.subarray(0, await driver.read(fd, into)));
  } finally {
    clearTimeout(late);
    driver.closeFd(fd);
  }
}
