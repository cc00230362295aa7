/** SO_SNDBUF and SO_RCVBUF. */

import type { SocketOption } from './option.ts';

/** Smallest buffers, Linux's `SOCK_MIN_SNDBUF` and `SOCK_MIN_RCVBUF`, rounded. */
const BUFFER_MIN_BYTES = 4096;
/** Largest buffers: what a window scale of 14 can offer is more, but memory is not. */
const BUFFER_MAX_BYTES = 32 * 1024 * 1024;

/** Like Linux, which compares with the maximum as unsigned numbers. */
function bufferBytes(value: number): number {
  return value < 0 ? BUFFER_MAX_BYTES : Math.min(Math.max(value, BUFFER_MIN_BYTES), BUFFER_MAX_BYTES);
}

export const sendBuffer: SocketOption = {
  get: (socket) => socket.connection?.tcb.sendRing.limitBytes ?? socket.options.sendBufferBytes,
  set: (socket, value) => {
    socket.options.sendBufferBytes = bufferBytes(value);
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
  set: (socket, value) => {
    socket.options.receiveBufferBytes = bufferBytes(value);
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
