/** Two stacks with a wire between them, for tests. */

import { once } from 'node:events';
import type { Link } from '@tcpstack/runtime/link';
import { createMemoryLinkPair, type MemoryLinkOptions } from '@tcpstack/runtime/memory-link';
import { onTestFinished } from 'vitest';
import {
  createStack,
  type Server,
  type Socket,
  type SocketOptions,
  type Stack,
  type StackOptions,
} from '../src/net.ts';

export const SERVER_ADDRESS = '10.0.0.1';
export const CLIENT_ADDRESS = '10.0.0.2';

export interface Pair {
  /** At 10.0.0.1. */
  readonly server: Stack;
  /** At 10.0.0.2. */
  readonly client: Stack;
}

/** Both are closed when the test ends. `wrap` is for the client's link, `settings` are the server's, `clientSettings` the client's. */
export function makePair(
  options: MemoryLinkOptions = {},
  wrap: (link: Link) => Link = (link) => link,
  settings: StackOptions['settings'] = {},
  clientSettings: StackOptions['settings'] = {},
): Pair {
  const [a, b] = createMemoryLinkPair(options);
  const pair = {
    server: createStack({ link: a, address: SERVER_ADDRESS, settings }),
    client: createStack({ link: wrap(b), address: CLIENT_ADDRESS, settings: clientSettings }),
  };
  onTestFinished(async () => {
    await pair.client.close();
    await pair.server.close();
  });
  return pair;
}

/** A server that listens on `port`. */
export async function listening(server: Server, port: number): Promise<Server> {
  server.listen(port);
  await once(server, 'listening');
  return server;
}

/** Connects, and gives both ends once both have it. */
export async function connected(
  pair: Pair,
  server: Server,
  port: number,
  options: SocketOptions = {},
): Promise<{ near: Socket; far: Socket }> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = pair.client.connect({ port, host: SERVER_ADDRESS, ...options });
  await once(near, 'connect');
  const [far] = await accepted;
  return { near, far };
}

/** States of the connections of a stack, listeners aside. */
export function states(stack: Stack): string[] {
  return stack.host
    .sockets()
    .map(({ state }) => state)
    .filter((state) => state !== 'LISTEN');
}

/** Waits until `done()`; fails after a bounded time. */
export async function until(done: () => boolean, what: string, limitMs = 3000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!done()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
