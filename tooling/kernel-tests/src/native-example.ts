/** An example on Node's own `net`, for the other end: `native-example.ts serve NAME`, or `ask NAME ADDRESS`. */

import net from 'node:net';
import { EXAMPLES } from '@tcpstack/examples/catalogue';
import type { Sockets } from '@tcpstack/examples/example';

const [role, name = '', address = ''] = process.argv.slice(2);
const example = EXAMPLES[name];
if (example === undefined) throw new Error(`no example "${name}"`);
const sockets = net as unknown as Sockets;

if (role === 'serve') {
  await example.serve(sockets, example.port);
  console.log('ready');
} else {
  for (const line of await example.ask(sockets, { address, port: example.port, isInsecure: true })) {
    console.log(`said ${line}`);
  }
  console.log('done');
}
