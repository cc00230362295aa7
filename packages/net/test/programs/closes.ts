/** A program that uses a stack, closes what it opened, and does not say `process.exit`. */

import { once } from 'node:events';
import { createMemoryLinkPair } from '@tcpstack/runtime/memory-link';
import { createStack } from '../../src/net.ts';

const [a, b] = createMemoryLinkPair();
const near = createStack({ link: a, address: '10.0.0.1' });
const far = createStack({ link: b, address: '10.0.0.2' });
const server = near.createServer((socket) => socket.pipe(socket)).listen(7);
await once(server, 'listening');
const socket = far.connect(7, '10.0.0.1');
socket.end('bye');
socket.on('data', (data) => console.log(String(data)));
socket.setTimeout(60_000);
await once(socket, 'close');
server.close();
console.log('closed');
