/** What a Server keeps to itself, under a symbol, as a Socket does. */

import type { StackContext } from './context.ts';
import type { SocketClass } from './socket-class.ts';

/** The key of a Server's state. */
export const kServer: unique symbol = Symbol('tcpstack.server');

export interface ServerState {
  readonly context: StackContext;
  readonly accept: SocketClass['accept'];
}
