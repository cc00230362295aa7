/** `@tcpstack/net`: the shape of `node:net` over a TCP stack in user space. */

export type { ConnectOptions, ListenOptions } from './arguments.ts';
export { type ConnectionListener, Server, type ServerOptions } from './server.ts';
export { Socket, type SocketOptions } from './socket.ts';
export type { AddressInfo, Family } from './socket-names.ts';
export { type Connect, type CreateServer, createStack, type Stack, type StackOptions } from './stack.ts';
