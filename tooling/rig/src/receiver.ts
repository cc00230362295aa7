/**
 * The receiving kernel: `receiver.ts <address>`. A line of standard input, a number of seconds, asks for a measurement:
 * it begins with the first byte that arrives, and ends with `measured <bytes>` and a reset of every connection.
 */

import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { PORT } from './addresses.ts';

const address = process.argv[2] as string;
const sockets = new Set<Socket>();
let bytes = 0;
/** Length of the measurement that waits for its first byte; 0 when none does. */
let seconds = 0;

function finish(): void {
  console.log(`measured ${bytes}`);
  for (const socket of sockets) socket.resetAndDestroy();
}

createServer((socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    if (seconds > 0) setTimeout(finish, seconds * 1000);
    seconds = 0;
    bytes += chunk.length;
  });
}).listen(PORT, address, () => console.log('ready'));

createInterface({ input: process.stdin }).on('line', (line) => {
  bytes = 0;
  seconds = Number(line);
  console.log('measuring');
});
