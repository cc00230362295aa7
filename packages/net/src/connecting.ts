/** The first half of `connect()`: a descriptor, perhaps bound, with a SYN on its way. */

import { isIPv6 } from 'node:net';
import { type SystemError, systemError } from '@tcpstack/runtime/system-error';
import { AF_INET, AF_INET6 } from '@tcpstack/sockets/constants';
import { EINPROGRESS } from '@tcpstack/sockets/errno';
import type { Syscalls } from '@tcpstack/sockets/syscalls';
import type { ConnectCall } from './arguments.ts';

/**
 * Makes a socket for `call` and starts to connect it.
 *
 * @returns Its descriptor, or the error; then nothing is left open.
 */
export function startConnecting(sys: Syscalls, call: ConnectCall): number | SystemError {
  const fd = sys.socket(isIPv6(call.host) ? AF_INET6 : AF_INET);
  if (fd < 0) return systemError(fd, 'connect', call.host, call.port);
  const error = bindAndConnect(sys, fd, call);
  if (error === null) return fd;
  sys.close(fd);
  return error;
}

function bindAndConnect(sys: Syscalls, fd: number, call: ConnectCall): SystemError | null {
  if (call.localAddress !== undefined || call.localPort !== 0) {
    const address = call.localAddress ?? (isIPv6(call.host) ? '::' : '0.0.0.0');
    const bound = sys.bind(fd, address, call.localPort);
    if (bound < 0) return systemError(bound, 'bind', address, call.localPort);
  }
  const result = sys.connect(fd, call.host, call.port);
  if (result >= 0 || result === -EINPROGRESS) return null;
  return systemError(result, 'connect', call.host, call.port);
}
