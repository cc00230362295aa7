/** The constructor `Socket` of one stack: a function, so that it can be called with and without `new`, as Node's can. */

import { Duplex } from 'node:stream';
import { BuiltInSocket } from './built-in.ts';
import { carryBy } from './connect-path.ts';
import type { StackContext } from './context.ts';
import { shapeConstructor } from './shape-constructor.ts';
import { Socket as Shape, type Socket } from './socket.ts';
import { type AcceptedOptions, initAccepted, initSocket, type SocketOptions } from './socket-init.ts';
import { kState } from './socket-state.ts';

/** `net.Socket`: to be called, constructed, extended, or called on an object that inherits from it. */
export interface SocketConstructor {
  new (options?: SocketOptions | number): Socket;
  (options?: SocketOptions | number): Socket;
  readonly prototype: Socket;
}

/** A connection that a server of the stack accepted. */
class Accepted {
  readonly fd: number;
  readonly options: AcceptedOptions;

  constructor(fd: number, options: AcceptedOptions) {
    this.fd = fd;
    this.options = options;
  }
}

export interface SocketClass {
  readonly Socket: SocketConstructor;
  /** A socket for a connection that was accepted; it does not read yet. */
  readonly accept: (fd: number, options: AcceptedOptions) => Socket;
}

export function socketClass(context: StackContext): SocketClass {
  function construct(this: Socket, given: SocketOptions | number | Accepted = {}): unknown {
    if (given instanceof Accepted) {
      initAccepted(this, context, given.options, given.fd);
      return this;
    }
    const options = typeof given === 'number' ? { fd: given } : (given ?? {});
    const isForeign = Boolean(options.handle) || options.fd !== undefined;
    // What is not TCP is the built-in's, whole, unless the program has a class of its own to be made.
    if (isForeign && Object.getPrototypeOf(this) === Bound.prototype) return new BuiltInSocket(options as never);
    initSocket(this, context, options);
    if (isForeign) carryBy(this, new BuiltInSocket({ ...(options as object), allowHalfOpen: true }));
    return this;
  }
  const Bound = shapeConstructor<SocketConstructor>({
    shape: Shape,
    base: Duplex,
    builtIn: BuiltInSocket,
    isOurs: isSocket,
    construct,
    name: (enter) =>
      function Socket(this: unknown, options?: unknown): unknown {
        return enter(this, new.target, [options]);
      },
  });
  const accept = Bound as unknown as new (accepted: Accepted) => Socket;
  return { Socket: Bound, accept: (fd, options) => new accept(new Accepted(fd, options)) };
}

function isSocket(value: unknown): boolean {
  return typeof value === 'object' && value !== null && kState in value;
}
