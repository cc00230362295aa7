/** What a Server holds while it listens: a descriptor whose connections it takes. */

import { AsyncResource } from 'node:async_hooks';
import { isIPv6 } from 'node:net';
import { type SystemError, systemErrorWithText } from '@tcpstack/runtime/system-error';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  POLLERR,
  POLLHUP,
  POLLIN,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOL_SOCKET,
} from '@tcpstack/sockets/constants';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import { Accepting, type Acceptor } from './accepting.ts';
import type { OpenServer, StackContext } from './context.ts';
import { type AddressInfo, addressInfo } from './socket-names.ts';

/** Where to listen, and how. */
export interface ListenPlan {
  /** An address. */
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  readonly ipv6Only: boolean;
  readonly reusePort: boolean;
}

/** A server's `_handle`. */
export interface ServerHandle {
  address(): AddressInfo | string | null;
  close(): void;
  ref(): void;
  unref(): void;
  /** A connection of the server's has ended. */
  connectionEnded(): void;
}

/** That of the start of the program, and of no call of it. */
const noContext = new AsyncResource('TCPSTACK');

const ACCEPTABLE_EVENTS = POLLIN | POLLERR | POLLHUP;

export class ListenHandle extends AsyncResource implements ServerHandle {
  /** Of the stack, not of the operating system. */
  fd: number;
  readonly #context: StackContext;
  readonly #server: OpenServer;
  readonly #accepting: Accepting;
  #holdsProcess = true;

  /** @param fd It listens, and is ours from now on. */
  constructor(context: StackContext, server: OpenServer & Acceptor, fd: number) {
    super('TCPSTACKSERVER');
    const { driver, servers } = context;
    this.#context = context;
    this.#server = server;
    this.fd = fd;
    this.#accepting = new Accepting(context, server, fd, this);
    servers.add(server);
    driver.ref();
    driver.watch(fd, (revents) => {
      if ((revents & ACCEPTABLE_EVENTS) !== 0) noContext.runInAsyncScope(this.#accepting.run, this.#accepting);
    });
  }

  address(): AddressInfo | null {
    return addressInfo(this.#context.driver.host.sys.getsockname(this.fd));
  }

  /** Another descriptor of the same listener, for another server: each takes who waits when it looks. */
  duplicate(): number {
    return this.#context.driver.host.sys.dup(this.fd);
  }

  close(): void {
    if (this.fd < 0) return;
    const { driver, servers } = this.#context;
    this.#accepting.stop();
    driver.closeFd(this.fd);
    this.fd = -1;
    servers.delete(this.#server);
    if (this.#holdsProcess) driver.unref();
  }

  ref(): void {
    if (!this.#holdsProcess) this.#context.driver.ref();
    this.#holdsProcess = true;
  }

  unref(): void {
    if (this.#holdsProcess) this.#context.driver.unref();
    this.#holdsProcess = false;
  }

  hasRef(): boolean {
    return this.#holdsProcess;
  }

  connectionEnded(): void {
    this.#accepting.descriptorFreed();
  }

  getAsyncId(): number {
    return this.asyncId();
  }
}

/** A listening descriptor, or the error; then nothing is left open. */
export function openListener(sys: Syscalls, plan: ListenPlan): number | SystemError {
  const { host, port } = plan;
  const fd = sys.socket(isIPv6(host) ? AF_INET6 : AF_INET);
  if (fd < 0) return systemErrorWithText(fd, 'listen', host, port);
  // As Node does: a server may come back while connections of its last life are in TIME-WAIT.
  sys.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (plan.reusePort) sys.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (plan.ipv6Only) sys.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  let result = sys.bind(fd, host, port);
  if (result >= 0) result = sys.listen(fd, plan.backlog);
  if (result >= 0) return fd;
  sys.close(fd);
  return systemErrorWithText(result, 'listen', host, port);
}
