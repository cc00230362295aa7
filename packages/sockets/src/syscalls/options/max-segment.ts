/** TCP_MAXSEG. */

import { setUserMss } from '@tcpstack/tcp/connection';
import { DEFAULT_SEND_MSS_BYTES } from '@tcpstack/tcp/limits';
import { EINVAL } from '../../errno.ts';
import type { SocketOption } from './option.ts';

/** Linux's TCP_MIN_MSS and MAX_TCP_WINDOW. */
const MAXSEG_MIN_BYTES = 88;
const MAXSEG_MAX_BYTES = 32_767;

/**
 * Of a connection, what its segments carry now; before, what was set, or else what all take. Bounds both directions; only
 * before it opens.
 */
export const maxSegment: SocketOption = {
  get: ({ connection, options }) => connection?.tcb.snd.mssBytes ?? (options.maxSegmentBytes || DEFAULT_SEND_MSS_BYTES),
  range: '88 to 32767, or 0 for no limit',
  set: (socket, value) => {
    if (value !== 0 && (value < MAXSEG_MIN_BYTES || value > MAXSEG_MAX_BYTES)) return -EINVAL;
    socket.options.maxSegmentBytes = value;
    return 0;
  },
  apply: (tcb, values, isOpen) => {
    if (!isOpen) setUserMss(tcb, values.maxSegmentBytes);
  },
};
