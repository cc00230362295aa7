// The ESM forms of the same module.
import { once } from 'node:events';
import * as all from 'node:net';
import net, { connect, createServer, Server, Socket } from 'node:net';

const server = createServer((socket) => socket.end('from the server')).listen(0, '127.0.0.1');
await once(server, 'listening');
const client = connect(server.address().port, '127.0.0.1');
for await (const data of client) console.log(String(data));
console.log(net.Socket === Socket, all.Server === Server, client instanceof Socket, server instanceof Server);
server.close();
