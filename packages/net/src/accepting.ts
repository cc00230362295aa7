/** Takes the connections that wait at a listener. */

import type { AsyncResource } from 'node:async_hooks';
import type { BlockList } from 'node:net';
import { isIP } from 'node:net';
import { systemError } from '@tcpstack/runtime/system-error';
import { POLLIN } from '@tcpstack/sockets/constants';
import { EAGAIN } from '@tcpstack/sockets/errno';
import type { StackContext } from './context.ts';
import type { Socket } from './socket.ts';
import { type AddressInfo, addressInfo } from './socket-names.ts';

/** What a Server tells of whom it takes. */
export interface Acceptor {
  readonly maxConnections?: number | undefined;
  readonly _connections: number;
  readonly blockList?: BlockList | undefined;
  emit(event: string, ...args: unknown[]): boolean;
  /** Makes a socket of a connection. */
  admit(fd: number): Socket;
  /** Shows it to the program. */
  welcome(socket: Socket): void;
}

/** Connections taken before the event loop gets its turn. */
const ACCEPTS_PER_TURN = 128;

export class Accepting {
  readonly #context: StackContext;
  readonly #server: Acceptor;
  readonly #scope: AsyncResource;
  /** -1 once stopped. */
  #fd: number;
  #starved = false;

  /** @param scope Of the listener: 'connection' is told there, while the sockets themselves are in none, as in Node. */
  constructor(context: StackContext, server: Acceptor, fd: number, scope: AsyncResource) {
    this.#context = context;
    this.#server = server;
    this.#scope = scope;
    this.#fd = fd;
  }

  stop(): void {
    this.#fd = -1;
  }

  /** Takes all that wait. */
  run(): void {
    let again = true;
    try {
      again = this.#acceptSome();
    } finally {
      // A listener of the program threw, or others wait for their turn: no event will tell of the rest.
      if (again) this.#context.driver.defer(() => this.run());
    }
  }

  /** A descriptor is free: who waited for one is taken. */
  descriptorFreed(): void {
    if (!this.#starved) return;
    this.#starved = false;
    this.#context.driver.defer(() => this.run());
  }

  /** Accepts until none waits; true when it stopped at the limit of a turn. */
  #acceptSome(): boolean {
    for (let i = 0; i < ACCEPTS_PER_TURN; i++) {
      if (this.#fd < 0) return false;
      const { sys } = this.#context.driver;
      const fd = sys.accept(this.#fd);
      // accept() looks for a free descriptor before it looks who waits.
      if (fd === -EAGAIN || (fd < 0 && sys.poll([{ fd: this.#fd, events: POLLIN, revents: 0 }]) === 0)) return false;
      if (fd < 0) {
        // No descriptor is free. What waits stays in the queue until one of ours is given back.
        this.#starved = true;
        this.#server.emit('error', systemError(fd, 'accept'));
        return false;
      }
      this.#take(fd);
    }
    return true;
  }

  #take(fd: number): void {
    const { maxConnections, _connections, blockList } = this.#server;
    if (maxConnections != null && _connections >= maxConnections) this.#drop(fd);
    else if (blockList !== undefined && this.#isBlocked(blockList, fd)) this.#context.driver.sys.close(fd);
    else this.#scope.runInAsyncScope(this.#server.welcome, this.#server, this.#server.admit(fd));
  }

  #drop(fd: number): void {
    const { sys } = this.#context.driver;
    const local = addressInfo(sys.getsockname(fd));
    const remote = addressInfo(sys.getpeername(fd));
    sys.close(fd);
    const data = { __proto__: null, ...prefixed('local', local), ...prefixed('remote', remote) };
    this.#server.emit('drop', data);
  }

  #isBlocked(blockList: BlockList, fd: number): boolean {
    const address = addressInfo(this.#context.driver.sys.getpeername(fd))?.address;
    if (address === undefined || isIP(address) === 0) return false;
    return blockList.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

function prefixed(prefix: 'local' | 'remote', name: AddressInfo | null): Record<string, string | number> {
  if (name === null) return {};
  return { [`${prefix}Address`]: name.address, [`${prefix}Port`]: name.port, [`${prefix}Family`]: name.family };
}
