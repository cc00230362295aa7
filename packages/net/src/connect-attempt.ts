/** One attempt to connect: a descriptor, perhaps bound, with a SYN on its way. */

import { isIP } from 'node:net';
import type { Driver } from '@tcpstack/runtime/driver';
import { type SystemError, systemError } from '@tcpstack/runtime/system-error';
import { AF_INET, AF_INET6 } from '@tcpstack/sockets/constants';
import { EALREADY, ECONNREFUSED, EINPROGRESS, EINVAL } from '@tcpstack/sockets/errno';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import type { Socket } from './socket.ts';
import { kState } from './socket-state.ts';
import type { TcpHandle } from './tcp-handle.ts';

/** Where to, and from where. */
export interface Target {
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
}

/** Where the attempt is bound; `null` when nobody asked for it. */
interface Binding {
  readonly address: string;
  readonly port: number | undefined;
}

function bindingOf({ family, localAddress, localPort }: Target): Binding | null {
  if (!localAddress && !localPort) return null;
  return { address: localAddress || (family === 6 ? '::' : '0.0.0.0'), port: localPort };
}

/**
 * Gives the socket's handle a descriptor, bound where `target` says so.
 *
 * @returns The error of making or binding it; then nothing is left open.
 */
export function openAttempt(socket: Socket, handle: TcpHandle, target: Target): SystemError | null {
  if (handle.fd >= 0) return null;
  const { sys } = socket[kState].context.driver;
  const fd = sys.socket(target.family === 6 ? AF_INET6 : AF_INET);
  if (fd < 0) return systemError(fd, 'connect', target.address, target.port);
  const binding = bindingOf(target);
  if (binding !== null) {
    const bound = bind(sys, fd, target.family, binding);
    if (bound < 0) {
      sys.close(fd);
      return systemError(bound, 'bind', binding.address, binding.port);
    }
  }
  handle.open(fd);
  return null;
}

/** An address of the other family is none at all to Node. */
function bind(sys: Syscalls, fd: number, family: 4 | 6, { address, port }: Binding): number {
  return isIP(address) === family ? sys.bind(fd, address, port ?? 0) : -EINVAL;
}

/**
 * Connects the descriptor of `openAttempt`.
 *
 * @param done Called once, later, with how it ended: `null` for success. Not called when the handle closes first.
 * @returns The error when not even a SYN was sent.
 */
export function startAttempt(
  socket: Socket,
  handle: TcpHandle,
  target: Target,
  done: (error: SystemError | null) => void,
): SystemError | null {
  const { driver } = socket[kState].context;
  if (handle.isOpen) {
    // Node says so once more, whatever the target.
    setImmediate(() => done(null));
    return null;
  }
  const result = connect(driver.sys, handle, target);
  if (result === 0 || result === -EINPROGRESS) {
    handle.whenConnected((errno) => {
      if (errno !== 0) done(attemptError(errno, target));
      else if (isLoopback(target.address)) afterAccept(driver, handle, done);
      else done(null);
    });
    return null;
  }
  if (result === -ECONNREFUSED) {
    // As libuv does: a refusal comes later, wherever it was noticed.
    setImmediate(() => done(attemptError(result, target)));
    return null;
  }
  const local = driver.sys.getsockname(handle.fd);
  const from = typeof local === 'number' ? 'undefined:undefined' : `${local.address}:${local.port}`;
  return systemError(result, 'connect', target.address, target.port, from);
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/**
 * In the kernel a connection to oneself is there at both ends at once, and Node tells the server first; programs rely on
 * it. Here the last segment of the handshake still has to go out with this turn and to arrive with the next one.
 */
function afterAccept(driver: Driver, handle: TcpHandle, done: (error: null) => void): void {
  const { fd } = handle;
  driver.defer(() => {
    driver.defer(() => {
      if (handle.fd === fd && !handle.isConnecting) done(null);
    });
  });
}

function connect(sys: Syscalls, handle: TcpHandle, { address, port }: Target): number {
  if (handle.isConnecting) return -EALREADY;
  // The kernel sends a SYN to port 0, where nobody can listen; our stack does not send it.
  return port === 0 ? -ECONNREFUSED : sys.connect(handle.fd, address, port);
}

/** How an attempt failed, with where it was bound to when somebody said so. */
export function attemptError(errno: number, target: Target): SystemError {
  const binding = bindingOf(target);
  if (binding === null || !binding.port) return systemError(errno, 'connect', target.address, target.port);
  const { address, port } = binding;
  const error = systemError(errno, 'connect', target.address, target.port, `${address}:${port}`);
  return Object.assign(error, { localAddress: address, localPort: port });
}
