/** A program whose server listens: it stays, unless told with "unref" that this is no reason to. */

import { createMemoryLinkPair } from '@tcpstack/runtime/memory-link';
import { createStack } from '../../src/net.ts';

const [link] = createMemoryLinkPair();
const server = createStack({ link, address: '10.0.0.1' }).createServer();
server.listen(7, () => console.log('listening'));
if (process.argv.includes('unref')) server.unref();
