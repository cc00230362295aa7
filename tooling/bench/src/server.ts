/** The server under test: `server.js tcpstack|node ADDRESS`. The same program on both stacks. */

import type { Server } from 'node:http';
import { createServer as createNodeServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { createStack } from '@tcpstack/net';
import { TunLink } from '@tcpstack/tun';
import { CHUNK_BYTES, PORTS, TUN_HOST_ADDRESS } from './plan.ts';

interface NetServer {
  listen(port: number, host: string, onListening: () => void): unknown;
}
interface NetSocket extends Duplex {
  setNoDelay(on: boolean): unknown;
}
type CreateServer = (options: { allowHalfOpen: boolean }, onConnection: (socket: NetSocket) => void) => NetServer;

const [stackName, address] = process.argv.slice(2) as [string, string];
const createServer: CreateServer =
  stackName === 'tcpstack'
    ? createStack({ link: TunLink.open({ hostAddress: TUN_HOST_ADDRESS }), address }).createServer
    : (createNodeServer as unknown as CreateServer);

const chunk = Buffer.alloc(CHUNK_BYTES, 0x5a);

/** Counts what comes and says the count at the end. */
function sink(socket: NetSocket): void {
  let bytes = 0;
  socket.on('data', (data: Buffer) => {
    bytes += data.length;
  });
  socket.on('end', () => socket.end(`${bytes}\n`));
}

/** Writes as fast as it is let, until the peer goes away. */
function source(socket: NetSocket): void {
  const pump = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', pump);
  pump();
}

function echo(socket: NetSocket): void {
  socket.setNoDelay(true);
  socket.on('data', (data: Buffer) => socket.write(data));
  socket.on('end', () => socket.end());
}

/** Answers the first byte with one byte and closes. */
function oneByte(socket: NetSocket): void {
  socket.once('data', (data: Buffer) => socket.end(data.subarray(0, 1)));
}

function hold(socket: NetSocket): void {
  socket.resume();
}

let pages: Promise<Server> | undefined;

/** Loaded when the first one asks: what node:http keeps in the heap would weigh on the rows before. */
async function makePages(): Promise<Server> {
  const { createServer } = await import('node:http');
  return createServer((_request, response) => response.end('hello world\n'));
}

/** The documented way to give a connection to `node:http`, on both stacks. */
async function page(socket: NetSocket): Promise<void> {
  pages ??= makePages();
  (await pages).emit('connection', socket);
}

let waiting = 0;
for (const [handler, port] of [
  [sink, PORTS.sink],
  [source, PORTS.source],
  [echo, PORTS.echo],
  [oneByte, PORTS.oneByte],
  [hold, PORTS.idle],
  [page, PORTS.http],
] as const) {
  waiting++;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    void handler(socket);
  });
  server.listen(port, address, () => {
    if (--waiting === 0) console.log('ready');
  });
}

process.on('SIGINT', () => process.exit(0));

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line !== 'memory') return;
  const collect = (globalThis as { gc?: () => void }).gc;
  collect?.();
  collect?.();
  const { heapUsed, external } = process.memoryUsage();
  console.log(`memory ${heapUsed + external}`);
});
