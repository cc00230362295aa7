// Node's fetch, to a server that speaks HTTP by hand.
import { once } from 'node:events';
import net from 'node:net';

const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello';
const server = net.createServer((socket) => socket.once('data', () => socket.end(answer)));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const response = await fetch(`http://127.0.0.1:${server.address().port}/`);
console.log(response.status, await response.text());
server.close();
