/** A worker that uses a whole stack, closes it, and tells what it left behind in what all programs share. */

import { EventEmitter } from 'node:events';
import nodeNet, { type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import type { Net } from '../trial.ts';

/** Names of everything that is global, and who listens to the process. */
function shared(): string[] {
  const listeners = process.eventNames().map((name) => `process on ${String(name)} ${process.listenerCount(name)}`);
  const members = [
    nodeNet.Socket.prototype,
    nodeNet.Server.prototype,
    nodeNet,
    EventEmitter.prototype,
    Array.prototype,
  ];
  return [
    ...Reflect.ownKeys(globalThis).map((name) => `global ${String(name)}`),
    ...members.flatMap((holder, at) => Reflect.ownKeys(holder).map((name) => `member ${at} ${String(name)}`)),
    ...listeners,
  ];
}

const event = (emitter: EventEmitter, name: string): Promise<unknown[]> =>
  new Promise((resolve) => emitter.once(name, (...values: unknown[]) => resolve(values)));

// Node makes some of its globals and members when they are first touched; that is not ours.
const before = new Set([...shared(), ...shared()]);
const { ourWorld } = await import('../worlds.ts');
const world = ourWorld();
const net: Net = world.net;
const server = net.createServer((socket: Socket) => socket.pipe(socket));
server.listen(0, '127.0.0.1');
await event(server, 'listening');
const address = server.address();
const near = net.connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
near.resume().end('through the stack');
await event(near, 'close');
server.close();
await world.close();
parentPort?.postMessage(shared().filter((name) => !before.has(name)));
