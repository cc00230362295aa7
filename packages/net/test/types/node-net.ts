/** Holds our types against those of `@types/node`: this file compiles when, and only when, they differ as listed here. */

import type net from 'node:net';
import type ours from '../../src/net.ts';
import type { Stack } from '../../src/net.ts';

type Module = typeof import('node:net');
type OurSocket = InstanceType<Stack['Socket']>;
type OurServer = InstanceType<Stack['Server']>;

/** Node 24.19 has it, and the Node that we are compared with has not. */
type ModuleDiffers = 'BoundSocket';

/** New in Node 24.15 and 24.19; and what Node's types call always there, and may be missing. */
type SocketDiffers = 'getTypeOfService' | 'setTypeOfService' | 'setKeepAlive' | 'autoSelectFamilyAttemptedAddresses';

/** Gone from Node at run time; and what may be missing. */
type ServerDiffers = 'connections' | 'maxConnections';

/** Fails to compile when `T` is not true. */
type Holds<T extends true> = T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Fits<Theirs, Ours, Differing extends keyof Theirs> = Ours & Pick<Theirs, Differing> extends Theirs ? true : false;
/** Those of `Differing` that need not be listed. */
type Needless<Theirs, Ours, Differing extends keyof Theirs> = {
  [K in Differing]: Fits<Theirs, Ours, Exclude<Differing, K>> extends true ? K : never;
}[Differing];

export type NoExportIsMissing = Holds<Same<Exclude<keyof Module, keyof Stack>, ModuleDiffers>>;
export type NorFromTheDefaultStack = Holds<Same<Exclude<keyof Module, keyof typeof ours>, ModuleDiffers>>;
export type SocketFits = Holds<Fits<net.Socket, OurSocket, SocketDiffers>>;
export type SocketDiffersNoLess = Holds<Same<Needless<net.Socket, OurSocket, SocketDiffers>, never>>;
export type ServerFits = Holds<Fits<net.Server, OurServer, ServerDiffers>>;
export type ServerDiffersNoLess = Holds<Same<Needless<net.Server, OurServer, ServerDiffers>, never>>;
// A member that is not there is seen.
export type MissingIsSeen = Holds<Same<Fits<net.Socket, Omit<OurSocket, 'resetAndDestroy'>, SocketDiffers>, false>>;

type Called<F> = F extends (...args: infer A) => unknown ? A : never;
type Taken = readonly [
  connectToOptions: (options: net.NetConnectOpts, listener?: () => void) => OurSocket,
  connectToPort: (port: number, host?: string, listener?: () => void) => OurSocket,
  connectToPath: (path: string, listener?: () => void) => OurSocket,
];
declare const stack: Stack;
export const connects: Taken = [stack.connect, stack.connect, stack.connect];
export const creates: Taken = [stack.createConnection, stack.createConnection, stack.createConnection];
export const serves: readonly [
  (listener?: (socket: OurSocket) => void) => OurServer,
  (options?: net.ServerOpts, listener?: (socket: OurSocket) => void) => OurServer,
] = [stack.createServer, stack.createServer];
export const makes: readonly [
  new (options?: net.SocketConstructorOpts) => OurSocket,
  new (listener?: (socket: OurSocket) => void) => OurServer,
  new (options?: net.ServerOpts, listener?: (socket: OurSocket) => void) => OurServer,
] = [stack.Socket, stack.Server, stack.Server];
export type TheRestIsTheSame = Holds<
  Same<
    Called<Module['setDefaultAutoSelectFamilyAttemptTimeout']>,
    Called<Stack['setDefaultAutoSelectFamilyAttemptTimeout']>
  >
>;
