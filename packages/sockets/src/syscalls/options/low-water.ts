/** SO_RCVLOWAT and TCP_NOTSENT_LOWAT: how much makes a socket ready. */

import { setNotSentLowWater } from '@tcpstack/tcp/connection';
import type { SocketOption } from './option.ts';

/**
 * Like Linux: below 0 is as much as can be, 0 is 1, and no more than half of what the buffer may become, so that it can
 * come to pass.
 */
export const receiveLowWater: SocketOption = {
  get: (socket) => socket.options.receiveLowBytes,
  range: 'any; 1 to half of the buffer counts',
  set: ({ options }, value, { settings }) => {
    const buffer = options.receiveBufferLocked ? options.receiveBufferBytes : settings.receiveBufferMaxBytes;
    options.receiveLowBytes = Math.max(1, Math.min(value < 0 ? Infinity : value, Math.floor(buffer / 2)));
    return 0;
  },
  apply: null,
};

/** Linux keeps the int as unsigned: what is below 0 is as good as no mark. 0 leaves it to `tcp_notsent_lowat`. */
export const notSentLowWater: SocketOption = {
  get: (socket) => socket.options.notSentLowBytes | 0,
  range: 'any; below 0 is a very large number',
  set: ({ options }, value) => {
    options.notSentLowBytes = value >>> 0;
    return 0;
  },
  apply: (tcb, { notSentLowBytes }) => setNotSentLowWater(tcb, notSentLowBytes),
};
