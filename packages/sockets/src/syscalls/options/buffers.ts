/** SO_SNDBUF and SO_RCVBUF, and both by force. */

import { ENOPROTOOPT } from '../../errno.ts';
import type { SocketOption } from './option.ts';

/** What a window scale of 14 can offer (RFC 7323 §2.3): no buffer is larger, not even by force. */
const BUFFER_MAX_BYTES = 2 ** 30;

/** Like Linux, which compares with the maximum as unsigned numbers. */
function bufferBytes(value: number, leastBytes: number, mostBytes: number): number {
  return Math.max(value < 0 ? mostBytes : Math.min(value, mostBytes), leastBytes);
}

/** With the right to administer the network, which everybody has here, the limit is nature's; below 0 is 0. */
function forcedBytes(value: number, leastBytes: number): number {
  return Math.min(Math.max(value, leastBytes), BUFFER_MAX_BYTES);
}

export const sendBuffer: SocketOption = {
  get: (socket) => socket.connection?.tcb.sendRing.limitBytes ?? socket.options.sendBufferBytes,
  range: 'any; between `tcp_wmem[0]` and `net.core.wmem_max` counts',
  set: (socket, value, { settings }) => {
    socket.options.sendBufferBytes = bufferBytes(value, settings.sendBufferMinBytes, settings.sendBufferAskedMaxBytes);
    socket.options.sendBufferLocked = true;
    return 0;
  },
  apply: (tcb, { sendBufferBytes, sendBufferLocked }) => {
    tcb.sendBufferLocked = sendBufferLocked;
    tcb.sendRing.limitBytes = sendBufferBytes;
  },
};

export const receiveBuffer: SocketOption = {
  get: (socket) => socket.connection?.tcb.receiveRing.limitBytes ?? socket.options.receiveBufferBytes,
  range: 'any; between `tcp_rmem[0]` and `net.core.rmem_max` counts',
  set: (socket, value, { settings }) => {
    socket.options.receiveBufferBytes = bufferBytes(
      value,
      settings.receiveBufferMinBytes,
      settings.receiveBufferAskedMaxBytes,
    );
    socket.options.receiveBufferLocked = true;
    return 0;
  },
  // "a TCP receiver SHOULD NOT shrink the window" [SHLD-14]: an open connection's buffer only grows.
  apply: (tcb, { receiveBufferBytes, receiveBufferLocked }, isOpen) => {
    const { receiveRing } = tcb;
    tcb.receiveBufferLocked = receiveBufferLocked;
    if (!isOpen || receiveBufferBytes > receiveRing.limitBytes) receiveRing.limitBytes = receiveBufferBytes;
  },
};

/** Like Linux, which has SO_SNDBUF for that. */
const unread = () => -ENOPROTOOPT;

export const sendBufferForce: SocketOption = {
  ...sendBuffer,
  get: unread,
  range: 'any; up to 1 GiB counts',
  set: ({ options }, value, { settings }) => {
    options.sendBufferBytes = forcedBytes(value, settings.sendBufferMinBytes);
    options.sendBufferLocked = true;
    return 0;
  },
};

export const receiveBufferForce: SocketOption = {
  ...receiveBuffer,
  get: unread,
  range: 'any; up to 1 GiB counts',
  set: ({ options }, value, { settings }) => {
    options.receiveBufferBytes = forcedBytes(value, settings.receiveBufferMinBytes);
    options.receiveBufferLocked = true;
    return 0;
  },
};
