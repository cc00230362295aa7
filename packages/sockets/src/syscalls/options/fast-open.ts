/** TCP_FASTOPEN, TCP_FASTOPEN_CONNECT and TCP_FASTOPEN_NO_COOKIE (RFC 7413). */

import { EINVAL } from '../../errno.ts';
import type { SocketOption } from './option.ts';

/** Of a socket that listens, or may: never more than `somaxconn`. */
export const fastOpenBacklog: SocketOption = {
  get: (socket) => socket.options.fastOpenBacklog,
  range: '0 or more; `somaxconn` at most counts',
  set: (socket, value, { settings }) => {
    if (value < 0 || socket.connection !== null) return -EINVAL;
    socket.options.fastOpenBacklog = Math.min(value, settings.somaxconn);
    return 0;
  },
  apply: null,
};

export const fastOpenConnect: SocketOption = {
  get: (socket) => (socket.options.fastOpenConnect ? 1 : 0),
  range: '0 or 1, before connect()',
  set: (socket, value) => {
    if (value < 0 || value > 1 || socket.connection !== null || socket.listener !== null) return -EINVAL;
    socket.options.fastOpenConnect = value === 1;
    return 0;
  },
  apply: null,
};

export const fastOpenNoCookie: SocketOption = {
  get: (socket) => (socket.options.fastOpenNoCookie ? 1 : 0),
  range: '0 or 1, before connect()',
  set: (socket, value) => {
    if (value < 0 || value > 1 || socket.connection !== null) return -EINVAL;
    socket.options.fastOpenNoCookie = value === 1;
    return 0;
  },
  apply: null,
};
