/** Node's own `net` as it was when this was loaded: what stands in its place later may be a stack of ours. */

import net from 'node:net';

export const BuiltInSocket = net.Socket;
export const BuiltInServer = net.Server;
export const connectBuiltIn = net.connect as (...args: unknown[]) => net.Socket;
export const createBuiltInServer = net.createServer;
