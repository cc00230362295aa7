/** TCP_WINDOW_CLAMP. */

import { setWindowClamp } from '@tcpstack/tcp/connection';
import { EINVAL } from '../../errno.ts';
import type { SocketOption } from './option.ts';

/** Linux's `SOCK_MIN_RCVBUF / 2`: what is less becomes this. */
const WINDOW_CLAMP_MIN_BYTES = 1152;

/** Of a connection that has none, what its buffer allows. Taken away only before there is a connection. */
export const windowClamp: SocketOption = {
  get: ({ connection, options }) => options.windowClampBytes || (connection?.tcb.receiveRing.limitBytes ?? 0),
  range: 'any; 1152 at least counts; 0 before a connection only',
  set: ({ connection, listener, options }, value) => {
    if (value === 0 && (connection?.listed === true || listener !== null)) return -EINVAL;
    // Like Linux, which takes a negative int for a small one.
    options.windowClampBytes = value === 0 ? 0 : Math.max(value, WINDOW_CLAMP_MIN_BYTES);
    return 0;
  },
  apply: (tcb, { windowClampBytes }) => setWindowClamp(tcb, windowClampBytes || Infinity),
};
