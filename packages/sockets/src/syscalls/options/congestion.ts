/** TCP_CONGESTION and SO_MAX_PACING_RATE: how a connection finds out what the network can take, and a limit of the user. */

import { CONGESTION_NAMES } from '@tcpstack/tcp/congestion';
import { setMaxPace, switchCongestion } from '@tcpstack/tcp/connection';
import { EINVAL, ENOENT } from '../../errno.ts';
import { PACING_RATE_UNLIMITED } from '../../option-values.ts';
import type { SocketOption } from './option.ts';

/** At any time: a connection goes on with the window that it has. */
export const congestionName: SocketOption = {
  get: (socket) => socket.options.congestion,
  range: `${CONGESTION_NAMES.join(', ')}: else ENOENT`,
  set: () => -EINVAL,
  setOther: (socket, value) => {
    if (value === '') return -EINVAL;
    const name = CONGESTION_NAMES.find((one) => one === value);
    if (name === undefined) return -ENOENT;
    socket.options.congestion = name;
    return 0;
  },
  apply: (tcb, values, isOpen, nowMs) => switchCongestion(tcb, nowMs, values.congestion, isOpen),
};

export const maxPacingRate: SocketOption = {
  get: (socket) => socket.options.maxPacingRate,
  range: 'any, as an unsigned number',
  set: (socket, value) => {
    // Like Linux, which takes the int for unsigned.
    socket.options.maxPacingRate = value < 0 ? value >>> 0 : value;
    return 0;
  },
  apply: (tcb, { maxPacingRate: rate }, _isOpen, nowMs) => {
    // In Linux a rate of 0 is not waited for either.
    const isLimited = rate > 0 && rate !== PACING_RATE_UNLIMITED;
    setMaxPace(tcb, nowMs, isLimited ? rate / 1000 : Infinity);
  },
};
