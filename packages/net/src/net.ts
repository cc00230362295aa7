/** `@tcpstack/net`: the shape of `node:net` over a TCP stack in user space, for one stack of many and for the default one. */

import * as net from './default.ts';

export type { ConnectOptions, ListenOptions } from './arguments.ts';
export type { OnReadOptions } from './caller-reading.ts';
export * from './default.ts';
export type { Dial } from './dial.ts';
export type { Connect, ConnectAndSocketOptions, CreateServer, Net } from './net-shape.ts';
export type { ConnectionListener, ServerConstructor, ServerOptions } from './server-class.ts';
export type { SocketConstructor } from './socket-class.ts';
export type { SocketOptions } from './socket-init.ts';
export type { AddressInfo, Family } from './socket-names.ts';
export { createStack, type Stack, type StackOptions } from './stack.ts';

// biome-ignore lint/style/noDefaultExport: `import net from 'node:net'` is how programs import it, and types come with it.
export default net;
