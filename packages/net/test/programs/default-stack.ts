/** A program that imports our module in place of `node:net`, and configures its stack itself. */

import { createMemoryLinkPair } from '@tcpstack/runtime/memory-link';
import net, { configureDefaultStack, connect, createStack, defaultStack, Server, Socket } from '../../src/net.ts';

const [near, far] = createMemoryLinkPair();
configureDefaultStack({ link: near, address: '10.0.0.1' });
const other = createStack({ link: far, address: '10.0.0.2' });

const server: net.Server = net.createServer((socket) => socket.end(`you are ${socket.remoteAddress}`));
server.listen(80, () => {
  const fromAfar = other.connect(80, '10.0.0.1');
  fromAfar.on('data', (data) => console.log(String(data)));
  fromAfar.on('close', () => {
    const fromHere = connect(80, '127.0.0.1');
    fromHere.on('data', (data) => console.log(String(data)));
    fromHere.on('close', () => server.close());
  });
});
console.log(server instanceof Server, new Socket() instanceof Socket, defaultStack().host.sockets().length);
try {
  configureDefaultStack({ link: near });
} catch (error) {
  console.log((error as Error).message);
}
