/** The module form of a stack: what `node:net` exports, bound to the default stack, which the first call makes. */

import { defaultStack } from './default-stack.ts';
import type { Server as ServerOfStack } from './server.ts';
import type { Socket as SocketOfStack } from './socket.ts';
import type { Stack } from './stack.ts';

export { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';
export { configureDefaultStack, defaultStack } from './default-stack.ts';

export const createServer: Stack['createServer'] = later('createServer');
export const connect: Stack['connect'] = later('connect');
export const createConnection: Stack['createConnection'] = connect;
export const Server: Stack['Server'] = later('Server');
export type Server = ServerOfStack;
export const Socket: Stack['Socket'] = later('Socket');
export type Socket = SocketOfStack;
export const Stream: Stack['Socket'] = Socket;
export const getDefaultAutoSelectFamily: Stack['getDefaultAutoSelectFamily'] = later('getDefaultAutoSelectFamily');
export const setDefaultAutoSelectFamily: Stack['setDefaultAutoSelectFamily'] = later('setDefaultAutoSelectFamily');
export const getDefaultAutoSelectFamilyAttemptTimeout: Stack['getDefaultAutoSelectFamilyAttemptTimeout'] = later(
  'getDefaultAutoSelectFamilyAttemptTimeout',
);
export const setDefaultAutoSelectFamilyAttemptTimeout: Stack['setDefaultAutoSelectFamilyAttemptTimeout'] = later(
  'setDefaultAutoSelectFamilyAttemptTimeout',
);

type FunctionName = { [K in keyof Stack]: Stack[K] extends (...args: never[]) => unknown ? K : never }[keyof Stack];

type AnyFunction = (...args: unknown[]) => unknown;

/** A function or class of the default stack, which is not made before something is asked of it. */
function later<K extends FunctionName>(name: K): Stack[K] {
  const find = () => defaultStack()[name] as AnyFunction;
  function StandIn() {}
  const standIn: object = new Proxy(StandIn, {
    apply: (_, self, args) => Reflect.apply(find(), self, args),
    construct: (_, args, Class) => Reflect.construct(find(), args, Class === standIn ? find() : Class),
    get(_, key, asked) {
      // Of a class that extends this one, only its own objects are.
      if (key !== Symbol.hasInstance || asked !== standIn) return Reflect.get(find(), key);
      return (object: unknown) => object instanceof find();
    },
    getPrototypeOf: () => Reflect.getPrototypeOf(find()),
  });
  return standIn as Stack[K];
}
