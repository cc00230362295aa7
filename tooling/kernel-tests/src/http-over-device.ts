/** An HTTP server of Node's on a stack that says who asked: over TAP with our Ethernet address given, else over TUN. */

import { createServer } from 'node:http';
import { createStack, type Socket } from '@tcpstack/net';
import { TunLink } from '@tcpstack/tun';

const [macAddress] = process.argv.slice(2);
const ethernet = macAddress === undefined ? {} : { mode: 'tap' as const, macAddress };
const link = TunLink.open({ ...ethernet, hostAddress: ['10.77.0.1/24', 'fd00:77::1/64'] });
const stack = createStack({ link, address: '10.77.0.2', prefixBits: 24, moreAddresses: ['fd00:77::2/64'] });

const http = createServer((request, response) => {
  response.end(`${request.method} ${request.url} from ${request.socket.remoteAddress}\n`);
});
const server = stack.createServer((socket: Socket) => http.emit('connection', socket));
server.on('error', (error: Error) => console.log(`failed ${error.message}`));
server.listen(80, () => console.log('ready'));
