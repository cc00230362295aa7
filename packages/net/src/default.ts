/** The module form of a stack: what `node:net` exports, bound to the default stack, which the first call makes. */

import { defaultStack } from './default-stack.ts';
import { Server as ServerOfStack } from './server.ts';
import { Socket as SocketOfStack } from './socket.ts';
import type { Stack } from './stack.ts';

export {
  BlockList,
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  isIP,
  isIPv4,
  isIPv6,
  SocketAddress,
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
} from 'node:net';
export { configureDefaultStack, defaultStack } from './default-stack.ts';

type Call = (...args: unknown[]) => never;

export const createServer: Stack['createServer'] = (...args: unknown[]) =>
  (defaultStack().createServer as Call)(...args);
export const connect: Stack['connect'] = (...args: unknown[]) => (defaultStack().connect as Call)(...args);
export const createConnection: Stack['createConnection'] = connect;
export const Server: Stack['Server'] = boundLater('Server', ServerOfStack.prototype, () => defaultStack().Server);
export type Server = ServerOfStack;
export const Socket: Stack['Socket'] = boundLater('Socket', SocketOfStack.prototype, () => defaultStack().Socket);
export type Socket = SocketOfStack;
export const Stream: Stack['Socket'] = Socket;

/** The class that `find` gives, which is not asked before the first object is made. */
function boundLater<C>(name: string, prototype: object, find: () => C): C {
  function Later(this: unknown, ...args: unknown[]): unknown {
    const found = find() as (...args: unknown[]) => unknown;
    if (new.target === undefined) return Reflect.apply(found, this, args);
    return Reflect.construct(found, args, (new.target as unknown) === Later ? found : new.target);
  }
  Object.defineProperty(Later, 'name', { value: name });
  Object.defineProperty(Later, 'prototype', { value: prototype });
  return Later as C;
}
