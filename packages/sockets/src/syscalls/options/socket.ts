/** The options of level SOL_SOCKET. */

import {
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_MAX_PACING_RATE,
  SO_OOBINLINE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_STREAM,
} from '../../constants.ts';
import { EINVAL } from '../../errno.ts';
import { takeError, takeSoftError } from '../read.ts';
import { maxPacingRate } from './congestion.ts';
import { applyKeepAlive } from './keep-alive.ts';
import { flag, type OptionTable, readOnly, type SocketOption } from './option.ts';

/** Smallest buffers, Linux's `SOCK_MIN_SNDBUF` and `SOCK_MIN_RCVBUF`, rounded. */
const BUFFER_MIN_BYTES = 4096;
/** Largest buffers: what a window scale of 14 can offer is more, but memory is not. */
const BUFFER_MAX_BYTES = 32 * 1024 * 1024;

function bufferBytes(value: number): number {
  return Math.min(Math.max(value, BUFFER_MIN_BYTES), BUFFER_MAX_BYTES);
}

const linger: SocketOption = {
  get: (socket) => Math.max(socket.options.lingerSeconds, 0),
  set: (socket, value) => {
    if (value < -1) return -EINVAL;
    socket.options.lingerSeconds = value;
    return 0;
  },
  apply: null,
};

const sendBuffer: SocketOption = {
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

const receiveBuffer: SocketOption = {
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

const urgentInline = flag('urgentInline', (tcb, values) => {
  tcb.urgentInline = values.urgentInline;
});

export const SOCKET_OPTIONS: OptionTable = new Map([
  [SO_REUSEADDR, flag('reuseAddress', null)],
  [SO_TYPE, readOnly(() => SOCK_STREAM)],
  [SO_ERROR, readOnly((socket) => takeError(socket) || takeSoftError(socket))],
  [SO_SNDBUF, sendBuffer],
  [SO_RCVBUF, receiveBuffer],
  [SO_KEEPALIVE, flag('keepAlive', applyKeepAlive)],
  [SO_OOBINLINE, urgentInline],
  [SO_LINGER, linger],
  [SO_MAX_PACING_RATE, maxPacingRate],
  [SO_ACCEPTCONN, readOnly((socket) => (socket.listener === null ? 0 : 1))],
]);
